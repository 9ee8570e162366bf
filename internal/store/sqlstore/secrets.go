package sqlstore

import (
	"cmp"
	"context"

	"github.com/grantd/grantd/internal/store"
)

//nolint:gosec // G101: a statement, not a credential.
const insertSecret = `
INSERT INTO client_secrets (client_id, id, position, name, hash, imported,
                            created_at, expires_at, last_used_at, last_used_from)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING`

const selectNextPosition = `
SELECT coalesce(max(position), -1) + 1 FROM client_secrets WHERE client_id = $1`

func checkSecret(secret store.Secret) error {
	return cmp.Or(
		checkText("secret", secret.ID),
		checkText("secret name", secret.Name),
		checkText("secret address", secret.LastUsedFrom),
	)
}

func secretStatement(clientID string, position int64, secret store.Secret) statement {
	return statement{"insert_secret", insertSecret, []any{
		clientID, secret.ID, position, secret.Name, secret.Hash, secret.Imported,
		secret.CreatedAt.UnixMilli(), secret.ExpiresAt.UnixMilli(),
		secret.LastUsedAt.UnixMilli(), secret.LastUsedFrom,
	}}
}

// appendSecret puts a secret behind those that the key has. The caller has changed
// the key, so that nobody else is at its secrets.
func (s *session) appendSecret(ctx context.Context, clientID string, secret store.Secret) error {
	var position int64
	err := s.row(ctx, "select_next_position", selectNextPosition, []any{clientID}, &position)
	if err != nil {
		return err
	}
	one := secretStatement(clientID, position, secret)
	inserted, err := s.did(ctx, one.name, one.query, one.args...)
	if err == nil && !inserted {
		return s.explainSecretConflict(ctx, clientID, secret)
	}
	return err
}

//nolint:gosec // G101: a statement, not a credential.
const countSecretID = `
SELECT count(*) FROM client_secrets WHERE client_id = $1 AND id = $2`

//nolint:gosec // G101: a statement, not a credential.
const countSecretName = `
SELECT count(*) FROM client_secrets WHERE client_id = $1 AND name = $2`

// explainSecretConflict finds out which of the three unique columns stood in the
// way. A hash is not for messages.
func (s *session) explainSecretConflict(ctx context.Context, clientID string, secret store.Secret) error {
	sameID, err := s.exists(ctx, "count_secret_id", countSecretID, clientID, secret.ID)
	if err != nil {
		return err
	}
	if sameID {
		return refuse(store.ErrConflict, "secret", secret.ID)
	}
	sameName, err := s.exists(ctx, "count_secret_name", countSecretName, clientID, secret.Name)
	if err != nil {
		return err
	}
	if sameName {
		return refuse(store.ErrConflict, "secret name", secret.Name)
	}
	return refuse(store.ErrConflict, "secret hash", secret.ID)
}

const updateClientUpdated = `
UPDATE clients SET updated_at = $1 WHERE id = $2`

func addSecret(m store.AddSecret) (func(context.Context, *session, store.Origin) error, error) {
	err := checkSecret(m.Secret)
	if err != nil {
		return nil, err
	}
	m.Secret.Hash = blob(m.Secret.Hash)
	apply := func(ctx context.Context, s *session, by store.Origin) error {
		err := s.must(ctx, "update_client_updated", updateClientUpdated, by.At.UnixMilli(), m.ClientID)
		if err != nil {
			return err
		}
		return s.appendSecret(ctx, m.ClientID, m.Secret)
	}
	return apply, nil
}

//nolint:gosec // G101: a statement, not a credential.
const deleteSecret = `
DELETE FROM client_secrets WHERE client_id = $1 AND id = $2`

func removeSecret(m store.RemoveSecret) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, by store.Origin) error {
		err := s.must(ctx, "update_client_updated", updateClientUpdated, by.At.UnixMilli(), m.ClientID)
		if err != nil {
			return err
		}
		return s.must(ctx, "delete_secret", deleteSecret, m.ClientID, m.ID)
	}
}

//nolint:gosec // G101: a statement, not a credential.
const updateSecretExpiry = `
UPDATE client_secrets SET expires_at = $1 WHERE client_id = $2 AND id = $3`

func setSecretExpiry(m store.SetSecretExpiry) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, by store.Origin) error {
		err := s.must(ctx, "update_client_updated", updateClientUpdated, by.At.UnixMilli(), m.ClientID)
		if err != nil {
			return err
		}
		return s.must(ctx, "update_secret_expiry", updateSecretExpiry, m.ExpiresAt.UnixMilli(), m.ClientID, m.ID)
	}
}
