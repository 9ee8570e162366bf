package sqlstore

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/store"
)

const selectSigningKey = `
SELECT id, algorithm, sealed, created_at
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
SELECT id, algorithm, sealed, created_at
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
	var created int64
	err := row.Scan(&key.ID, &key.Algorithm, &key.Sealed, &created)
	if err != nil {
		return store.SigningKey{}, err
	}
	key.CreatedAt = fromMillis(created)
	return key, nil
}

const insertSigningKey = `
INSERT INTO signing_keys (id, algorithm, sealed, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING`

func createSigningKey(key store.SigningKey) func(context.Context, *session, store.Origin) error {
	sealed := blob(key.Sealed)
	return func(ctx context.Context, s *session, _ store.Origin) error {
		inserted, err := s.did(
			ctx, "insert_signing_key", insertSigningKey, key.ID, key.Algorithm, sealed, key.CreatedAt.UnixMilli(),
		)
		if err == nil && !inserted {
			return refuse(store.ErrConflict, "id", key.ID)
		}
		return err
	}
}
