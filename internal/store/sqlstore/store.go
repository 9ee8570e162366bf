package sqlstore

import (
	"context"
	"sync"

	"github.com/grantd/grantd/internal/store"
)

// Config says where the database is. One of Path and URL is required.
type Config struct {
	// URL is where a PostgreSQL database is, as pgx reads it: several hosts, TLS and
	// all. Any number of nodes can have it open. Empty means SQLite.
	URL string
	// Path is the database file of SQLite. It is created, readable by its owner only, when
	// it is missing; its directory must exist. Beside it lie SQLite's own files
	// and one ending in ".lock".
	Path string
	// OnStatement is called once for every SQL statement that a call of the Store
	// runs, with the statement's name, which is one of a fixed set and never holds
	// data. It is called by many goroutines at once. Opening the database and its
	// migrations are left out. Nil means that nobody counts.
	OnStatement func(name string)
}

// Store is a [store.Store] in an SQLite or PostgreSQL database.
type Store struct {
	engine engine
	writer *writer
	count  func(name string)

	mu     sync.RWMutex // held for reading by every call under way
	closed bool
}

var _ store.Store = (*Store)(nil)

// Open opens the database and brings its schema up to date. An SQLite database is
// created if need be, and one process at a time can have it open.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	count := cfg.OnStatement
	if count == nil {
		count = func(string) {}
	}
	e, err := open(ctx, cfg, count)
	if err != nil {
		return nil, err
	}
	w := newWriter(e)
	go w.run() //nolint:gosec // G118: the writer outlives the context that the database is opened with.
	return &Store{engine: e, writer: w, count: count}, nil
}

func open(ctx context.Context, cfg Config, count func(name string)) (engine, error) {
	if cfg.URL != "" {
		return openPostgres(ctx, cfg.URL, count)
	}
	return openSQLite(ctx, cfg.Path, count)
}

// Close implements [store.Store].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.writer.stop()
	return s.engine.close()
}

// enter begins a call: Close waits until leave. It fails on a closed store.
func (s *Store) enter() error {
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return errClosed
	}
	return nil
}

func (s *Store) leave() { s.mu.RUnlock() }
