package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

	"github.com/grantd/grantd/internal/store"
)

// lateEngine is an engine whose database did not answer when it was to be opened. Each
// read tries again, one at a time, until it does; till then the store is away.
type lateEngine struct {
	open   func(ctx context.Context) (engine, error)
	turn   chan struct{}
	opened atomic.Pointer[engine]
}

var _ engine = (*lateEngine)(nil)

// openOrLate opens the database, now or when it first answers. One that answers with a
// refusal stays closed: somebody has to mend that.
func openOrLate(ctx context.Context, open func(ctx context.Context) (engine, error)) (engine, error) {
	e, err := open(ctx)
	if err == nil || ctx.Err() != nil || !absent(err) {
		return e, err
	}
	return &lateEngine{open: open, turn: make(chan struct{}, 1)}, nil
}

func (l *lateEngine) get(ctx context.Context) (engine, error) {
	if opened := l.opened.Load(); opened != nil {
		return *opened, nil
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if opened := l.opened.Load(); opened != nil {
		return *opened, nil
	}
	e, err := l.open(ctx)
	if err != nil {
		return nil, err
	}
	l.opened.Store(&e)
	return e, nil
}

func (l *lateEngine) read(ctx context.Context, query func(ctx context.Context, db *sql.DB) error) error {
	e, err := l.get(ctx)
	if err != nil {
		return err
	}
	return e.read(ctx, query)
}

var errLate = errors.New("the database has not answered since the start")

// transact leaves opening to the reads: nobody could end its wait for the migrations of
// another node.
func (l *lateEngine) transact(ctx context.Context, journals bool, body func(ctx context.Context, s *session) error) error {
	opened := l.opened.Load()
	if opened == nil {
		return answer(store.ErrUnavailable, "write", errLate)
	}
	return (*opened).transact(ctx, journals, body)
}

func (l *lateEngine) close() error {
	opened := l.opened.Load()
	if opened == nil {
		return nil
	}
	return (*opened).close()
}
