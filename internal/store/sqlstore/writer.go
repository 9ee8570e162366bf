package sqlstore

import (
	"context"
	"sync/atomic"

	"github.com/grantd/grantd/internal/store"
)

// maxBatch bounds how many operations share a commit, and how many may wait.
const maxBatch = 256

// writer runs all writes in one goroutine. A commit costs one wait for the disk,
// so it takes along every operation that has queued up during the one before.
type writer struct {
	engine  engine
	queue   chan *operation
	stopped chan struct{}
}

// work is what an operation does.
type work struct {
	// doing names it in errors.
	doing string
	// journals says that it leaves changes and audit rows.
	journals bool
	apply    func(ctx context.Context, s *session) error
}

// operation is one write on its way through the writer.
type operation struct {
	work
	ctx context.Context
	// taken is set by the first of two: the writer that begins the operation, or
	// the caller that gives up waiting before that.
	taken  atomic.Bool
	err    error // of apply
	answer chan error
}

func newOperation(ctx context.Context, w work) *operation {
	return &operation{work: w, ctx: ctx, answer: make(chan error, 1)}
}

// take says whether the caller of it was the first.
func (o *operation) take() bool { return o.taken.CompareAndSwap(false, true) }

func newWriter(e engine) *writer {
	return &writer{engine: e, queue: make(chan *operation, maxBatch), stopped: make(chan struct{})}
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
func (w *writer) stop() {
	close(w.queue)
	<-w.stopped
}

// submit has the work done in a transaction and waits for the outcome.
func (w *writer) submit(ctx context.Context, do work) error {
	o := newOperation(ctx, do)
	select {
	case w.queue <- o:
	case <-ctx.Done():
		return failed(do.doing, ctx.Err())
	}
	select {
	case err := <-o.answer:
		return err
	case <-ctx.Done():
	}
	if o.take() {
		return failed(do.doing, ctx.Err())
	}
	select {
	case err := <-o.answer:
		return err
	default:
		return answer(store.ErrUnknown, do.doing, ctx.Err())
	}
}
