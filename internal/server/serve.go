package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// serve answers on all listeners until ctx ends, then drains.
func (s *Server) serve(ctx context.Context, l *listeners, ready func()) error {
	public, err := s.public()
	if err != nil {
		return err
	}
	doors := []*door{
		{server: s.httpServer(public), listener: l.public},
		{server: s.httpServer(s.operator()), listener: l.operator},
		{server: s.httpServer(s.socket()), listener: l.socket},
	}
	doors[2].server.ConnContext = admin.ConnContext
	if s.Config.TLS.CertFile != "" {
		doors[0].server.TLSConfig, err = s.tlsConfig()
		if err != nil {
			return err
		}
	}
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
}

func (d *door) serve() error {
	var err error
	if d.server.TLSConfig != nil {
		err = d.server.ServeTLS(d.listener, "", "")
	} else {
		err = d.server.Serve(d.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve on %s: %w", d.listener.Addr(), err)
}

// maxStreams bounds the requests under way on one HTTP/2 connection. Each costs
// memory before its client is known.
const maxStreams = 64

// httpServer bounds what a connection may cost. Bodies have a shorter deadline
// of their own, in package web.
func (s *Server) httpServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:        handler,
		ReadTimeout:    10 * time.Second,
		WriteTimeout:   30 * time.Second,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 32 << 10,
		HTTP2:          &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ErrorLog:       slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
	}
}

// drain refuses new connections and waits for the requests under way, door by
// door: the operator's own stay open until the public one is empty. Requests
// that outlast the timeout are cut.
func (s *Server) drain(ctx context.Context, doors []*door) {
	s.draining.Store(true)
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Config.DrainTimeout)
	defer cancel()
	for _, d := range doors {
		err := d.server.Shutdown(limit)
		if err != nil {
			s.Logger.LogAttrs(ctx, slog.LevelWarn, "requests were cut at shutdown", slog.String("listener", d.listener.Addr().String()))
			_ = d.server.Close()
		}
	}
}
