package sqlstore

import (
	"context"
	"errors"
	"slices"

	"github.com/grantd/grantd/internal/store"
)

// commit runs the operations in one transaction and answers them: each with its
// own error, or all with the one that befell the transaction.
func (w *writer) commit(ctx context.Context, batch []*operation) {
	begun := begin(batch)
	if len(begun) == 0 {
		return
	}
	journals := slices.ContainsFunc(begun, func(o *operation) bool { return o.journals })
	guarded := false
	err := w.engine.transact(ctx, journals, func(ctx context.Context, s *session) error {
		err := s.run(ctx, begun, guarded || s.send == nil)
		guarded = guarded || errors.Is(err, errUnguarded)
		return err
	})
	for _, o := range begun {
		if err != nil {
			o.answer <- err
			continue
		}
		o.answer <- o.err
	}
}

// begin takes the operations that somebody still waits for, and answers the rest.
func begin(batch []*operation) []*operation {
	begun := make([]*operation, 0, len(batch))
	for _, o := range batch {
		if o.ctx.Err() != nil || !o.take() {
			o.answer <- answer(store.ErrUnavailable, "write", o.ctx.Err())
			continue
		}
		begun = append(begun, o)
	}
	return begun
}

// run runs the operations and then writes the journal for all of them: the heads
// last, so that they are locked for as short a time as may be. Guarded operations
// have a savepoint each. Where a savepoint is a journey, they are tried without one:
// few operations fail, and one that does fails all of them with errUnguarded. An
// error is that of the transaction.
func (s *session) run(ctx context.Context, operations []*operation, guarded bool) error {
	s.forget()
	kept := false
	for _, o := range operations {
		if o.ctx.Err() != nil {
			// Its caller was told that the outcome is unknown, and may have tried again
			// elsewhere since: done now, it could undo or end what came of that.
			o.err = answer(store.ErrUnavailable, "write", o.ctx.Err())
			continue
		}
		err := s.attempt(ctx, o, guarded)
		if err != nil {
			return err
		}
		if o.err != nil && !guarded && len(operations) > 1 {
			return errUnguarded
		}
		kept = kept || o.err == nil
	}
	if !kept {
		return errNothingToKeep
	}
	return s.journal(ctx)
}

// attempt runs one operation, guarded by a savepoint or not. What it returns is fatal
// to the transaction; an error of the operation alone is kept in it.
func (s *session) attempt(ctx context.Context, o *operation, guarded bool) error {
	entries, queued := len(s.entries), len(s.queued)
	if guarded {
		err := s.exec(ctx, "savepoint", savepoint)
		if err != nil {
			return err
		}
	}
	o.err = o.apply(ctx, s)
	if passes(o.err) {
		return o.err
	}
	if o.err != nil {
		s.entries, s.queued = s.entries[:entries], s.queued[:queued]
		if !isRefusal(o.err) {
			o.err = answer(store.ErrUnavailable, "write", o.err)
		}
	}
	if !guarded {
		return nil
	}
	if o.err != nil {
		err := s.exec(ctx, "undo", undo)
		if err != nil {
			return errors.Join(o.err, err)
		}
	}
	return s.exec(ctx, "release", release)
}
