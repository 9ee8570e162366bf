package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/grantd/grantd/internal/disk"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

// applicationID marks the file as grantd's in SQLite's header: "grtd".
const applicationID = 0x67727464

// createFile makes an empty database file when there is none, and returns its
// true path, so that two names of one file lead to one lock.
func createFile(path string) (string, error) {
	f, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = errors.Join(f.Close(), disk.Sync(filepath.Dir(path)))
	} else if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	truePath := ""
	if err == nil {
		truePath, err = resolve(path)
	}
	if err == nil {
		return truePath, nil
	}
	return "", fault.Hint(
		fmt.Errorf("create database %s: %w: %w", path, store.ErrUnavailable, err),
		"make sure that the directory %s exists, that this user may write to it, and that %s is a file in it",
		filepath.Dir(path), filepath.Base(path),
	)
}

func resolve(path string) (string, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file", path)
	}
	return filepath.Abs(path)
}

// claim marks a new database as grantd's, and refuses one of another program.
func claim(ctx context.Context, db *sql.DB) error {
	var id, tables int64
	err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id)
	if err != nil {
		return err
	}
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables)
	if err != nil {
		return err
	}
	switch {
	case id == 0 && tables == 0:
		_, err = db.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, applicationID))
		return err
	case id != applicationID:
		return fault.Hint(
			errors.New("it is the database of another program"), "choose another data directory",
		)
	case tables == 0:
		return nil
	default:
		return probe(ctx, db)
	}
}

// probe reads a little of every table, so that most damage shows at once and by
// its own name.
func probe(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT name FROM sqlite_schema WHERE type = 'table'`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what matters is in rows.Err
	var names []string
	for rows.Next() {
		var name string
		err = rows.Scan(&name)
		if err != nil {
			return err
		}
		names = append(names, name)
	}
	err = errors.Join(rows.Err(), rows.Close()) // before the one connection is used again
	for _, name := range names {
		var found int
		// The name comes from the schema; a table cannot be a parameter.
		err = errors.Join(err, db.QueryRowContext(ctx, `SELECT EXISTS (SELECT * FROM "`+name+`")`).Scan(&found))
	}
	return err
}

// sqliteHint says what the operator can do about an error of SQLite, or "".
func sqliteHint(err error) string {
	failure, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return ""
	}
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return "the file is not an SQLite database or its beginning is damaged: choose another data directory, or restore the file from a backup"
	case sqlite3.SQLITE_CORRUPT:
		return "the database file is damaged: stop the server and restore the file from a backup"
	case sqlite3.SQLITE_FULL:
		return "the disk is full: free some space"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return "make sure that this user may write to the database file and to its directory"
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "another program has locked the database file: close it"
	case sqlite3.SQLITE_IOERR:
		return "the disk or file system that holds the database reports errors: look into the system's log"
	default:
		return ""
	}
}
