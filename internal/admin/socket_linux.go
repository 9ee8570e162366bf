package admin

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxSocketPath is what fits into the address of a Unix socket beside the NUL
// at its end.
const maxSocketPath = 107

// reach returns an address for the socket in the directory. A path that is too
// long goes through a descriptor of the directory, which must stay open for as
// long as the address is used.
func reach(dataDir string) (string, io.Closer, error) {
	path := filepath.Join(dataDir, SocketName)
	if len(path) <= maxSocketPath {
		return path, noCloser{}, nil
	}
	directory, err := os.OpenFile(dataDir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0) //nolint:gosec // the path is the operator's own configuration
	if errors.Is(err, fs.ErrPermission) {
		return "", nil, noPermission(dataDir)
	}
	if err != nil {
		return "", nil, fmt.Errorf("open data directory: %w", err)
	}
	fd := strconv.FormatUint(uint64(directory.Fd()), 10)
	return filepath.Join("/proc/self/fd", fd, SocketName), directory, nil
}

// restrict makes the socket its owner's alone before it has a name: Linux
// creates the file with the mode that the socket has when it is bound.
func restrict(_, _ string, raw syscall.RawConn) error {
	var inner error
	err := raw.Control(func(fd uintptr) { inner = unix.Fchmod(int(fd), 0o600) })
	return errors.Join(err, inner)
}

// peer returns the user at the other end as the kernel vouches for it.
func peer(conn *net.UnixConn) (string, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return "", fmt.Errorf("look at the connection: %w", err)
	}
	var credentials *unix.Ucred
	var inner error
	err = raw.Control(func(fd uintptr) {
		credentials, inner = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	err = errors.Join(err, inner)
	if err != nil {
		return "", fmt.Errorf("ask who is calling: %w", err)
	}
	return "uid:" + strconv.FormatUint(uint64(credentials.Uid), 10), nil
}

func nobodyListens(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, unix.ENOTDIR)
}
