package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

// What of the schema is about releases. A release migrates to the last of its
// migrations, and those only add what the release before it can run with: so nodes of
// two releases work on one database while they are replaced one by one. To tell that
// release, this one writes into the settings which schema it had; where a migration is
// not of that kind, the number here becomes its own.
const (
	oldestOnSQLite   = 3
	oldestOnPostgres = 1

	oldestSetting = "oldest schema of a release that can use this one"
)

const selectOldest = `
SELECT value FROM settings WHERE name = $1`

const selectSchema = `
SELECT coalesce(max(version_id), 0) FROM migrations WHERE is_applied`

// checkSchema refuses a database of a release that this one cannot work beside.
func checkSchema(ctx context.Context, db *sql.DB, have, wanted int64) error {
	if have <= wanted {
		return nil
	}
	// A release that wrote nothing can be the next one only.
	oldest := have - 1
	var value []byte
	err := db.QueryRowContext(ctx, selectOldest, oldestSetting).Scan(&value)
	if err == nil {
		oldest, err = strconv.ParseInt(string(value), 10, 64)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read which releases can use the database: %w", err)
	}
	if oldest <= wanted {
		return nil
	}
	return fault.Hint(
		fmt.Errorf("the database has schema %d, which this version of grantd cannot use: it has %d, and %d is the oldest that can", have, wanted, oldest),
		"start the version that migrated the database, or a later one; only the version right before it can be used beside it",
	)
}

// noteOldest tells earlier releases whether they can use what this one has migrated.
func noteOldest(ctx context.Context, db *sql.DB, oldest int64) error {
	_, err := db.ExecContext(ctx, upsertSetting, oldestSetting, strconv.AppendInt(nil, oldest, 10))
	if err != nil {
		return fmt.Errorf("note which releases can use the database: %w", err)
	}
	return nil
}

// Schema is how far a database is migrated, and how far this version of grantd takes it.
type Schema struct{ Have, Wanted int64 }

// ReadSchema looks at a database without changing it, also while a server has it open. One
// that is not there yet, or empty, has schema 0.
func ReadSchema(ctx context.Context, cfg Config) (Schema, error) {
	if cfg.URL == "" {
		return readFileSchema(ctx, cfg.Path)
	}
	config, err := parseURL(cfg.URL)
	if err != nil {
		return Schema{}, err
	}
	db := pool(config, 1)
	defer func() { _ = db.Close() }() // nothing was written
	return readSchema(ctx, db, postgresMigrations, "read the schema of "+location(config))
}

func readFileSchema(ctx context.Context, path string) (Schema, error) {
	wanted, err := lastMigration(sqliteMigrations)
	if err != nil {
		return Schema{}, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Schema{Wanted: wanted}, nil
	}
	doing := "read the schema of " + path
	path, err = filepath.Abs(path)
	if err != nil {
		return Schema{}, fmt.Errorf("%s: %w", doing, err)
	}
	db, err := sql.Open("sqlite", readerDSN(path))
	if err != nil {
		return Schema{}, failed(doing, err)
	}
	defer func() { _ = db.Close() }() // nothing was written
	var tables int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'migrations'`).Scan(&tables)
	if err != nil {
		return Schema{}, failed(doing, err)
	}
	if tables == 0 {
		return Schema{Wanted: wanted}, nil
	}
	return readSchema(ctx, db, sqliteMigrations, doing)
}

func readSchema(ctx context.Context, db *sql.DB, migrations, doing string) (Schema, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	s, err := schemaOf(ctx, db, migrations)
	if err == nil {
		err = checkSchema(ctx, db, s.Have, s.Wanted)
	}
	if err != nil {
		return Schema{}, answer(store.ErrUnavailable, doing, err)
	}
	return s, nil
}

func schemaOf(ctx context.Context, db *sql.DB, migrations string) (Schema, error) {
	var s Schema
	var err error
	s.Wanted, err = lastMigration(migrations)
	if err != nil {
		return s, err
	}
	err = db.QueryRowContext(ctx, selectSchema).Scan(&s.Have)
	if code(err) == undefinedTable {
		err = nil
	}
	return s, err
}
