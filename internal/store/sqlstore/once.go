package sqlstore

import (
	"context"

	"github.com/grantd/grantd/internal/store"
)

const deleteOldOnce = `
DELETE FROM once_requests WHERE expires_at <= $1`

const insertOnce = `
INSERT INTO once_requests (id, body, answer, expires_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING`

const selectOnce = `
SELECT body, answer FROM once_requests WHERE id = $1`

// BeginOnce implements [store.Once].
func (s *Store) BeginOnce(ctx context.Context, r store.OnceRequest) (store.OnceState, error) {
	var state store.OnceState
	err := s.submit(ctx, "begin a request", func(ctx context.Context, session *session) error {
		state = store.OnceState{}
		err := session.exec(ctx, "delete_old_once", deleteOldOnce, r.At.UnixMilli())
		if err != nil {
			return err
		}
		fresh, err := session.did(ctx, "insert_once", insertOnce, r.ID[:], r.Body[:], []byte{}, r.Until.UnixMilli())
		if err != nil || fresh {
			return err
		}
		var body []byte
		err = session.row(ctx, "select_once", selectOnce, []any{r.ID[:]}, &body, &state.Answer)
		if err != nil {
			return err
		}
		state.Begun, state.Answer = true, nilIfEmpty(state.Answer)
		return fill(state.Body[:], body)
	})
	return state, err
}

const updateOnce = `
UPDATE once_requests SET answer = $1 WHERE id = $2 AND length(answer) = 0`

// FinishOnce implements [store.Once].
func (s *Store) FinishOnce(ctx context.Context, id [32]byte, answer []byte) error {
	kept := blob(answer)
	return s.submit(ctx, "keep an answer", func(ctx context.Context, session *session) error {
		return session.exec(ctx, "update_once", updateOnce, kept, id[:])
	})
}

const deleteOnce = `
DELETE FROM once_requests WHERE id = $1 AND length(answer) = 0`

// ForgetOnce implements [store.Once].
func (s *Store) ForgetOnce(ctx context.Context, id [32]byte) error {
	return s.submit(ctx, "forget a request", func(ctx context.Context, session *session) error {
		return session.exec(ctx, "delete_once", deleteOnce, id[:])
	})
}
