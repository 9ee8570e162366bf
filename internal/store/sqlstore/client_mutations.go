package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"github.com/grantd/grantd/internal/store"
)

const insertClient = `
INSERT INTO clients (id, name, grant_types, auth_methods, mode, scopes, policy, assertions, access_token_lifetime_ms,
                     keeps_refresh_tokens, disabled, not_before, created_at, updated_at, owner)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT DO NOTHING`

// clientColumns are the columns of a key that are checked and made ready before a
// mutation is applied.
type clientColumns struct{ grantTypes, authMethods, scopes, policy, assertions string }

func clientColumnsOf(client store.Client) (clientColumns, error) {
	err := cmp.Or(checkMode(client.Mode), checkText("id", client.ID), checkText("name", client.Name), checkText("owner", client.Owner))
	if err != nil {
		return clientColumns{}, err
	}
	var c clientColumns
	c.grantTypes, err = joinList("grant types", client.GrantTypes)
	if err != nil {
		return clientColumns{}, err
	}
	c.authMethods, err = joinList("auth methods", client.AuthMethods)
	if err != nil {
		return clientColumns{}, err
	}
	c.scopes, err = joinList("scopes", client.Scopes)
	if err != nil {
		return clientColumns{}, err
	}
	c.policy, err = policyColumn(client.Policy)
	if err != nil {
		return clientColumns{}, err
	}
	c.assertions, err = assertionsColumn(client.Assertions)
	return c, err
}

func createClient(c store.Client) (*insertion, error) {
	columns, err := clientColumnsOf(c)
	if err != nil {
		return nil, err
	}
	secrets := make([]store.Secret, len(c.Secrets))
	for i, secret := range c.Secrets {
		err = checkSecret(secret)
		if err != nil {
			return nil, err
		}
		secret.Hash = blob(secret.Hash)
		secrets[i] = secret
	}
	statements := []statement{{"insert_client", insertClient, []any{
		c.ID, c.Name, columns.grantTypes, columns.authMethods, string(c.Mode), columns.scopes, columns.policy,
		columns.assertions, c.AccessTokenLifetime.Milliseconds(), c.KeepsRefreshTokens, c.Disabled,
		c.NotBefore.UnixMilli(), c.CreatedAt.UnixMilli(), c.UpdatedAt.UnixMilli(), c.Owner,
	}}}
	for i, secret := range secrets {
		statements = append(statements, secretStatement(c.ID, int64(i), secret))
	}
	explain := func(ctx context.Context, s *session, at int) error {
		if at == 0 {
			// Its secrets may be with another key now; the refusal takes them back.
			return refuse(store.ErrConflict, "id", c.ID)
		}
		return s.explainSecretConflict(ctx, c.ID, secrets[at-1])
	}
	return &insertion{statements: statements, explain: explain}, nil
}

const updateClientRow = `
UPDATE clients
SET name = $2, grant_types = $3, auth_methods = $4, mode = $5, scopes = $6, policy = $7,
    assertions = $8, access_token_lifetime_ms = $9, keeps_refresh_tokens = $10, owner = $12,
    updated_at = CASE WHEN updated_at = $13 AND updated_at >= $11 THEN updated_at + 1 ELSE $11 END
WHERE id = $1 AND ($13 = -62135596800000 OR updated_at = $13)`

func updateClient(m store.UpdateClient) (func(context.Context, *session, store.Origin) error, error) {
	c := m.Client
	columns, err := clientColumnsOf(c)
	if err != nil {
		return nil, err
	}
	apply := func(ctx context.Context, s *session, by store.Origin) error {
		updated, err := s.did(
			ctx, "update_client", updateClientRow, c.ID, c.Name, columns.grantTypes, columns.authMethods,
			string(c.Mode), columns.scopes, columns.policy, columns.assertions,
			c.AccessTokenLifetime.Milliseconds(), c.KeepsRefreshTokens, by.At.UnixMilli(), c.Owner, m.Seen.UnixMilli(),
		)
		if err != nil || updated {
			return err
		}
		there, err := s.exists(ctx, "count_client", countClient, c.ID)
		if err != nil {
			return err
		}
		if !there || m.Seen.IsZero() {
			return refuse(store.ErrNotFound, "", "")
		}
		return refuse(store.ErrChanged, "", "")
	}
	return apply, nil
}

const countClient = `
SELECT count(*) FROM clients WHERE id = $1`

const updateClientDisabled = `
UPDATE clients SET disabled = $1, updated_at = $2 WHERE id = $3`

func setClientDisabled(m store.SetClientDisabled) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, by store.Origin) error {
		return s.must(
			ctx, "update_client_disabled", updateClientDisabled, m.Disabled, by.At.UnixMilli(), m.ID,
		)
	}
}

//nolint:gosec // G101: a statement, not a credential.
const deleteClientSecrets = `
DELETE FROM client_secrets WHERE client_id = $1`

// The rows of api_resource_servers go with it.
const deleteClientRow = `
DELETE FROM clients WHERE id = $1`

const holdClient = `
UPDATE clients SET updated_at = $1 WHERE id = $2
RETURNING owner`

// deleteClient takes hold of the key before its secrets, as all who change one do:
// nodes that lock the same rows in different orders wait for each other in a circle.
// It says whose the key was, which nobody can look up any more.
func deleteClient(m store.DeleteClient, owner *string) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, by store.Origin) error {
		err := s.row(ctx, "hold_client", holdClient, []any{by.At.UnixMilli(), m.ID}, owner)
		if errors.Is(err, sql.ErrNoRows) {
			err = refuse(store.ErrNotFound, "", "")
		}
		if err != nil {
			return err
		}
		err = s.exec(ctx, "delete_client_secrets", deleteClientSecrets, m.ID)
		if err != nil {
			return err
		}
		return s.must(ctx, "delete_client", deleteClientRow, m.ID)
	}
}

const updateClientNotBefore = `
UPDATE clients
SET not_before = CASE WHEN not_before < $1 THEN $1 ELSE not_before END
WHERE id = $2`

func revokeClientTokens(m store.RevokeClientTokens) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		return s.must(ctx, "update_client_not_before", updateClientNotBefore, m.Before.UnixMilli(), m.ID)
	}
}
