package sqlstore

import (
	"context"
	"errors"

	"github.com/grantd/grantd/internal/store"
)

const (
	// IMMEDIATE takes the write lock at once, so no statement after it has to wait
	// for it.
	begin     = `BEGIN IMMEDIATE`
	commit    = `COMMIT`
	rollback  = `ROLLBACK`
	savepoint = `SAVEPOINT operation`
	release   = `RELEASE SAVEPOINT operation`
	undo      = `ROLLBACK TO SAVEPOINT operation`
)

// commit runs the operations in one transaction and answers them: each with its
// own error, or all with the one that befell the transaction.
func (w *writer) commit(ctx context.Context, batch []*operation) {
	err := w.session.exec(ctx, "begin", begin)
	if err != nil {
		answerAll(batch, answer(store.ErrUnavailable, "begin a transaction", err))
		return
	}
	for _, o := range batch {
		err = w.attempt(ctx, o)
		if err != nil {
			// The database has dropped the whole transaction; whatever is still
			// open of it must not meet the next one.
			_ = w.session.exec(ctx, "rollback", rollback)
			answerAll(batch, answer(store.ErrUnavailable, "write", err))
			return
		}
	}
	err = w.session.exec(ctx, "commit", commit)
	if err != nil {
		_ = w.session.exec(ctx, "rollback", rollback)
		answerAll(batch, answer(store.ErrUnknown, "commit", err))
		return
	}
	for _, o := range batch {
		o.answer <- o.err
	}
}

// attempt runs one operation under a savepoint. What it returns is fatal to the
// transaction; an error of the operation alone is kept in it.
func (w *writer) attempt(ctx context.Context, o *operation) error {
	if o.ctx.Err() != nil || !o.take() {
		o.err = answer(store.ErrUnavailable, "write", o.ctx.Err())
		return nil
	}
	err := w.session.exec(ctx, "savepoint", savepoint)
	if err != nil {
		return err
	}
	o.err = o.apply(ctx, w.session)
	if o.err != nil {
		err = w.session.exec(ctx, "undo", undo)
		if err != nil {
			return errors.Join(o.err, err)
		}
		if !isRefusal(o.err) {
			o.err = answer(store.ErrUnavailable, "write", o.err)
		}
	}
	return w.session.exec(ctx, "release", release)
}

// answerAll gives every operation the same answer, also those that were not
// begun: nobody listens any more to those that their callers gave up.
func answerAll(batch []*operation, err error) {
	for _, o := range batch {
		o.answer <- err
	}
}
