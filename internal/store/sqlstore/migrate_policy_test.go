package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// The statements of the release with the first two migrations. Where a value is
// not written out, it is made from the id.
const (
	secondInsertAPI = `
INSERT INTO apis (id, audience, scopes, token_format, algorithm, typ,
                  access_token_lifetime_ms, refresh_token_lifetime_ms, refresh_token_idle_lifetime_ms,
                  not_before, created_at, updated_at)
VALUES ($1, 'https://' || $1, '/' || $1 || '.read /' || $1 || '/{accountID}/x.write', 'opaque', 'RS256', 'JWT',
        1000, 2000, 3000, 4000, 5000, 6000)
ON CONFLICT DO NOTHING`

	secondInsertAPIScope = `
INSERT INTO api_scopes (definition, api_id)
VALUES ($1, $2)
ON CONFLICT DO NOTHING`

	secondInsertClient = `
INSERT INTO clients (id, name, grant_types, auth_methods, scopes, access_token_lifetime_ms,
                     keeps_refresh_tokens, disabled, not_before, created_at, updated_at)
VALUES ($1, 'name of ' || $1, 'refresh_token', 'client_secret_post', '/a.read /a/{accountID=x|y}/x.write', 7000,
        1, 0, 8000, 9000, 10000)
ON CONFLICT DO NOTHING`

	secondInsertSecret = `
INSERT INTO client_secrets (client_id, id, position, name, hash, imported,
                            created_at, expires_at, last_used_at, last_used_from)
VALUES ($1, $2, 0, 'name of ' || $2, CAST($2 AS BLOB), 1, 11000, 12000, 13000, '192.0.2.1')`

	secondInsertResourceServer = `
INSERT INTO api_resource_servers (api_id, client_id)
VALUES ($1, $2)
ON CONFLICT DO NOTHING`

	secondSelectAPIs = `
SELECT a.id, a.audience, a.scopes, a.token_format, a.algorithm, a.typ,
       a.access_token_lifetime_ms, a.refresh_token_lifetime_ms, a.refresh_token_idle_lifetime_ms,
       a.not_before, a.created_at, a.updated_at, r.client_id
FROM apis AS a
LEFT JOIN api_resource_servers AS r ON r.api_id = a.id
ORDER BY a.created_at, a.id, r.client_id`

	secondSelectClients = `
SELECT c.id, c.name, c.grant_types, c.auth_methods, c.scopes, c.access_token_lifetime_ms,
       c.keeps_refresh_tokens, c.disabled, c.not_before, c.created_at, c.updated_at,
       s.id, s.name, s.hash, s.imported, s.created_at, s.expires_at, s.last_used_at, s.last_used_from
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
ORDER BY c.id, s.position`
)

// insertSecondAPI writes an API as the second release does.
func insertSecondAPI(t *testing.T, db *sql.DB, id string) {
	t.Helper()
	exec(t, db, secondInsertAPI, id)
	for _, definition := range secondAPI(id).Scopes {
		exec(t, db, secondInsertAPIScope, definition, id)
	}
}

// secondAPI and secondClient are the rows above as this release reads them.
func secondAPI(id string, resourceServers ...string) store.API {
	return store.API{
		ID: id, Audience: "https://" + id, Mode: store.Live,
		Scopes:      []string{"/" + id + ".read", "/" + id + "/{accountID}/x.write"},
		TokenFormat: store.Opaque, Algorithm: "RS256", Type: "JWT",
		AccessTokenLifetime: time.Second, RefreshTokenLifetime: 2 * time.Second, RefreshTokenIdleLifetime: 3 * time.Second,
		NotBefore: time.UnixMilli(4000).UTC(), ResourceServers: resourceServers,
		CreatedAt: time.UnixMilli(5000).UTC(), UpdatedAt: time.UnixMilli(6000).UTC(),
	}
}

func secondClient(id, secret string) store.Client {
	return store.Client{
		ID: id, Name: "name of " + id, Mode: store.Live,
		GrantTypes:  []oauth.GrantType{oauth.RefreshToken},
		AuthMethods: []oauth.AuthMethod{oauth.ClientSecretPost},
		Scopes:      []string{"/a.read", "/a/{accountID=x|y}/x.write"}, AccessTokenLifetime: 7 * time.Second,
		Secrets: []store.Secret{{
			ID: secret, Name: "name of " + secret, Hash: []byte(secret), Imported: true,
			CreatedAt: time.UnixMilli(11_000).UTC(), ExpiresAt: time.UnixMilli(12_000).UTC(),
			LastUsedAt: time.UnixMilli(13_000).UTC(), LastUsedFrom: "192.0.2.1",
		}},
		KeepsRefreshTokens: true, NotBefore: time.UnixMilli(8000).UTC(),
		CreatedAt: time.UnixMilli(9000).UTC(), UpdatedAt: time.UnixMilli(10_000).UTC(),
	}
}

