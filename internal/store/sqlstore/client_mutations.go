package sqlstore

import (
	"context"

	"github.com/grantd/grantd/internal/store"
)

const insertClient = `
INSERT INTO clients (id, name, grant_types, auth_methods, scopes, access_token_lifetime_ms,
                     disabled, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING`

//nolint:gosec // G101: a statement, not a credential.
const insertClientSecret = `
INSERT INTO client_secrets (client_id, id, position, hash, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING`

func createClient(c store.Client) (func(context.Context, *session, store.Origin) error, error) {
	grantTypes, err := joinList("grant types", c.GrantTypes)
	if err != nil {
		return nil, err
	}
	authMethods, err := joinList("auth methods", c.AuthMethods)
	if err != nil {
		return nil, err
	}
	scopes, err := joinList("scopes", c.Scopes)
	if err != nil {
		return nil, err
	}
	secrets := make([]store.Secret, len(c.Secrets))
	for i, secret := range c.Secrets {
		secret.Hash = blob(secret.Hash)
		secrets[i] = secret
	}
	apply := func(ctx context.Context, s *session, _ store.Origin) error {
		inserted, err := s.did(
			ctx, "insert_client", insertClient, c.ID, c.Name, grantTypes, authMethods, scopes,
			c.AccessTokenLifetime.Milliseconds(), c.Disabled, c.CreatedAt.UnixMilli(), c.UpdatedAt.UnixMilli(),
		)
		if err != nil {
			return err
		}
		if !inserted {
			return refuse(store.ErrConflict, "id", c.ID)
		}
		return s.insertClientSecrets(ctx, c.ID, secrets)
	}
	return apply, nil
}

func (s *session) insertClientSecrets(ctx context.Context, clientID string, secrets []store.Secret) error {
	for i, secret := range secrets {
		inserted, err := s.did(
			ctx, "insert_client_secret", insertClientSecret,
			clientID, secret.ID, i, secret.Hash, secret.CreatedAt.UnixMilli(),
		)
		if err != nil {
			return err
		}
		if !inserted {
			return refuse(store.ErrConflict, "secret", secret.ID)
		}
	}
	return nil
}

const updateClientDisabled = `
UPDATE clients SET disabled = $1, updated_at = $2 WHERE id = $3`

func setClientDisabled(m store.SetClientDisabled) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, by store.Origin) error {
		updated, err := s.did(
			ctx, "update_client_disabled", updateClientDisabled, m.Disabled, by.At.UnixMilli(), m.ID,
		)
		if err == nil && !updated {
			return refuse(store.ErrNotFound, "", "")
		}
		return err
	}
}

//nolint:gosec // G101: a statement, not a credential.
const deleteClientSecrets = `
DELETE FROM client_secrets WHERE client_id = $1`

const deleteClientRow = `
DELETE FROM clients WHERE id = $1`

func deleteClient(m store.DeleteClient) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		err := s.exec(ctx, "delete_client_secrets", deleteClientSecrets, m.ID)
		if err != nil {
			return err
		}
		deleted, err := s.did(ctx, "delete_client", deleteClientRow, m.ID)
		if err == nil && !deleted {
			return refuse(store.ErrNotFound, "", "")
		}
		return err
	}
}
