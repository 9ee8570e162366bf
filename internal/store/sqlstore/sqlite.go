package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver named "sqlite"

	"github.com/grantd/grantd/internal/store"
)

// sqliteEngine is an open SQLite database.
type sqliteEngine struct {
	// writer has one connection; readers have several that cannot write.
	writer, readers *sql.DB
	session         *session
	lock            *os.File
}

var _ engine = (*sqliteEngine)(nil)

// maxReaders bounds the connections that read. They are opened when needed.
const maxReaders = 8

// IMMEDIATE takes the write lock at once, so no statement after it has to wait
// for it.
const beginImmediate = `BEGIN IMMEDIATE`

// openSQLite locks the database file, creates it if need be, and brings its
// schema up to date.
func openSQLite(ctx context.Context, path string, count func(name string)) (*sqliteEngine, error) {
	path, err := createFile(path)
	if err != nil {
		return nil, err
	}
	lock, err := lockDatabase(path)
	if err != nil {
		return nil, err
	}
	e := &sqliteEngine{lock: lock}
	err = e.connect(ctx, path, count)
	if err != nil {
		return nil, errors.Join(answer(store.ErrUnavailable, "open database "+path, err), e.close())
	}
	return e, nil
}

func (e *sqliteEngine) connect(ctx context.Context, path string, count func(name string)) error {
	var err error
	e.writer, err = sql.Open("sqlite", writerDSN(path))
	if err != nil {
		return err
	}
	e.writer.SetMaxOpenConns(1)
	err = claim(ctx, e.writer)
	if err != nil {
		return err
	}
	err = migrateAlone(ctx, e.writer)
	if err != nil {
		return err
	}
	conn, err := e.writer.Conn(ctx)
	if err != nil {
		return err
	}
	e.session = &session{conn: conn, count: count, prepared: make(map[string]*sql.Stmt)}
	e.readers, err = sql.Open("sqlite", readerDSN(path))
	if err != nil {
		return err
	}
	e.readers.SetMaxOpenConns(maxReaders)
	e.readers.SetMaxIdleConns(maxReaders)
	return nil
}

// migrateAlone applies the migrations that the file does not have yet.
func migrateAlone(ctx context.Context, db *sql.DB) error {
	provider, err := migrator(db, goose.DialectSQLite3, sqliteMigrations)
	if err != nil {
		return err
	}
	have, wanted, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	if have >= wanted {
		return checkSchema(ctx, db, have, wanted)
	}
	err = migrate(ctx, db, goose.DialectSQLite3, sqliteMigrations)
	if err != nil {
		return err
	}
	return noteOldest(ctx, db, oldestOnSQLite)
}

// read runs the query once: what fails on one machine fails again.
func (e *sqliteEngine) read(ctx context.Context, query func(context.Context, *sql.DB) error) error {
	return query(ctx, e.readers)
}

// transact runs body once, because nobody else can write.
func (e *sqliteEngine) transact(ctx context.Context, _ bool, body func(context.Context, *session) error) error {
	err := e.session.exec(ctx, "begin", beginImmediate)
	if err != nil {
		return answer(store.ErrUnavailable, "begin a transaction", err)
	}
	err = body(ctx, e.session)
	if err == nil {
		err = e.session.flush(ctx)
	}
	if err != nil {
		// Also when the database has dropped the transaction by itself: whatever is
		// still open of it must not meet the next one.
		_ = e.session.exec(ctx, "rollback", rollback)
		if errors.Is(err, errNothingToKeep) {
			return nil
		}
		return answer(store.ErrUnavailable, "write", err)
	}
	err = e.session.exec(ctx, "commit", commit)
	if err != nil {
		_ = e.session.exec(ctx, "rollback", rollback)
		return answer(store.ErrUnknown, "commit", err)
	}
	return nil
}

// close ends with the writer, because the last connection to close is the one
// that folds the write-ahead log into the database.
func (e *sqliteEngine) close() error {
	var errs []error
	if e.session != nil {
		errs = append(errs, e.session.close())
	}
	for _, db := range []*sql.DB{e.readers, e.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	err := errors.Join(append(errs, e.lock.Close())...)
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// writerDSN asks for a write-ahead log that is on the disk before a commit is
// acknowledged: with less than synchronous=FULL, power cuts lose acknowledged
// writes.
func writerDSN(path string) string {
	return dsn(path, url.Values{
		"mode":          {"rw"},
		"_busy_timeout": {"5000"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"on"},
		"_pragma":       {"journal_size_limit(67108864)", "temp_store(MEMORY)"},
	})
}

func readerDSN(path string) string {
	return dsn(path, url.Values{
		"mode":          {"ro"},
		"_busy_timeout": {"5000"},
		"_query_only":   {"on"},
		"_pragma":       {"temp_store(MEMORY)"},
	})
}

func dsn(path string, options url.Values) string {
	options.Set("_dqs", "0")       // "x" is a column or a mistake, never a string
	options.Set("_error_rc", "1")  // no left-over texts in errors
	options.Set("_defensive", "1") // SQL cannot damage the file
	u := url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}
	return u.String()
}
