package sqlstore

import (
	"context"
	"time"

	"github.com/grantd/grantd/internal/store"
)

const selectRevocations = `
SELECT id, expires_at
FROM revocations
WHERE (bucket, id) > ($1, $2)
ORDER BY bucket, id
LIMIT $3`

// Revocations implements [store.Revocations].
func (s *Store) Revocations(ctx context.Context, after store.Revocation, limit int) ([]store.Revocation, error) {
	found, err := list(
		ctx, s, "select_revocations", selectRevocations, scanRevocation,
		bucket(after.ExpiresAt), after.ID[:], max(limit, 0),
	)
	if err != nil {
		return nil, failed("read the revocations", err)
	}
	return found, nil
}

func scanRevocation(row scanner) (store.Revocation, error) {
	var r store.Revocation
	var id []byte
	var expires int64
	err := row.Scan(&id, &expires)
	if err != nil {
		return store.Revocation{}, err
	}
	r.ExpiresAt = fromMillis(expires)
	return r, fill(r.ID[:], id)
}

const selectNotBefore = `
SELECT not_before FROM heads WHERE id = 1`

// NotBefore implements [store.Revocations].
func (s *Store) NotBefore(ctx context.Context) (time.Time, error) {
	at, err := one(ctx, s, "select_not_before", selectNotBefore, scanTime)
	if err != nil {
		return time.Time{}, failed("read since when tokens are valid", err)
	}
	return at, nil
}

func scanTime(row scanner) (time.Time, error) {
	var ms int64
	err := row.Scan(&ms)
	if err != nil {
		return time.Time{}, err
	}
	return fromMillis(ms), nil
}

const insertRevocation = `
INSERT INTO revocations (bucket, id, expires_at)
VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING`

func revoke(r store.Revocation) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		_, err := s.revoke(ctx, r)
		return err
	}
}

// revoke says whether the revocation is new.
func (s *session) revoke(ctx context.Context, r store.Revocation) (bool, error) {
	return s.did(
		ctx, "insert_revocation", insertRevocation, bucket(r.ExpiresAt), r.ID[:], r.ExpiresAt.UnixMilli(),
	)
}

const updateNotBefore = `
UPDATE heads SET not_before = $1 WHERE id = 1 AND not_before < $1`

func revokeAllTokens(m store.RevokeAllTokens) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		return s.exec(ctx, "update_not_before", updateNotBefore, m.Before.UnixMilli())
	}
}
