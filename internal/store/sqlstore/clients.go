package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// A key and its secrets come from one statement, so they are of one moment; a key
// with several secrets is in several rows.
const selectClient = `
SELECT c.id, c.name, c.grant_types, c.auth_methods, c.scopes, c.access_token_lifetime_ms,
       c.keeps_refresh_tokens, c.disabled, c.not_before, c.created_at, c.updated_at,
       s.id, s.name, s.hash, s.imported, s.created_at, s.expires_at, s.last_used_at, s.last_used_from
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id = $1
ORDER BY s.position`

// Client implements [store.Clients].
func (s *Store) Client(ctx context.Context, id string) (store.Client, error) {
	var found clientRows
	err := each(ctx, s, "select_client", selectClient, found.scan, id)
	if err == nil && len(found.clients) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return store.Client{}, failed(fmt.Sprintf("read key %q", id), err)
	}
	return found.clients[0], nil
}

const selectClients = `
SELECT c.id, c.name, c.grant_types, c.auth_methods, c.scopes, c.access_token_lifetime_ms,
       c.keeps_refresh_tokens, c.disabled, c.not_before, c.created_at, c.updated_at,
       s.id, s.name, s.hash, s.imported, s.created_at, s.expires_at, s.last_used_at, s.last_used_from
FROM (
    SELECT id, name, grant_types, auth_methods, scopes, access_token_lifetime_ms,
           keeps_refresh_tokens, disabled, not_before, created_at, updated_at
    FROM clients
    WHERE id > $1
    ORDER BY id
    LIMIT $2
) AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
ORDER BY c.id, s.position`

// Clients implements [store.Clients].
func (s *Store) Clients(ctx context.Context, after string, limit int) ([]store.Client, error) {
	var found clientRows
	err := each(ctx, s, "select_clients", selectClients, found.scan, after, max(limit, 0))
	if err != nil {
		return nil, failed("read the keys", err)
	}
	return found.clients, nil
}

// clientRows gathers keys from rows of a key and one of its secrets.
type clientRows struct{ clients []store.Client }

func (r *clientRows) scan(row scanner) error {
	var c store.Client
	var grantTypes, authMethods, scopes string
	var access, notBefore, created, updated int64
	var s secretColumns
	err := row.Scan(
		&c.ID, &c.Name, &grantTypes, &authMethods, &scopes, &access,
		&c.KeepsRefreshTokens, &c.Disabled, &notBefore, &created, &updated,
		&s.id, &s.name, &s.hash, &s.imported, &s.created, &s.expires, &s.lastUsed, &s.lastUsedFrom,
	)
	if err != nil {
		return err
	}
	if len(r.clients) == 0 || r.clients[len(r.clients)-1].ID != c.ID {
		c.GrantTypes = splitList[oauth.GrantType](grantTypes)
		c.AuthMethods = splitList[oauth.AuthMethod](authMethods)
		c.Scopes = splitList[string](scopes)
		c.AccessTokenLifetime = lifetime(access)
		c.NotBefore = fromMillis(notBefore)
		c.CreatedAt, c.UpdatedAt = fromMillis(created), fromMillis(updated)
		r.clients = append(r.clients, c)
	}
	if s.id.Valid {
		last := &r.clients[len(r.clients)-1]
		last.Secrets = append(last.Secrets, s.secret())
	}
	return nil
}

// secretColumns are all NULL in the row of a key without secrets.
type secretColumns struct {
	id, name, lastUsedFrom     sql.NullString
	hash                       []byte
	imported                   sql.NullBool
	created, expires, lastUsed sql.NullInt64
}

func (s *secretColumns) secret() store.Secret {
	return store.Secret{
		ID:           s.id.String,
		Name:         s.name.String,
		Hash:         s.hash,
		Imported:     s.imported.Bool,
		CreatedAt:    fromMillis(s.created.Int64),
		ExpiresAt:    fromMillis(s.expires.Int64),
		LastUsedAt:   fromMillis(s.lastUsed.Int64),
		LastUsedFrom: s.lastUsedFrom.String,
	}
}
