package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/server"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

type epochCmds struct {
	New epochNewCmd `cmd:"" help:"End every token after a database was put back to an earlier state."`
}

type epochNewCmd struct {
	Database databaseFlags `embed:""`
	Keep     keepFlags     `embed:""`
	Consent  consentFlags  `embed:""`
}

// Help says when it is needed.
func (epochNewCmd) Help() string {
	return "For a database that was put back by other means than grantd restore: pg_restore, a point in time, a copy of the disk. " +
		"The revocations since then are lost, so every token that was issued until now ends. Nodes on PostgreSQL may run meanwhile and follow within a second; " +
		"a server on SQLite may not. Asks first, unless --yes is given.\n\nExamples:\n\n" +
		"\tgrantd epoch new --database-url 'postgres://grantd@db1,db2/grantd?sslmode=verify-full'\n" +
		"\tgrantd epoch new --data /var/lib/grantd --yes\n"
}

// Run begins the epoch.
func (c *epochNewCmd) Run(ctx context.Context, a *app) error {
	loaded, settings, where, err := c.Database.find(a)
	if err != nil {
		return err
	}
	err = c.Consent.confirm(a, c.Keep.consequence("this begins a new epoch of the database "+where))
	if err != nil {
		return err
	}
	db, err := sqlstore.Open(ctx, settings)
	if err != nil {
		return err
	}
	by := a.operator()
	epoch := store.StartEpoch{Before: by.At}
	if c.Keep.KeepTokens {
		epoch = store.StartEpoch{}
	}
	if settings.URL == "" {
		err = server.ForgetSnapshot(loaded.DataDir)
	}
	if err == nil {
		_, err = db.Write(ctx, by, epoch)
	}
	err = errors.Join(err, db.Close())
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "a new epoch of %s has begun\n\n%s\n\n%s\n", clean(where), c.Keep.told(), undone)
	return nil
}
