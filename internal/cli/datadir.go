package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/grantd/grantd/internal/disk"
	"github.com/grantd/grantd/internal/fault"
)

// databaseName is the name of the database in the data directory.
const databaseName = "grantd.db"

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

// isOurs reports whether the directory is empty or holds a database of ours.
func isOurs(path string) (bool, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return false, fmt.Errorf("read data directory: %w", err)
	}
	if len(entries) == 0 {
		return true, nil
	}
	_, err = os.Stat(filepath.Join(path, databaseName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the database: %w", err)
	}
	return true, nil
}
