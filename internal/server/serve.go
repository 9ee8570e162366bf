package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/http1"
)

// serve answers on all listeners until ctx ends, then drains.
func (s *Server) serve(ctx context.Context, l *listeners, ready func()) error {
	public, err := s.public()
	if err != nil {
		return err
	}
	api, err := s.adminAPI()
	if err != nil {
		return err
	}
	doors := []*door{
		{server: s.httpServer(public), listener: l.public},
		{server: s.httpServer(s.operator(api)), listener: l.operator},
		{server: s.httpServer(s.socket(api)), listener: l.socket},
	}
	doors[2].server.ConnContext = admin.ConnContext
	listener := l.public
	if s.Config.TLS.CertFile != "" {
		config, err := s.tlsConfig()
		if err != nil {
			return err
		}
		listener = tls.NewListener(listener, config)
		// With it the server behind the front serves HTTP/2.
		doors[0].server.TLSConfig = config
	}
	doors[0].front = s.front(listener, public)
	failed := make(chan error, len(doors))
	var running sync.WaitGroup
	for _, d := range doors {
		running.Go(func() { failed <- d.serve() })
	}
	ready()
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.drain(ctx, doors)
	running.Wait()
	return err
}

// door is one listener with what it serves.
type door struct {
	server   *http.Server
	listener net.Listener
	// front serves what is plain, and leaves the rest to server; nil leaves it all.
	front *http1.Front
}

func (d *door) serve() error {
	err := d.answer()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve on %s: %w", d.listener.Addr(), err)
}

func (d *door) answer() error {
	if d.front == nil {
		return d.server.Serve(d.listener)
	}
	rest := d.front.Rest()
	failed := make(chan error, 1)
	go func() {
		err := d.front.Run()
		if err != nil {
			_ = rest.Close()
		}
		failed <- err
	}()
	err := d.server.Serve(rest)
	return cmp.Or(<-failed, err)
}

// shutdown refuses new connections and waits for the requests under way, or cuts
// those that are under way when ctx ends.
func (d *door) shutdown(ctx context.Context) error {
	var cut error
	if d.front != nil {
		cut = d.front.Shutdown(ctx)
	}
	err := d.server.Shutdown(ctx)
	if err != nil {
		_ = d.server.Close()
	}
	return cmp.Or(err, cut)
}

// maxStreams bounds the requests under way on one HTTP/2 connection. Each costs
// memory before its client is known.
const maxStreams = 64

// What a connection may take its time for. Bodies have a shorter deadline of their
// own.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
)

// httpServer bounds what a connection may cost.
func (s *Server) httpServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:        handler,
		ReadTimeout:    readTimeout,
		WriteTimeout:   writeTimeout,
		IdleTimeout:    idleTimeout,
		MaxHeaderBytes: 32 << 10,
		HTTP2:          &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ErrorLog:       slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
	}
}

// front serves the plain requests of a listener.
func (s *Server) front(listener net.Listener, handler http.Handler) *http1.Front {
	return &http1.Front{
		Listener:     listener,
		Handler:      handler,
		FirstTimeout: readTimeout,
		WriteTimeout: writeTimeout,
		IdleTimeout:  idleTimeout,
		Logger:       s.Logger,
		Now:          time.Now, //nolint:forbidigo // what the kernel waits for is in real time
	}
}

// drain refuses new connections and waits for the requests under way, door by
// door: the operator's own stay open until the public one is empty. Requests
// that outlast the timeout are cut.
func (s *Server) drain(ctx context.Context, doors []*door) {
	s.draining.Store(true)
	close(s.ending)
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Config.DrainTimeout)
	defer cancel()
	for _, d := range doors {
		err := d.shutdown(limit)
		if err != nil {
			s.Logger.LogAttrs(ctx, slog.LevelWarn, "requests were cut at shutdown", slog.String("listener", d.listener.Addr().String()))
		}
	}
}
