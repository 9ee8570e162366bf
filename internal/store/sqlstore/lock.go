package sqlstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grantd/grantd/internal/disk"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

// lockDatabase takes the lock file beside the database.
func lockDatabase(path string) (*os.File, error) {
	lock, err := disk.Lock(path + ".lock")
	if err == nil {
		return lock, nil
	}
	held, isHeld := errors.AsType[*disk.HeldError](err)
	if !isHeld {
		return nil, fmt.Errorf("lock database %s: %w: %w", path, store.ErrUnavailable, err)
	}
	return nil, fault.Hint(
		fmt.Errorf("%w: %s is using the database %s", store.ErrUnavailable, held.Holder, path),
		"stop %s, or choose another data directory than %s", held.Holder, filepath.Dir(path),
	)
}
