package sqlstore

import (
	"context"
	"errors"
	"sync"

	"github.com/grantd/grantd/internal/store"
)

// Config says where the database is. Only Path is required.
type Config struct {
	// Path is the database file. It is created, readable by its owner only, when
	// it is missing; its directory must exist. Beside it lie SQLite's own files
	// and one ending in ".lock".
	Path string
	// OnStatement is called once for every SQL statement that a call of the Store
	// runs, with the statement's name, which is one of a fixed set and never holds
	// data. It is called by many goroutines at once. Opening the database and its
	// migrations are left out. Nil means that nobody counts.
	OnStatement func(name string)
}

// Store is a [store.Store] in an SQLite database.
type Store struct {
	engine *engine
	writer *writer
	count  func(name string)

	mu     sync.RWMutex // held for reading by every call under way
	closed bool
}

var _ store.Store = (*Store)(nil)

// Open opens the database, creates it if need be and brings its schema up to
// date. One process at a time can have it open.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	e, err := openSQLite(ctx, cfg.Path)
	if err != nil {
		return nil, err
	}
	count := cfg.OnStatement
	if count == nil {
		count = func(string) {}
	}
	w, err := newWriter(ctx, e, count)
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	go w.run() //nolint:gosec // G118: the writer outlives the context that the database is opened with.
	return &Store{engine: e, writer: w, count: count}, nil
}

// Close implements [store.Store].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return errors.Join(s.writer.stop(), s.engine.close())
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
