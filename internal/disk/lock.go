package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// HeldError says that somebody else has a lock.
type HeldError struct {
	// Holder is who, as far as the file tells: "process 4711".
	Holder string
}

func (e *HeldError) Error() string { return e.Holder + " holds the lock" }

// Lock takes a lock file, which closing it gives back. The kernel gives it back
// when the process ends, however it ends, so a file left behind locks nothing. The
// file is never removed: another process may be about to lock it. The error is a
// *HeldError when somebody else has it.
func Lock(path string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		err = &HeldError{Holder: holder(f)}
	case err != nil:
		err = fmt.Errorf("lock %s: %w", path, err)
	default:
		err = writePID(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func writePID(f *os.File) error {
	err := f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		return fmt.Errorf("write the process id into %s: %w", f.Name(), err)
	}
	return nil
}

func holder(lock io.Reader) string {
	content, err := io.ReadAll(io.LimitReader(lock, 32))
	pid := strings.TrimSpace(string(content))
	if err != nil || pid == "" {
		return "another process"
	}
	return "process " + pid
}
