package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/server"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

// keepFlags are about tokens that were issued before a database was put back.
type keepFlags struct {
	KeepTokens bool `help:"Do not end the tokens that were issued until now. What was revoked since the copy was made may then be good again, and a refresh token that was used up since may be used again, by a thief as well."`
}

func (f keepFlags) consequence(what string) string {
	if f.KeepTokens {
		return what + ", and tokens that were revoked since may be good again"
	}
	return what + ", and ends every token that was issued until now"
}

// told says what became of the tokens.
func (f keepFlags) told() string {
	if f.KeepTokens {
		return "Tokens that were issued before are kept: what was revoked since the copy was made may be good again,\n" +
			"and a refresh token that was used up since can be used again. Revoke what must not be: grantd revoke"
	}
	return "Every token that was issued until now has ended; programs get new ones with their secrets."
}

// undone is what the operator has to look at.
const undone = "What was done after the copy was made is undone: keys that were disabled or deleted since work again, and so do\n" +
	"secrets that were retired; keys and secrets that were made since are gone."

type restoreCmd struct {
	File     word          `arg:"" help:"File that grantd backup has made."`
	Database databaseFlags `embed:""`
	Keep     keepFlags     `embed:""`
	Consent  consentFlags  `embed:""`
}

// Help says what a restoration does.
func (restoreCmd) Help() string {
	return "Puts a backup in the place of the SQLite database of a server that does not run. All of the backup is checked first, and the replaced " +
		"database stays beside it. Every token that was issued until now ends, because the revocations since the backup are lost. " +
		"Asks first, unless --yes is given.\n\n" +
		"After a PostgreSQL database was put back, run grantd epoch new.\n\nExamples:\n\n" +
		"\tgrantd restore --data /var/lib/grantd /backups/grantd-2026-01-31.db\n"
}

// Run restores the database.
func (c *restoreCmd) Run(ctx context.Context, a *app) error {
	loaded, path, err := c.Database.sqlite(a, "grantd restore",
		"put it back with pg_restore or to a point in time, and then run: grantd epoch new; see Backup and restore in docs/operations.md")
	if err != nil {
		return err
	}
	err = prepareDataDir(loaded.DataDir)
	if err != nil {
		return err
	}
	done, err := sqlstore.Restore(ctx, sqlstore.Restoration{
		Database: path, File: string(c.File), By: a.operator(), KeepTokens: c.Keep.KeepTokens,
		Before: func(sqlstore.Contents) error {
			err := c.Consent.confirm(a, c.Keep.consequence("this puts the backup in the place of the database"))
			if err == nil {
				err = server.ForgetSnapshot(loaded.DataDir)
			}
			return err
		},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "restored %s from %s\n\n", clean(path), clean(string(c.File)))
	printContents(a, done.Contents)
	fmt.Fprintf(a.stdout, "\n%s\n\n%s\n", c.Keep.told(), undone)
	c.tellReplaced(a, done)
	return nil
}

func (c *restoreCmd) tellReplaced(a *app, done sqlstore.Restored) {
	switch {
	case done.Replaced == "":
	case done.Lost < 0:
		fmt.Fprintf(a.stdout, "\nThe replaced database is damaged; it is kept as %s\n", clean(done.Replaced))
	default:
		fmt.Fprintf(a.stdout, "\nThe replaced database has %d audit rows that the backup does not have; it is kept as %s\n", done.Lost, clean(done.Replaced))
	}
}
