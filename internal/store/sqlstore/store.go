package sqlstore

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Config says where the database is. One of Path and URL is required.
type Config struct {
	// URL is where a PostgreSQL database is, as pgx reads it: several hosts, TLS and
	// all. Any number of nodes can have it open. Empty means SQLite.
	URL string
	// MayBeLate says that a PostgreSQL database that is away is no error of Open: every
	// read tries again to open it, and until one could, all calls answer ErrUnavailable.
	MayBeLate bool
	// Path is the database file of SQLite. It is created, readable by its owner only, when
	// it is missing; its directory must exist. Beside it lie SQLite's own files
	// and one ending in ".lock".
	Path string
	// OnStatement is called once for every SQL statement that a call of the Store
	// runs, with the statement's name, which is one of a fixed set and never holds
	// data. It is called by many goroutines at once. Opening the database and its
	// migrations are left out. Nil means that nobody counts.
	OnStatement func(name string)
	// Now is the clock that says when this process has started; nil is the real one.
	Now func() time.Time
}

// Store is a [store.Store] in an SQLite or PostgreSQL database.
type Store struct {
	engine engine
	writer *writer
	count  func(name string)
	// replay remembers what was used, under a key of this process where nobody else
	// reads it.
	replay    replay
	replayKey []byte

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
	s := &Store{engine: e, writer: w, count: count}
	err = s.beginReplay(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) beginReplay(ctx context.Context, cfg Config) error {
	if cfg.URL != "" {
		s.replay = &sharedReplay{engine: s.engine, count: s.count}
		return nil
	}
	s.replayKey = make([]byte, 32)
	_, _ = rand.Read(s.replayKey) // crypto/rand's Read never fails
	r := &memoryReplay{
		setting: func(ctx context.Context) ([]byte, error) { return s.Setting(ctx, replaySetting) },
		save:    s.saveReplay,
	}
	s.replay = r
	now := cfg.Now
	if now == nil {
		now = time.Now //nolint:forbidigo // the process starts in real time
	}
	return r.begin(ctx, now())
}

// saveReplay is SetSetting for a call that has entered already.
func (s *Store) saveReplay(ctx context.Context, value string) error {
	return s.writer.submit(ctx, work{doing: "note what was used", apply: func(ctx context.Context, session *session) error {
		return session.exec(ctx, "upsert_setting", upsertSetting, replaySetting, []byte(value))
	}})
}

func open(ctx context.Context, cfg Config, count func(name string)) (engine, error) {
	if cfg.URL == "" {
		return openSQLite(ctx, cfg.Path, count)
	}
	openNow := func(ctx context.Context) (engine, error) { return openPostgres(ctx, cfg.URL, count) }
	if cfg.MayBeLate {
		return openOrLate(ctx, openNow)
	}
	return openNow(ctx)
}

// Close implements [store.Store].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	err := s.replay.end(ctx)
	s.writer.stop()
	return errors.Join(err, s.engine.close())
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
