package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/grantd/grantd/internal/disk"
	"github.com/grantd/grantd/internal/fault"
)

// databaseName is the name of the database in the data directory, and lockName that
// of its lock. With the database elsewhere, the lock is still that of the directory.
const (
	databaseName = "grantd.db"
	lockName     = databaseName + ".lock"
)

// lockDataDir takes the data directory for this process.
func lockDataDir(path string) (io.Closer, error) {
	lock, err := disk.Lock(filepath.Join(path, lockName))
	if err == nil {
		return lock, nil
	}
	held, isHeld := errors.AsType[*disk.HeldError](err)
	if !isHeld {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	return nil, fault.Hint(
		fmt.Errorf("%s is using the data directory %s", held.Holder, path),
		"stop %s, or name another data directory with --data", held.Holder,
	)
}

// prepareDataDir creates the directory for its owner alone, or makes sure that
// an existing one is.
func prepareDataDir(path string) error {
	err := disk.MakeDirectory(path)
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrExist) {
		return fault.Hint(fmt.Errorf("%s is not a directory", path), "name another data directory with --data")
	}
	if errors.Is(err, fs.ErrPermission) {
		return fault.Hint(fmt.Errorf("no permission to create the data directory %s", path),
			"create it as its owner, or name another one with --data")
	}
	if err != nil {
		return fmt.Errorf("create data directory: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at data directory: %w", err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return tighten(path, info)
}

// tighten takes the permissions of others away. It leaves alone what is not
// clearly a data directory: /tmp given by mistake has to stay as it is.
func tighten(path string, info fs.FileInfo) error {
	shared := fmt.Errorf("data directory %s is open to other users (mode %04o)", path, info.Mode().Perm())
	ours, err := isOurs(path)
	if err != nil {
		return err
	}
	if !ours || info.Mode()&fs.ModeSticky != 0 {
		return fault.Hint(shared, "name a directory that belongs to grantd alone; if this one does, run: chmod 700 %s", shellQuote(path))
	}
	err = os.Chmod(path, 0o700) //nolint:gosec // a directory needs the x bit
	if err != nil {
		return fault.Hint(shared, "run this as the owner of the directory: chmod 700 %s", shellQuote(path))
	}
	return nil
}

// isOurs reports whether the directory is empty or holds a database of ours, or its
// lock.
func isOurs(path string) (bool, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return false, fmt.Errorf("read data directory: %w", err)
	}
	if len(entries) == 0 {
		return true, nil
	}
	return slices.ContainsFunc(entries, func(entry fs.DirEntry) bool {
		return entry.Name() == databaseName || entry.Name() == lockName
	}), nil
}
