package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Sync makes the names of what was created or removed in the directory durable:
// syncing a file alone does not keep its name.
func Sync(directory string) error {
	d, err := os.Open(filepath.Clean(directory))
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	err = errors.Join(d.Sync(), d.Close())
	if err != nil {
		return fmt.Errorf("sync directory %s: %w", directory, err)
	}
	return nil
}

// MakeDirectory creates the directory for its owner alone, with the parents it
// lacks, and makes each new name durable. One that exists stays as it is.
func MakeDirectory(path string) error {
	path = filepath.Clean(path)
	if isDirectory(path) {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		err := MakeDirectory(parent)
		if err != nil {
			return err
		}
	}
	err := os.Mkdir(path, 0o700)
	// Another process may have made it in between.
	if err != nil && !isDirectory(path) {
		return err
	}
	return Sync(parent)
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
