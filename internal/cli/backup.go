package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/grantd/grantd/internal/store/sqlstore"
)

type backupCmd struct {
	File     word          `arg:"" help:"File to create. One that exists is never overwritten."`
	Database databaseFlags `embed:""`
}

// Help says what is not in a backup.
func (backupCmd) Help() string {
	return "Copies the SQLite database as it is at one moment, while a server runs or not, and reads all of the copy before it has its name. " +
		"The master key and the pepper are not in it: keep a copy of both files, or of both variables, in another place. " +
		"Without them no backup is of any use, and whoever has all three has everything.\n\n" +
		"A PostgreSQL database is copied with its own tools, pg_dump or an archive of its log.\n\nExamples:\n\n" +
		"\tgrantd backup /backups/grantd-2026-01-31.db\n" +
		"\tgrantd backup --data /var/lib/grantd /backups/grantd-2026-01-31.db\n"
}

// Run makes the backup.
func (c *backupCmd) Run(ctx context.Context, a *app) error {
	loaded, path, err := c.Database.sqlite(a, "grantd backup",
		"copy it with pg_dump --format=custom, or keep an archive of its log; see Backup and restore in docs/operations.md")
	if err != nil {
		return err
	}
	contents, err := sqlstore.Backup(ctx, path, string(c.File))
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "wrote %s and read it again: it is whole\n\n", clean(string(c.File)))
	printContents(a, contents)
	fmt.Fprintf(a.stdout, "\nThe master key and the pepper are not in it. Keep copies of both in another place:\n\n  %s\n  %s\n",
		clean(loaded.MasterKeyFile), clean(loaded.PepperFile))
	return nil
}

func printContents(a *app, c sqlstore.Contents) {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	last := "never"
	if !c.Last.IsZero() {
		last = printInstant(c.Last)
	}
	printFields(a.stdout, [][2]string{
		{"schema", number(c.Schema)},
		{"APIs", number(c.APIs)},
		{"keys", number(c.Keys)},
		{"signing keys", number(c.SigningKeys)},
		{"revocations", number(c.Revocations)},
		{"audit rows", number(c.AuditRows)},
		{"last change", last},
		{"audit head", fmt.Sprintf("%x", c.AuditHead)},
	})
}
