package sqlstore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

// lockDatabase takes the lock file beside the database. The kernel gives it back
// when the process ends, however it ends, so a file left behind locks nothing.
// The file is never removed: another process may be about to lock it.
func lockDatabase(path string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Clean(path+".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of database %s: %w: %w", path, store.ErrUnavailable, err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = inUse(path, f)
	} else if err != nil {
		err = fmt.Errorf("lock database %s: %w: %w", path, store.ErrUnavailable, err)
	}
	if err == nil {
		err = writePID(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func writePID(f *os.File) error {
	err := f.Truncate(0)
	if err != nil {
		return fmt.Errorf("write the process id into %s: %w: %w", f.Name(), store.ErrUnavailable, err)
	}
	_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	if err != nil {
		return fmt.Errorf("write the process id into %s: %w: %w", f.Name(), store.ErrUnavailable, err)
	}
	return nil
}

// inUse says who has the lock, as far as its file tells.
func inUse(path string, lock io.Reader) error {
	holder := "another process"
	content, err := io.ReadAll(io.LimitReader(lock, 32))
	pid := strings.TrimSpace(string(content))
	if err == nil && pid != "" {
		holder = "process " + pid
	}
	return fault.Hint(
		fmt.Errorf("%w: %s is using the database %s", store.ErrUnavailable, holder, path),
		"stop %s, or choose another data directory than %s", holder, filepath.Dir(path),
	)
}
