package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/web"
)

// SocketName is the name of the socket in the data directory.
const SocketName = "admin.sock"

// Listen opens the admin socket in the data directory, for its owner alone, and
// removes what an earlier server left behind. The caller holds the lock of the
// store, so no other server is using it.
func Listen(ctx context.Context, dataDir string) (net.Listener, error) {
	path := filepath.Join(dataDir, SocketName)
	err := removeStale(path)
	if err != nil {
		return nil, err
	}
	address, directory, err := reach(dataDir)
	if err != nil {
		return nil, err
	}
	config := net.ListenConfig{Control: restrict}
	plain, err := config.Listen(ctx, "unix", address)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", path, err), directory.Close())
	}
	l := &listener{Listener: plain, directory: directory}
	err = os.Chmod(path, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("restrict %s to its owner: %w", path, err), l.Close())
	}
	return l, nil
}

func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the admin socket: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fault.Hint(fmt.Errorf("%s is in the way of the admin socket", path), "move it away, or give grantd a data directory of its own")
	}
	err = os.Remove(path)
	if err != nil {
		return fmt.Errorf("remove the admin socket of an earlier server: %w", err)
	}
	return nil
}

// listener keeps the directory open for as long as its address may lead
// through it.
type listener struct {
	net.Listener
	directory io.Closer
}

// Close removes the socket, too.
func (l *listener) Close() error {
	err := l.Listener.Close()
	return errors.Join(err, l.directory.Close())
}

// ConnContext notes on each connection of the socket who is at its other end;
// it is for http.Server. A connection that cannot say so gets no actor, and its
// calls are refused.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return ctx
	}
	actor, err := peer(unix)
	if err != nil {
		return ctx
	}
	return web.WithActor(ctx, actor)
}

// dial connects to the server of the data directory.
func dial(ctx context.Context, dataDir string) (net.Conn, error) {
	address, directory, err := reach(dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notRunning(dataDir)
	}
	if err != nil {
		return nil, err
	}
	defer directory.Close()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", address)
	switch {
	case err == nil:
		return conn, nil
	case nobodyListens(err):
		return nil, notRunning(dataDir)
	case errors.Is(err, fs.ErrPermission):
		return nil, noPermission(dataDir)
	default:
		return nil, fmt.Errorf("connect to the grantd on %s: %w", dataDir, err)
	}
}

func notRunning(dataDir string) error {
	return fault.Hint(fmt.Errorf("no grantd is running on %s", dataDir),
		"start one on it with grantd serve, or name the data directory of the one that runs with --data")
}

func noPermission(dataDir string) error {
	return fault.Hint(fmt.Errorf("no permission to reach the grantd on %s", dataDir), "run this as the user the server runs as")
}

type noCloser struct{}

func (noCloser) Close() error { return nil }
