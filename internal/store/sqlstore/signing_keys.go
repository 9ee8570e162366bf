package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

const selectSigningKey = `
SELECT id, algorithm, sealed, created_at, activates_at, revoked_at
FROM signing_keys
WHERE id = $1`

// SigningKey implements [store.SigningKeys].
func (s *Store) SigningKey(ctx context.Context, id string) (store.SigningKey, error) {
	key, err := one(ctx, s, "select_signing_key", selectSigningKey, scanSigningKey, id)
	if err != nil {
		return store.SigningKey{}, failed(fmt.Sprintf("read signing key %q", id), err)
	}
	return key, nil
}

const selectSigningKeys = `
SELECT id, algorithm, sealed, created_at, activates_at, revoked_at
FROM signing_keys
ORDER BY created_at, id`

// SigningKeys implements [store.SigningKeys].
func (s *Store) SigningKeys(ctx context.Context) ([]store.SigningKey, error) {
	keys, err := list(ctx, s, "select_signing_keys", selectSigningKeys, scanSigningKey)
	if err != nil {
		return nil, failed("read the signing keys", err)
	}
	return keys, nil
}

func scanSigningKey(row scanner) (store.SigningKey, error) {
	var key store.SigningKey
	var created, activates, revoked int64
	err := row.Scan(&key.ID, &key.Algorithm, &key.Sealed, &created, &activates, &revoked)
	if err != nil {
		return store.SigningKey{}, err
	}
	key.Sealed = nilIfEmpty(key.Sealed)
	key.CreatedAt, key.ActivatesAt, key.RevokedAt = fromMillis(created), fromMillis(activates), fromMillis(revoked)
	return key, nil
}

const insertSigningKey = `
INSERT INTO signing_keys (id, algorithm, sealed, created_at, activates_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING`

func createSigningKey(key store.SigningKey) (func(context.Context, *session, store.Origin) error, error) {
	err := cmp.Or(checkText("id", key.ID), checkText("algorithm", key.Algorithm))
	if err != nil {
		return nil, err
	}
	sealed := blob(key.Sealed)
	apply := func(ctx context.Context, s *session, _ store.Origin) error {
		inserted, err := s.did(
			ctx, "insert_signing_key", insertSigningKey, key.ID, key.Algorithm, sealed,
			key.CreatedAt.UnixMilli(), key.ActivatesAt.UnixMilli(), key.RevokedAt.UnixMilli(),
		)
		if err == nil && !inserted {
			return refuse(store.ErrConflict, "id", key.ID)
		}
		return err
	}
	return apply, nil
}

const updateSigningKeyRevoked = `
UPDATE signing_keys
SET revoked_at = CASE WHEN revoked_at = $1 THEN $2 ELSE revoked_at END
WHERE id = $3`

func revokeSigningKey(m store.RevokeSigningKey) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, by store.Origin) error {
		return s.must(
			ctx, "update_signing_key_revoked", updateSigningKeyRevoked,
			time.Time{}.UnixMilli(), by.At.UnixMilli(), m.ID,
		)
	}
}

const deleteSigningKeyRow = `
DELETE FROM signing_keys WHERE id = $1`

func deleteSigningKey(m store.DeleteSigningKey) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		return s.must(ctx, "delete_signing_key", deleteSigningKeyRow, m.ID)
	}
}

const updateSigningKeySealed = `
UPDATE signing_keys SET sealed = $1 WHERE id = $2`

func resealSigningKey(m store.ResealSigningKey) func(context.Context, *session, store.Origin) error {
	sealed := blob(m.Sealed)
	return func(ctx context.Context, s *session, _ store.Origin) error {
		return s.must(ctx, "update_signing_key_sealed", updateSigningKeySealed, sealed, m.ID)
	}
}
