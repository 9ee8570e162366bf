package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/grantd/grantd/internal/store"
)

// A node that stops in the middle of a transaction, frozen or cut off, keeps all
// others waiting for the heads: not for longer than this. The settings end with
// the transaction, as they must behind a pgbouncer.
const beginPostgres = `
BEGIN;
SET LOCAL lock_timeout = 5000;
SET LOCAL statement_timeout = 8000;
SET LOCAL idle_in_transaction_session_timeout = 4000`

// queueForHeads changes nothing, but has every other node wait for the heads.
const queueForHeads = `
UPDATE heads SET change_seq = change_seq WHERE id = $1`

// A timeout would not undo a COMMIT that waits for a standby, but acknowledge it.
const unlimitStatements = `
SET LOCAL statement_timeout = 0`

const markWriter = `
INSERT INTO writers (id, tag)
VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET tag = excluded.tag`

// transact runs body until it does not collide with another node's transaction,
// or the connection holds, or patience ends.
func (e *postgresEngine) transact(ctx context.Context, journals bool, body func(context.Context, *session) error) error {
	const collisions, disconnections = 100, 3
	patience, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	for attempt := 1; ; attempt++ {
		err := e.attempt(ctx, journals && e.snapshots, body)
		if errors.Is(err, errUnguarded) {
			continue
		}
		if err == nil || errors.Is(err, store.ErrUnknown) || !passes(err) {
			return err
		}
		if attempt == collisions || attempt == disconnections && disconnected(err) || pause(patience, attempt) != nil {
			return err
		}
	}
}

// attempt runs body in one transaction. Where transactions see one moment only, of
// those that run side by side all but one would lose their work at the heads, and
// the longest would always be among them: there they queue for the heads before
// all else. Elsewhere the heads come last, and are locked for as short a time as
// may be.
func (e *postgresEngine) attempt(ctx context.Context, queue bool, body func(context.Context, *session) error) error {
	conn, err := e.connection(ctx)
	if err != nil {
		return answer(store.ErrUnavailable, "connect to the database", err)
	}
	s := &session{conn: conn, count: e.count, send: sendBatch, timeout: statementTime}
	defer func() { _ = s.close() }() // it goes back to the pool, or is dropped
	err = s.exec(ctx, "begin", beginPostgres)
	if err == nil && queue {
		err = s.exec(ctx, "queue_for_heads", queueForHeads, 1)
	}
	if err == nil {
		err = body(ctx, s)
	}
	var tag [16]byte
	if err == nil {
		_, _ = rand.Read(tag[:]) // crypto/rand's Read never fails
		s.queue("mark_writer", markWriter, e.id[:], tag[:])
		if e.notifies && len(s.entries) > 0 {
			s.queue("notify_change", notifyChange)
		}
		s.queue("unlimit_statements", unlimitStatements)
		e.marked = true
		err = s.flush(ctx)
	}
	if err != nil {
		e.abandon(ctx, s, err)
		if errors.Is(err, errNothingToKeep) {
			return nil
		}
		return answer(store.ErrUnavailable, "write", err)
	}
	s.timeout = commitTime
	_ = takeWarning(conn) // of an earlier statement
	err = s.exec(ctx, "commit", commit)
	if err == nil {
		err = takeWarning(conn)
	}
	if err == nil {
		return nil
	}
	return e.settle(ctx, tag, err)
}

func (e *postgresEngine) connection(ctx context.Context) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, statementTime)
	defer cancel()
	return e.writer.Conn(ctx)
}

// sendBatch runs statements in one message: the heads are locked by then, or there
// are many of them.
func sendBatch(ctx context.Context, conn *sql.Conn, statements []statement) ([]int, error) {
	batch := &pgx.Batch{}
	for _, one := range statements {
		batch.Queue(one.query, one.args...)
	}
	changed := make([]int, len(statements))
	err := conn.Raw(func(driver any) error {
		results := driver.(*stdlib.Conn).Conn().SendBatch(ctx, batch) //nolint:forcetypeassert // the pool is pgx's
		for i := range changed {
			tag, err := results.Exec()
			if err != nil {
				return errors.Join(err, results.Close())
			}
			changed[i] = int(tag.RowsAffected())
		}
		return results.Close()
	})
	return changed, err
}

// abandon rolls back, and drops a connection that is of no use any more.
func (e *postgresEngine) abandon(ctx context.Context, s *session, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	err := s.exec(ctx, "rollback", rollback)
	if err != nil || disconnected(cause) {
		_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	if errors.Is(cause, context.DeadlineExceeded) {
		closeIdle(e.writer, maxWriters)
	}
}
