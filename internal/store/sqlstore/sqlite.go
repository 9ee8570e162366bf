package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the driver named "sqlite"

	"github.com/grantd/grantd/internal/store"
)

// engine is an open database: what there is one of, whatever the query text.
type engine struct {
	// writer has one connection; readers have several that cannot write.
	writer, readers *sql.DB
	lock            *os.File
}

// maxReaders bounds the connections that read. They are opened when needed.
const maxReaders = 8

// openSQLite locks the database file, creates it if need be, and brings its
// schema up to date.
func openSQLite(ctx context.Context, path string) (*engine, error) {
	path, err := createFile(path)
	if err != nil {
		return nil, err
	}
	lock, err := lockDatabase(path)
	if err != nil {
		return nil, err
	}
	e := &engine{lock: lock}
	err = e.connect(ctx, path)
	if err != nil {
		return nil, errors.Join(answer(store.ErrUnavailable, "open database "+path, err), e.close())
	}
	return e, nil
}

func (e *engine) connect(ctx context.Context, path string) error {
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
	err = migrate(ctx, e.writer)
	if err != nil {
		return err
	}
	e.readers, err = sql.Open("sqlite", readerDSN(path))
	if err != nil {
		return err
	}
	e.readers.SetMaxOpenConns(maxReaders)
	e.readers.SetMaxIdleConns(maxReaders)
	return nil
}

// close ends with the writer, because the last connection to close is the one
// that folds the write-ahead log into the database.
func (e *engine) close() error {
	var errs []error
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
