package sqlstore

import (
	"context"
	"errors"

	"github.com/grantd/grantd/internal/store"
)

// The row is written and not only read: a transaction that is still under way has
// it locked, so the answer comes after its end; and where a standby must confirm
// commits, that of this statement confirms the one before.
const askWriter = `
INSERT INTO writers (id, tag)
VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET tag = writers.tag
RETURNING tag`

const deleteWriter = `
DELETE FROM writers WHERE id = $1`

// settle turns the failure of a COMMIT into an answer: nil when the transaction
// with this tag was committed after all, ErrUnavailable when it was not, and
// ErrUnknown when the database does not say.
func (e *postgresEngine) settle(ctx context.Context, tag [16]byte, cause error) error {
	if aborted(cause) {
		return answer(store.ErrUnavailable, "commit", cause)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.settleTime)
	defer cancel()
	for attempt := 1; ; attempt++ {
		last, err := e.lastTag(ctx)
		switch {
		case err == nil && last == tag:
			return nil
		case err == nil:
			return answer(store.ErrUnavailable, "commit", cause)
		case pause(ctx, attempt) != nil:
			return answer(store.ErrUnknown, "commit", errors.Join(cause, err))
		}
	}
}

// lastTag is that of this node's last transaction.
func (e *postgresEngine) lastTag(ctx context.Context) ([16]byte, error) {
	var tag [16]byte
	conn, err := e.connection(ctx)
	if err != nil {
		return tag, err
	}
	s := &session{conn: conn, count: e.count}
	defer func() { _ = s.close() }() // it goes back to the pool
	_ = takeWarning(conn)            // of an earlier statement
	var column []byte
	err = s.row(ctx, "ask_writer", askWriter, []any{e.id[:], tag[:]}, &column)
	if err == nil {
		err = takeWarning(conn)
	}
	if err != nil {
		return tag, err
	}
	return tag, fill(tag[:], column)
}

// leave takes this node's row away. Nodes that end otherwise leave theirs, which
// is small and in nobody's way.
func (e *postgresEngine) leave() {
	if !e.marked {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	e.count("delete_writer")
	_, _ = e.writer.ExecContext(ctx, deleteWriter, e.id[:])
}
