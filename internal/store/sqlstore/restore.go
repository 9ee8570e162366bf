package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/grantd/grantd/internal/disk"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

// Restoration puts a copy in the place of an SQLite database.
type Restoration struct {
	// Database is replaced, if it is there. No server may have it open.
	Database string
	// File is what [Backup] has made.
	File string
	// By is who does it and when. Tokens that were issued before are refused, unless
	// KeepTokens says so.
	By         store.Origin
	KeepTokens bool
	// Before is called when all has been checked, right before anything is replaced.
	Before func(Contents) error
}

// Restored is what a restoration has done.
type Restored struct {
	Contents
	// Replaced is where the database is now that was there; empty when none was.
	Replaced string
	// Lost is how many rows of the audit trail the replaced one has beyond the copy, or
	// -1 when that could not be found out.
	Lost int64
}

// Restore checks the copy and puts it in the place of the database, as the beginning
// of a new epoch: see [store.StartEpoch]. A crash leaves the one or the other.
func Restore(ctx context.Context, r Restoration) (Restored, error) {
	path, err := filepath.Abs(r.Database)
	if err != nil {
		return Restored{}, err
	}
	lock, err := lockDatabase(path)
	if err != nil {
		return Restored{}, err
	}
	defer func() { _ = lock.Close() }() // it ends with the process anyway
	draft := path + ".restoring"
	err = removeDatabase(draft)
	if err == nil {
		err = copyFile(r.File, draft)
	}
	if err != nil {
		return Restored{}, errors.Join(err, removeDatabase(draft))
	}
	done, err := r.replace(ctx, path, draft)
	if err != nil {
		return Restored{}, errors.Join(err, removeDatabase(draft))
	}
	return done, os.Remove(draft + ".lock")
}

func (r Restoration) replace(ctx context.Context, path, draft string) (Restored, error) {
	contents, err := Inspect(ctx, draft)
	if err != nil {
		return Restored{}, fmt.Errorf("check the copy of %s: %w", r.File, err)
	}
	done := Restored{Contents: contents}
	if r.Before != nil {
		err = r.Before(contents)
		if err != nil {
			return Restored{}, err
		}
	}
	err = r.beginEpoch(ctx, draft)
	if err == nil {
		done.Replaced, done.Lost, err = r.setAside(ctx, path, contents)
	}
	if err == nil {
		err = os.Rename(draft, path)
	}
	if err == nil {
		err = disk.Sync(filepath.Dir(path))
	}
	if err != nil {
		return Restored{}, fmt.Errorf("replace the database: %w", err)
	}
	return done, nil
}

// beginEpoch brings the schema of the copy up to date and writes the first row of
// what comes now.
func (r Restoration) beginEpoch(ctx context.Context, draft string) error {
	s, err := Open(ctx, Config{Path: draft})
	if err != nil {
		return err
	}
	epoch := store.StartEpoch{Before: r.By.At}
	if r.KeepTokens {
		epoch = store.StartEpoch{}
	}
	_, err = s.Write(ctx, r.By, epoch)
	return errors.Join(err, s.Close())
}

// setAside gives the database a second name. What its log holds goes into it before,
// because a log that stays would be taken for that of the copy. Where the database
// is too damaged for that, its log goes aside with it.
func (r Restoration) setAside(ctx context.Context, path string, c Contents) (string, int64, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, nil
	}
	aside := path + ".replaced-" + r.By.At.UTC().Format("20060102T150405.000Z")
	lost, err := settleLog(ctx, path, c)
	if err != nil {
		lost = -1
	}
	err = os.Link(path, aside)
	for _, end := range []string{"-wal", "-shm"} {
		if err == nil {
			err = os.Rename(path+end, aside+end)
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err == nil {
		err = disk.Sync(filepath.Dir(path))
	}
	if err != nil {
		return "", 0, fmt.Errorf("keep the old database: %w", err)
	}
	return aside, lost, nil
}

// settleLog folds the log of a database into it, and counts the audit rows that the
// copy does not have.
func settleLog(ctx context.Context, path string, c Contents) (int64, error) {
	db, err := sql.Open("sqlite", writerDSN(path))
	if err != nil {
		return 0, err
	}
	var busy, log, done, lost int64
	err = db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &done)
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT count(*) FROM audit_rows WHERE seq > $1`, c.AuditRows).Scan(&lost)
	}
	return lost, errors.Join(err, db.Close())
}

// copyFile copies a file byte by byte: what is checked afterwards is what is used.
func copyFile(from, to string) error {
	log, err := os.Stat(from + "-wal")
	if err == nil && log.Size() > 0 {
		return fault.Hint(fmt.Errorf("%s is a database in use, with a log beside it, and no backup", from),
			"make a backup of it with grantd backup")
	}
	in, err := os.Open(filepath.Clean(from))
	if err != nil {
		return fault.Hint(fmt.Errorf("open the backup: %w", err), "name a file that grantd backup has made")
	}
	defer func() { _ = in.Close() }() // it was only read
	out, err := os.OpenFile(filepath.Clean(to), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copy the backup: %w", err)
	}
	_, err = io.Copy(out, in)
	err = errors.Join(err, out.Sync(), out.Close())
	if err != nil {
		return fmt.Errorf("copy the backup: %w", err)
	}
	return nil
}

// removeDatabase removes a database with what lies beside it.
func removeDatabase(path string) error {
	var errs []error
	for _, end := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
		err := os.Remove(path + end)
		if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
