package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

const selectOperatorSession = `
SELECT hash, operator_id, role, created_at, seen_at, confirmed_at
FROM operator_sessions
WHERE hash = $1`

// Session implements [store.Operators].
func (s *Store) Session(ctx context.Context, hash []byte) (store.OperatorSession, error) {
	found, err := one(ctx, s, "select_operator_session", selectOperatorSession, scanOperatorSession, blob(hash))
	if err != nil {
		return store.OperatorSession{}, failed("read a session", err)
	}
	return found, nil
}

const selectOperatorSessions = `
SELECT hash, operator_id, role, created_at, seen_at, confirmed_at
FROM operator_sessions
WHERE operator_id = $1
ORDER BY seen_at DESC, hash`

// Sessions implements [store.Operators].
func (s *Store) Sessions(ctx context.Context, operatorID string) ([]store.OperatorSession, error) {
	found, err := list(ctx, s, "select_operator_sessions", selectOperatorSessions, scanOperatorSession, operatorID)
	if err != nil {
		return nil, failed("read the sessions of an operator", err)
	}
	return found, nil
}

func scanOperatorSession(row scanner) (store.OperatorSession, error) {
	var s store.OperatorSession
	var created, seen, confirmed int64
	err := row.Scan(&s.Hash, &s.OperatorID, &s.Role, &created, &seen, &confirmed)
	s.CreatedAt, s.SeenAt, s.ConfirmedAt = fromMillis(created), fromMillis(seen), fromMillis(confirmed)
	return s, err
}

const insertOperatorSession = `
INSERT INTO operator_sessions (hash, operator_id, role, created_at, seen_at, confirmed_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING`

func insertSession(o store.OperatorSession) func(context.Context, *session) error {
	hash := blob(o.Hash)
	return func(ctx context.Context, s *session) error {
		err := s.hasOperator(ctx, o.OperatorID)
		if err != nil {
			return err
		}
		return s.exec(ctx, "insert_operator_session", insertOperatorSession, hash, o.OperatorID, string(o.Role),
			o.CreatedAt.UnixMilli(), o.SeenAt.UnixMilli(), o.ConfirmedAt.UnixMilli())
	}
}

// CreateSession implements [store.Operators].
func (s *Store) CreateSession(ctx context.Context, o store.OperatorSession) error {
	return s.submit(ctx, "store a session", insertSession(o))
}

const deleteOperatorSession = `
DELETE FROM operator_sessions WHERE hash = $1`

// ReplaceSession implements [store.Operators].
func (s *Store) ReplaceSession(ctx context.Context, old []byte, o store.OperatorSession) error {
	const doing = "replace a session"
	insert, gone := insertSession(o), blob(old)
	return s.submit(ctx, doing, func(ctx context.Context, session *session) error {
		did, err := session.did(ctx, "delete_operator_session", deleteOperatorSession, gone)
		if err == nil && !did {
			return fmt.Errorf("%s: %w", doing, store.ErrNotFound)
		}
		if err == nil {
			err = insert(ctx, session)
		}
		return err
	})
}

// DeleteSession implements [store.Operators].
func (s *Store) DeleteSession(ctx context.Context, hash []byte) error {
	gone := blob(hash)
	return s.submit(ctx, "end a session", func(ctx context.Context, session *session) error {
		return session.exec(ctx, "delete_operator_session", deleteOperatorSession, gone)
	})
}

const deleteOperatorSessions = `
DELETE FROM operator_sessions WHERE operator_id = $1`

// DeleteSessions implements [store.Operators].
func (s *Store) DeleteSessions(ctx context.Context, operatorID string) error {
	if !isText(operatorID) {
		return nil
	}
	return s.submit(ctx, "end the sessions of an operator", func(ctx context.Context, session *session) error {
		return session.exec(ctx, "delete_operator_sessions", deleteOperatorSessions, operatorID)
	})
}

const expireOperatorSessions = `
DELETE FROM operator_sessions WHERE created_at < $1 OR seen_at < $2`

// ExpireSessions implements [store.Operators].
func (s *Store) ExpireSessions(ctx context.Context, createdBefore, seenBefore time.Time) error {
	return s.submit(ctx, "remove old sessions", func(ctx context.Context, session *session) error {
		return session.exec(ctx, "expire_operator_sessions", expireOperatorSessions, createdBefore.UnixMilli(), seenBefore.UnixMilli())
	})
}
