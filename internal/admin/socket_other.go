//go:build unix && !linux

package admin

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"syscall"

	"github.com/grantd/grantd/internal/fault"
)

// maxSocketPath is what fits into the address of a Unix socket on every system.
const maxSocketPath = 103

func reach(dataDir string) (string, io.Closer, error) {
	path := filepath.Join(dataDir, SocketName)
	if len(path) > maxSocketPath {
		err := fmt.Errorf("the path %s is longer than the %d bytes a socket may have", path, maxSocketPath)
		return "", nil, fault.Hint(err, "use a data directory with a shorter path")
	}
	return path, noCloser{}, nil
}

func restrict(_, _ string, _ syscall.RawConn) error { return nil }

// peer knows only that whoever connected was let through by the file's mode.
func peer(*net.UnixConn) (string, error) { return "socket", nil }

func nobodyListens(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}