// secondDatabase holds what the second release has written: two APIs, two keys.
func secondDatabase(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "grantd.db")
	db := openOld(t, path, 2)
	insertSecondAPI(t, db, "a")
	insertSecondAPI(t, db, "b")
	for _, id := range []string{"c", "d"} {
		exec(t, db, secondInsertClient, id)
		exec(t, db, secondInsertSecret, id, "secret of "+id)
	}
	exec(t, db, secondInsertResourceServer, "a", "c")
	db.Close()
	return path
}

func TestRowsOfTheSecondReleaseKeepWorking(t *testing.T) {
	s, ctx := openNew(t, secondDatabase(t)), t.Context()
	apis, err := s.APIs(ctx)
	sameRecord(t, "APIs", apis, err, []store.API{secondAPI("a", "c"), secondAPI("b")})
	clients, err := s.Clients(ctx, "", 10)
	sameRecord(t, "clients", clients, err, []store.Client{secondClient("c", "secret of c"), secondClient("d", "secret of d")})

	by := store.Origin{Actor: "system", At: time.UnixMilli(20_000).UTC()}
	taken := store.API{ID: "e", Audience: "https://e", Mode: store.Live, Scopes: []string{"/b.read"}}
	_, err = s.Write(ctx, by, store.CreateAPI{API: taken})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("a live API with a definition that was there before: got %v, want %v", err, store.ErrConflict)
	}
	taken.Mode = store.Test
	api, client := secondAPI("a", "c"), secondClient("d", "secret of d")
	api.Scopes, api.UpdatedAt = []string{"/a.read", "/new"}, by.At
	client.Policy, client.UpdatedAt = store.Policy{Origins: []string{"https://app.example"}}, by.At
	_, err = s.Write(
		ctx, by, store.CreateAPI{API: taken},
		store.UpdateAPI{API: api}, store.DeleteAPI{ID: "b"}, store.UpdateClient{Client: client},
	)
	if err != nil {
		t.Fatalf("write to old rows: %v", err)
	}
	apis, err = s.APIs(ctx)
	taken.CreatedAt, taken.UpdatedAt = time.Time{}, time.Time{}
	sameRecord(t, "APIs", apis, err, []store.API{taken, api})
	clients, err = s.Clients(ctx, "", 10)
	sameRecord(t, "clients", clients, err, []store.Client{secondClient("c", "secret of c"), client})
}

func TestSecondReleaseRunsOnTheLastSchema(t *testing.T) {
	path := secondDatabase(t)
	openNew(t, path).Close()

	db := connect(t, path)
	insertSecondAPI(t, db, "e")
	exec(t, db, secondInsertClient, "f")
	exec(t, db, secondInsertSecret, "f", "secret of f")
	exec(t, db, secondInsertResourceServer, "e", "f")
	exec(t, db, oldDeleteSecrets, "c")
	exec(t, db, oldDeleteClient, "c")
	// It finds a definition that is taken by that no row is inserted.
	result, err := db.ExecContext(t.Context(), secondInsertAPIScope, "/a.read", "e")
	if err != nil {
		t.Fatal(err)
	}
	n, err := result.RowsAffected()
	if err != nil || n != 0 {
		t.Errorf("a definition that is taken: inserted %d rows (%v), want none", n, err)
	}
	if got := texts(t, db, secondSelectAPIs, 13); !cmp.Equal(got, []string{"a", "b", "e"}) {
		t.Errorf("the second release reads the APIs %v", got)
	}
	if got := texts(t, db, secondSelectClients, 19); !cmp.Equal(got, []string{"d", "f"}) {
		t.Errorf("the second release reads the keys %v", got)
	}
	db.Close()

	s, ctx := openNew(t, path), t.Context()
	apis, err := s.APIs(ctx)
	sameRecord(t, "APIs", apis, err, []store.API{secondAPI("a"), secondAPI("b"), secondAPI("e", "f")})
	clients, err := s.Clients(ctx, "", 10)
	sameRecord(t, "clients", clients, err, []store.Client{secondClient("d", "secret of d"), secondClient("f", "secret of f")})
}

// texts returns the first column of a query.
func texts(t *testing.T, db *sql.DB, query string, columns int) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		row := make([]any, columns)
		dest := make([]any, columns)
		for i := range row {
			dest[i] = &row[i]
		}
		err = rows.Scan(dest...)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		list = append(list, fmt.Sprint(row[0]))
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return list
}
