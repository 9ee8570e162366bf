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
SELECT c.id, c.name, c.grant_types, c.auth_methods, c.mode, c.scopes, c.policy, c.assertions, c.access_token_lifetime_ms,
       c.keeps_refresh_tokens, c.disabled, c.not_before, c.created_at, c.updated_at, c.owner,
       s.id, s.name, s.hash, s.imported, s.created_at, s.expires_at, s.last_used_at, s.last_used_from
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id = $1
ORDER BY s.position`

// Client implements [store.Clients].
func (s *Store) Client(ctx context.Context, id string) (store.Client, error) {
	var found clientRows
	err := each(ctx, s, "select_client", selectClient, found.begin, id)
	if err == nil && len(found.clients) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return store.Client{}, failed(fmt.Sprintf("read key %q", id), err)
	}
	return found.clients[0], nil
}

const selectClients = `
SELECT c.id, c.name, c.grant_types, c.auth_methods, c.mode, c.scopes, c.policy, c.assertions, c.access_token_lifetime_ms,
       c.keeps_refresh_tokens, c.disabled, c.not_before, c.created_at, c.updated_at, c.owner,
       s.id, s.name, s.hash, s.imported, s.created_at, s.expires_at, s.last_used_at, s.last_used_from
FROM (
    SELECT id, name, grant_types, auth_methods, mode, scopes, policy, assertions, access_token_lifetime_ms,
           keeps_refresh_tokens, disabled, not_before, created_at, updated_at, owner
    FROM clients
    WHERE id > $1
    ORDER BY id
    LIMIT $2
) AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
ORDER BY c.id, s.position`

// Clients implements [store.Clients].
func (s *Store) Clients(ctx context.Context, after string, limit int) ([]store.Client, error) {
	found := clientRows{expected: min(limit, 1000)}
	err := each(ctx, s, "select_clients", selectClients, found.begin, textOf(after), max(limit, 0))
	if err != nil {
		return nil, failed("read the keys", err)
	}
	return found.clients, nil
}

// clientRows gathers keys from rows of a key and one of its secrets.
type clientRows struct {
	clients []store.Client
	// expected is how many keys there is room for from the first one on.
	expected int
	row      clientRow
	columns  []any
}

func (r *clientRows) begin() func(scanner) error {
	r.columns, r.clients = r.row.columns(), nil
	return r.scan
}

func (r *clientRows) scan(row scanner) error {
	if r.clients == nil {
		r.clients = make([]store.Client, 0, r.expected)
	}
	err := row.Scan(r.columns...)
	if err != nil {
		return err
	}
	if len(r.clients) == 0 || r.clients[len(r.clients)-1].ID != r.row.id {
		client, err := r.row.client()
		if err != nil {
			return err
		}
		r.clients = append(r.clients, client)
	}
	if r.row.secretID.Valid {
		last := &r.clients[len(r.clients)-1]
		last.Secrets = append(last.Secrets, r.row.secret())
	}
	return nil
}

// clientRow is one row. All rows are read into the same one, because variables of
// their own would be an allocation each.
type clientRow struct {
	id, name, owner, grantTypes, authMethods, mode, scopes, policy, assertions string
	access, notBefore, created, updated                                        int64
	keepsRefreshTokens, disabled                                               bool
	// The others are all NULL in the row of a key without secrets.
	secretID, secretName, lastUsedFrom           sql.NullString
	secretHash                                   []byte
	secretImported                               sql.NullBool
	secretCreated, secretExpires, secretLastUsed sql.NullInt64
}

func (c *clientRow) columns() []any {
	return []any{
		&c.id, &c.name, &c.grantTypes, &c.authMethods, &c.mode, &c.scopes, &c.policy, &c.assertions, &c.access,
		&c.keepsRefreshTokens, &c.disabled, &c.notBefore, &c.created, &c.updated, &c.owner,
		&c.secretID, &c.secretName, &c.secretHash, &c.secretImported,
		&c.secretCreated, &c.secretExpires, &c.secretLastUsed, &c.lastUsedFrom,
	}
}

func (c *clientRow) client() (store.Client, error) {
	policy, err := policyOf(c.policy)
	if err != nil {
		return store.Client{}, fmt.Errorf("key %q: %w", c.id, err)
	}
	assertions, err := assertionsOf(c.assertions)
	if err != nil {
		return store.Client{}, fmt.Errorf("key %q: %w", c.id, err)
	}
	return store.Client{
		ID:                  c.id,
		Name:                c.name,
		Owner:               c.owner,
		GrantTypes:          splitList[oauth.GrantType](c.grantTypes),
		AuthMethods:         splitList[oauth.AuthMethod](c.authMethods),
		Mode:                store.Mode(c.mode),
		Scopes:              splitList[string](c.scopes),
		Policy:              policy,
		Assertions:          assertions,
		AccessTokenLifetime: lifetime(c.access),
		KeepsRefreshTokens:  c.keepsRefreshTokens,
		Disabled:            c.disabled,
		NotBefore:           fromMillis(c.notBefore),
		CreatedAt:           fromMillis(c.created),
		UpdatedAt:           fromMillis(c.updated),
	}, nil
}

func (c *clientRow) secret() store.Secret {
	return store.Secret{
		ID:           c.secretID.String,
		Name:         c.secretName.String,
		Hash:         nilIfEmpty(c.secretHash),
		Imported:     c.secretImported.Bool,
		CreatedAt:    fromMillis(c.secretCreated.Int64),
		ExpiresAt:    fromMillis(c.secretExpires.Int64),
		LastUsedAt:   fromMillis(c.secretLastUsed.Int64),
		LastUsedFrom: c.lastUsedFrom.String,
	}
}
