package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// One whose time is over is as good as gone.
const insertOnce = `
INSERT INTO once_requests (id, body, answer, expires_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE
SET body = excluded.body, answer = excluded.answer, expires_at = excluded.expires_at
WHERE once_requests.expires_at <= $5`

// keepAnswer comes before what the request changes: of two at once with the same id, the
// second waits here for the first.
func keepAnswer(m store.KeepAnswer) func(context.Context, *session, store.Origin) error {
	m.Answer = blob(m.Answer)
	return func(ctx context.Context, s *session, by store.Origin) error {
		kept, err := s.did(ctx, "insert_once", insertOnce, m.ID[:], m.Body[:], m.Answer, m.Until.UnixMilli(), by.At.UnixMilli())
		if err == nil && !kept {
			err = refuse(store.ErrDone, "", "")
		}
		return err
	}
}

const deleteOldOnce = `
DELETE FROM once_requests
WHERE id IN (SELECT id FROM once_requests WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`

// cutOnce removes at most limit of the answers whose time is over.
func (s *session) cutOnce(ctx context.Context, before time.Time, limit int) (int, error) {
	return s.affects(ctx, "delete_old_once", deleteOldOnce, before.UnixMilli(), limit)
}

const selectOnce = `
SELECT body, answer, expires_at FROM once_requests WHERE id = $1 AND expires_at > $2`

// KeptAnswer implements [store.Once].
func (s *Store) KeptAnswer(ctx context.Context, id [32]byte, at time.Time) (store.KeepAnswer, error) {
	kept, err := one(ctx, s, "select_once", selectOnce, func(row scanner) (store.KeepAnswer, error) {
		m := store.KeepAnswer{ID: id}
		var body []byte
		var until int64
		err := row.Scan(&body, &m.Answer, &until)
		if err != nil {
			return m, err
		}
		m.Until = time.UnixMilli(until).UTC()
		return m, fill(m.Body[:], body)
	}, id[:], at.UnixMilli())
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.KeepAnswer{}, failed("look for the answer of a request", err)
	}
	return kept, nil
}
