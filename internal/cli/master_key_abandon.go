package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/server"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

type masterKeyCmds struct {
	Abandon masterKeyAbandonCmd `cmd:"" help:"Go on without a master key that is lost."`
}

type masterKeyAbandonCmd struct {
	Database databaseFlags `embed:""`
	Consent  consentFlags  `embed:""`
}

// Help says what is lost with the key and what is not.
func (masterKeyAbandonCmd) Help() string {
	return "For a database whose master key is gone, with every copy of it. Takes the configured master key for the database's own from now on, or makes " +
		"one when there is none. The signing keys that the lost one has sealed are replaced, and every token that was issued until now ends; " +
		"keys, their secrets and APIs stay. Stop every server on the database first. Asks first, unless --yes is given.\n\nExamples:\n\n" +
		"\tgrantd master-key abandon --data /var/lib/grantd\n"
}

// Run abandons the key.
func (c *masterKeyAbandonCmd) Run(ctx context.Context, a *app) error {
	loaded, settings, where, err := c.Database.find(a)
	if err != nil {
		return err
	}
	err = c.Consent.confirm(a, "this gives up the master key of the database "+where+", replaces its signing keys, and ends every token that was issued until now")
	if err != nil {
		return err
	}
	db, err := sqlstore.Open(ctx, settings)
	if err != nil {
		return err
	}
	done, err := server.ReplaceLostMasterKey(ctx, loaded, db, a.operator())
	if err == nil {
		err = server.ForgetSnapshot(loaded.DataDir)
	}
	err = errors.Join(err, db.Close())
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "the database %s has a new master key\n", clean(where))
	if done.Created != "" {
		fmt.Fprintf(a.stdout, "made %s; keep a copy of it, apart from copies of the database\n", clean(done.Created))
	}
	for _, id := range done.Revoked {
		fmt.Fprintf(a.stdout, "revoked signing key %s\n", clean(id))
	}
	for _, id := range done.Replaced {
		fmt.Fprintf(a.stdout, "made signing key %s\n", clean(id))
	}
	fmt.Fprint(a.stdout, "\nEvery token that was issued until now has ended; programs get new ones with their secrets. APIs that verify\n"+
		"tokens themselves fetch the new signing keys. The one-time codes of operators are lost, too: grantd operator reset NAME invites\n"+
		"anew who signs in with them.\n")
	return nil
}
