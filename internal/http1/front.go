package http1

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Front serves the plain requests of a listener. All fields are required. What it
// does not serve itself comes out of [Front.Rest].
//
// The handler must be done with the request and the response writer when it returns,
// since both serve the next request of the connection. The context of the request
// never ends: who is gone is found out when the answer is written.
type Front struct {
	// Listener is where connections come from; with TLS it is one of crypto/tls.
	Listener net.Listener
	// Handler answers.
	Handler http.Handler
	// FirstTimeout is how long a new connection may send nothing, and how long its
	// handshake may take.
	FirstTimeout time.Duration
	// WriteTimeout is how long an answer may take to be taken.
	WriteTimeout time.Duration
	// IdleTimeout is how long a connection may wait for its next request.
	IdleTimeout time.Duration
	// Logger is told of handlers that panic, and at debug level of handshakes that fail.
	Logger *slog.Logger
	// Now is the clock of the machine: deadlines are in real time.
	Now func() time.Time

	rest    rest
	date    date
	closing atomic.Bool
	running sync.WaitGroup

	mu    sync.Mutex
	conns map[*conn]struct{}
}

// Rest returns the listener for net/http: it accepts the connections that are not
// served here.
func (f *Front) Rest() net.Listener {
	f.rest.open(f.Listener.Addr())
	return &f.rest
}

// Run accepts connections until Shutdown or an error, and returns when all those that
// are served here have ended. [Front.Rest] must be called before.
func (f *Front) Run() error {
	defer f.running.Wait()
	const first, longest = 5 * time.Millisecond, time.Second
	pause := first
	for {
		nc, err := f.Listener.Accept()
		if f.closing.Load() {
			if err == nil {
				_ = nc.Close()
			}
			return nil
		}
		if err != nil {
			temporary, ok := errors.AsType[net.Error](err)
			if !ok || !temporary.Temporary() { //nolint:staticcheck // net/http asks the same: with too many files open, later goes well
				return fmt.Errorf("accept: %w", err)
			}
			time.Sleep(pause)
			pause = min(2*pause, longest)
			continue
		}
		pause = first
		f.take(nc)
	}
}

// take serves a connection in a goroutine of its own.
func (f *Front) take(nc net.Conn) {
	c := newConn(f, nc)
	if !f.add(c) {
		_ = nc.Close()
		return
	}
	go func() {
		defer f.remove(c)
		defer f.recover(c)
		if c.serve() == toRest && f.rest.give(c.handOver()) {
			return
		}
		_ = nc.Close()
	}()
}

// recover ends a connection whose handler panicked, not the process.
func (f *Front) recover(c *conn) {
	panicked := recover()
	if panicked == nil {
		return
	}
	_ = c.rwc.Close()
	f.Logger.LogAttrs(context.Background(), slog.LevelError, "a handler panicked",
		slog.String("cause", fmt.Sprintf("panic: %v\n%s", panicked, debug.Stack())))
}

func (f *Front) add(c *conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closing.Load() {
		return false
	}
	if f.conns == nil {
		f.conns = map[*conn]struct{}{}
	}
	f.conns[c] = struct{}{}
	// Before Shutdown can begin to wait.
	f.running.Add(1)
	return true
}

func (f *Front) remove(c *conn) {
	f.mu.Lock()
	delete(f.conns, c)
	f.mu.Unlock()
	f.running.Done()
}

// Shutdown stops accepting, ends the connections that wait for a request, lets the
// others finish theirs, and returns when all have ended. When ctx ends first it cuts
// them and returns its error.
func (f *Front) Shutdown(ctx context.Context) error {
	f.mu.Lock()
	f.closing.Store(true)
	for c := range f.conns {
		c.endIdle()
	}
	f.mu.Unlock()
	// Whoever is in Accept learns from it that this is over.
	_ = f.Listener.Close()
	ended := make(chan struct{})
	go func() {
		f.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	f.mu.Lock()
	for c := range f.conns {
		_ = c.rwc.Close()
	}
	f.mu.Unlock()
	<-ended
	return ctx.Err()
}
