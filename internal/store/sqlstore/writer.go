package sqlstore

import (
	"context"
	"database/sql"
	"sync/atomic"

	"github.com/grantd/grantd/internal/store"
)

// maxBatch bounds how many operations share a commit, and how many may wait.
const maxBatch = 256

// writer runs all writes in one goroutine. A commit costs one wait for the disk,
// so it takes along every operation that has queued up during the one before.
type writer struct {
	session *session
	queue   chan *operation
	stopped chan struct{}
}

// operation is one write on its way through the writer.
type operation struct {
	ctx   context.Context
	apply func(context.Context, *session) error
	// taken is set by the first of two: the writer that begins the operation, or
	// the caller that gives up waiting before that.
	taken  atomic.Bool
	err    error // of apply
	answer chan error
}

func newOperation(ctx context.Context, apply func(context.Context, *session) error) *operation {
	return &operation{ctx: ctx, apply: apply, answer: make(chan error, 1)}
}

// take says whether the caller of it was the first.
func (o *operation) take() bool { return o.taken.CompareAndSwap(false, true) }

func newWriter(ctx context.Context, e *engine, count func(string)) (*writer, error) {
	conn, err := e.writer.Conn(ctx)
	if err != nil {
		return nil, failed("connect the writer", err)
	}
	return &writer{
		session: &session{conn: conn, count: count, prepared: make(map[string]*sql.Stmt)},
		queue:   make(chan *operation, maxBatch),
		stopped: make(chan struct{}),
	}, nil
}

// run answers what is in the queue until the queue is closed and empty.
func (w *writer) run() {
	defer close(w.stopped)
	// What has been begun is finished: no caller's context stops the writer.
	ctx := context.Background()
	batch := make([]*operation, 0, maxBatch)
	for first := range w.queue {
		batch = w.gather(append(batch[:0], first))
		w.commit(ctx, batch)
		clear(batch)
	}
}

// gather adds to the batch what is waiting, without waiting for more.
func (w *writer) gather(batch []*operation) []*operation {
	for len(batch) < maxBatch {
		select {
		case o, open := <-w.queue:
			if !open {
				return batch
			}
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

// stop ends the goroutine after what is queued. Nothing may be submitted any more.
func (w *writer) stop() error {
	close(w.queue)
	<-w.stopped
	return w.session.close()
}

// submit has apply run in a transaction and waits for the outcome.
func (w *writer) submit(ctx context.Context, doing string, apply func(context.Context, *session) error) error {
	o := newOperation(ctx, apply)
	select {
	case w.queue <- o:
	case <-ctx.Done():
		return failed(doing, ctx.Err())
	}
	select {
	case err := <-o.answer:
		return err
	case <-ctx.Done():
	}
	if o.take() {
		return failed(doing, ctx.Err())
	}
	select {
	case err := <-o.answer:
		return err
	default:
		return answer(store.ErrUnknown, doing, ctx.Err())
	}
}
