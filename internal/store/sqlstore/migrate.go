package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// A migration that has been released is never edited; the next one is added. It
// only adds what the release before it can run with.
//
//go:embed migrations
var migrations embed.FS

// Where the migrations of each kind of database lie.
const (
	sqliteMigrations   = "migrations/sqlite"
	postgresMigrations = "migrations/postgres"
)

// lastMigration returns the version to which the migrations in a directory lead.
func lastMigration(dir string) (int64, error) {
	files, err := fs.ReadDir(migrations, dir)
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("find the migrations: %w", err)
	}
	return goose.NumericComponent(files[len(files)-1].Name())
}

// migrate applies the migrations that the database does not have yet.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, dir string) error {
	provider, err := migrator(db, dialect, dir)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func migrator(db *sql.DB, dialect goose.Dialect, dir string) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, dir)
	if err != nil {
		return nil, fmt.Errorf("find the migrations: %w", err)
	}
	provider, err := goose.NewProvider(
		dialect, db, files,
		goose.WithTableName("migrations"),
		goose.WithLogger(goose.NopLogger()),
		goose.WithDisableGlobalRegistry(true),
	)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, nil
}
