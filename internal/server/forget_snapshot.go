package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ForgetSnapshot removes the snapshot from the data directory of a server that does
// not run, with what lies beside it: it is of a history that is no more.
func ForgetSnapshot(dataDir string) error {
	var errs []error
	for _, end := range []string{".seen.new", ".seen", ".new", ""} {
		err := os.Remove(filepath.Join(dataDir, snapshotName+end))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("remove the snapshot: %w", err))
		}
	}
	return errors.Join(errs...)
}
