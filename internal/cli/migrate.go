package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

type migrateCmd struct {
	Config      string `placeholder:"FILE" help:"Configuration file (YAML)."`
	Data        string `placeholder:"DIR" help:"Data directory with the SQLite database. Without it ./grantd-data."`
	DatabaseURL word   `name:"database-url" placeholder:"URL" help:"PostgreSQL database. Others on this machine can see flags: a password belongs into GRANTD_DATABASE_URL or PGPASSWORD."`
	Check       bool   `help:"Change nothing; exit with 1 when there is something to migrate."`
}

// Help shows examples.
func (migrateCmd) Help() string {
	return "grantd serve does the same when it starts. Nodes of the release before go on working on the new schema.\n\nExamples:\n\n" +
		"\tgrantd migrate --data /var/lib/grantd\n" +
		"\tgrantd migrate --check --database-url 'postgres://grantd@db1,db2/grantd?sslmode=verify-full'\n"
}

// Run migrates the database, or says whether it has to be.
func (c *migrateCmd) Run(ctx context.Context, a *app) error {
	// The issuer is no concern of a database.
	settings := settingFlags{Dev: true, Config: c.Config, Data: c.Data, DatabaseURL: c.DatabaseURL}
	loaded, err := settings.load(a)
	if err != nil {
		return err
	}
	where, name, err := databaseOf(loaded)
	if err != nil {
		return err
	}
	before, err := sqlstore.ReadSchema(ctx, where)
	if err != nil {
		return err
	}
	if before.Have >= before.Wanted {
		fmt.Fprintf(a.stdout, "the database %s has schema %d; there is nothing to migrate\n", name, before.Have)
		return nil
	}
	if c.Check {
		return fault.Hint(fmt.Errorf("the database %s has schema %d and is to be migrated to %d", name, before.Have, before.Wanted),
			"run grantd migrate, or start grantd serve, which migrates by itself")
	}
	err = migrate(ctx, where, loaded)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "migrated the database %s from schema %d to %d\n", name, before.Have, before.Wanted)
	return nil
}

// migrate opens the database, which brings its schema up to date.
func migrate(ctx context.Context, where sqlstore.Config, c config.Config) error {
	if where.Path != "" {
		err := prepareDataDir(c.DataDir)
		if err != nil {
			return err
		}
	}
	db, err := sqlstore.Open(ctx, where)
	if err != nil {
		return err
	}
	return db.Close()
}
