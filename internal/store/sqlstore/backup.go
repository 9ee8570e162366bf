package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/grantd/grantd/internal/disk"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

// Backup copies an SQLite database into a new file, readable by its owner only,
// whether or not a server has it open, as it was at one moment. The copy was read
// again, all of it, and is on the disk, before it has its name; a file of this name
// is never overwritten. It returns what the copy holds.
func Backup(ctx context.Context, database, file string) (Contents, error) {
	database, err := Find(database)
	if err != nil {
		return Contents{}, err
	}
	_, err = os.Lstat(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return Contents{}, alreadyThere(file, err)
	}
	draft, err := newDraft(file)
	if err != nil {
		return Contents{}, err
	}
	contents, err := copyInto(ctx, database, draft)
	if err == nil {
		err = publish(draft, file)
	}
	return contents, errors.Join(err, os.Remove(draft))
}

// Find returns the true path of an SQLite database that is there.
func Find(path string) (string, error) {
	found, err := resolve(path)
	if err != nil {
		return "", fault.Hint(fmt.Errorf("find the database %s: %w", path, err), "name the data directory of the server with --data")
	}
	return found, nil
}

func alreadyThere(file string, err error) error {
	if err != nil {
		return fmt.Errorf("look for %s: %w", file, err)
	}
	return fault.Hint(fmt.Errorf("%s is there already, and no file is overwritten", file), "name a file that does not exist yet")
}

// newDraft makes an empty file beside the one to be, for its owner only.
func newDraft(file string) (string, error) {
	draft := filepath.Clean(file) + ".new-" + rand.Text()[:8]
	f, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // G304: the operator named it
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return "", fault.Hint(fmt.Errorf("create the copy: %w", err), "make sure that its directory exists and that this user may write to it")
	}
	return filepath.Abs(draft)
}

// copyInto copies the database with what its log holds, in one read transaction, and
// reads the copy.
func copyInto(ctx context.Context, database, draft string) (Contents, error) {
	db, err := sql.Open("sqlite", copierDSN(database))
	if err != nil {
		return Contents{}, fmt.Errorf("open the database: %w", err)
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, draft)
	err = errors.Join(err, db.Close())
	if err != nil {
		return Contents{}, answer(store.ErrUnavailable, "copy the database "+database, err)
	}
	contents, err := Inspect(ctx, draft)
	if err != nil {
		return Contents{}, fmt.Errorf("read the copy of the database: %w", err)
	}
	return contents, nil
}

// copierDSN may write, but nothing does, except that the last connection to close
// folds the log into the database: one that may not would leave the log's files behind.
func copierDSN(path string) string {
	return dsn(path, url.Values{"mode": {"rw"}, "_busy_timeout": {"5000"}})
}

// publish puts the draft on the disk and gives it its name as well, unless that is
// taken: a rename would overwrite.
func publish(draft, file string) error {
	f, err := os.OpenFile(draft, os.O_RDWR, 0) //nolint:gosec // G304: it was made here
	if err != nil {
		return fmt.Errorf("open the copy: %w", err)
	}
	err = errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Link(draft, file)
	}
	if errors.Is(err, fs.ErrExist) {
		return alreadyThere(file, nil)
	}
	if err == nil {
		err = disk.Sync(filepath.Dir(file))
	}
	if err != nil {
		return fmt.Errorf("put the copy in its place: %w", err)
	}
	return nil
}
