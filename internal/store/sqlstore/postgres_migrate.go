package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
)

// The lock is a row that is inserted and never committed: of several nodes that
// start at once, the others wait for the first one's transaction to end, however
// it ends. Advisory locks are of sessions, which a pgbouncer in transaction mode
// does not have.
const (
	beginLock = `
BEGIN;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL lock_timeout = 0;
SET LOCAL statement_timeout = 0`

	insertLock = `
INSERT INTO migration_lock (id) VALUES ($1)`

	createLock = `
CREATE TABLE IF NOT EXISTS migration_lock (id BIGINT NOT NULL PRIMARY KEY)`
)

// migrateTogether applies the migrations that the database does not have yet,
// while other nodes wait. The lock is held on a connection of another pool. A node
// that finds the schema as it needs it, or a newer one that it can use, writes nothing.
func migrateTogether(ctx context.Context, db, locks *sql.DB) error {
	migrated, err := isMigrated(ctx, locks)
	if err != nil || migrated {
		return err
	}
	conn, err := locks.Conn(ctx)
	if err != nil {
		return err
	}
	err = lockMigrations(ctx, conn)
	if err == nil {
		err = migrate(ctx, db, goose.DialectPostgres, postgresMigrations)
		if err == nil {
			err = noteOldest(ctx, db, oldestOnPostgres)
		}
		_, unlock := conn.ExecContext(context.WithoutCancel(ctx), rollback)
		err = errors.Join(err, unlock)
	}
	return errors.Join(err, conn.Close())
}

// What nodes meet that make a table at the same time, or look for one that is not
// there yet.
const (
	undefinedTable  = "42P01"
	duplicateTable  = "42P07"
	duplicateObject = "42710"
)

func isMigrated(ctx context.Context, db *sql.DB) (bool, error) {
	schema, err := schemaOf(ctx, db, postgresMigrations)
	if err == nil {
		err = checkSchema(ctx, db, schema.Have, schema.Wanted)
	}
	return schema.Have >= schema.Wanted, err
}

func lockMigrations(ctx context.Context, conn *sql.Conn) error {
	for attempt := 1; ; attempt++ {
		_, err := conn.ExecContext(ctx, beginLock)
		if err == nil {
			_, err = conn.ExecContext(ctx, insertLock, 1)
		}
		if err == nil {
			return nil
		}
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), rollback)
		if code(err) == undefinedTable {
			_, err = conn.ExecContext(ctx, createLock)
		}
		if err == nil {
			continue
		}
		const attempts = 20
		known := collided(err) || code(err) == duplicateTable || code(err) == duplicateObject
		if !known || attempt >= attempts || pause(ctx, attempt) != nil {
			return fmt.Errorf("lock the migrations: %w", err)
		}
	}
}
