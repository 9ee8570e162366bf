package sqlstore

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/grantd/grantd/internal/store"
)

// The statements by which the release with the first migration alone writes.
const (
	oldInsertAPI = `
INSERT INTO apis (id, audience, scopes, token_format, algorithm, typ,
                  access_token_lifetime_ms, refresh_token_lifetime_ms, created_at, updated_at)
VALUES ($1, 'https://' || $1, '/' || $1 || '.read', 'jwt', 'ES256', 'at+jwt', 1000, 2000, 3000, 4000)`

	oldInsertClient = `
INSERT INTO clients (id, name, grant_types, auth_methods, scopes, access_token_lifetime_ms,
                     disabled, created_at, updated_at)
VALUES ($1, 'name', '', '', '/a.read', 0, 1, 5000, 6000)`

	oldInsertSecret = `
INSERT INTO client_secrets (client_id, id, position, hash, created_at)
VALUES ($1, $2, $3, CAST($2 AS BLOB), 7000)`

	oldInsertSigningKey = `
INSERT INTO signing_keys (id, algorithm, sealed, created_at) VALUES ($1, 'ES256', x'01', 8000)`

	oldDeleteSecrets = `DELETE FROM client_secrets WHERE client_id = $1`
	oldDeleteClient  = `DELETE FROM clients WHERE id = $1`
)

// openOld returns a connection to a database that has the migrations up to a
// version.
func openOld(t *testing.T, path string, version int64) *sql.DB {
	t.Helper()
	_, err := createFile(path)
	if err != nil {
		t.Fatal(err)
	}
	db := connect(t, path)
	err = claim(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := migrator(db, goose.DialectSQLite3, sqliteMigrations)
	if err != nil {
		t.Fatal(err)
	}
	_, err = provider.UpTo(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// connect opens the file as the writer does.
func connect(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", writerDSN(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), statement, args...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func openNew(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func sameRecord[T any](t *testing.T, what string, got T, err error, want T) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// oldAPI and the others are the rows above as this release reads them.
func oldAPI() store.API {
	return store.API{
		ID: "a", Audience: "https://a", Mode: store.Live, Scopes: []string{"/a.read"},
		TokenFormat: store.JWT, Algorithm: "ES256", Type: "at+jwt",
		AccessTokenLifetime: time.Second, RefreshTokenLifetime: 2 * time.Second,
		CreatedAt: time.UnixMilli(3000).UTC(), UpdatedAt: time.UnixMilli(4000).UTC(),
	}
}

func oldClient(secrets ...store.Secret) store.Client {
	return store.Client{
		ID: "c", Name: "name", Mode: store.Live, Scopes: []string{"/a.read"}, Disabled: true, Secrets: secrets,
		CreatedAt: time.UnixMilli(5000).UTC(), UpdatedAt: time.UnixMilli(6000).UTC(),
	}
}

func oldSecret(id, name string) store.Secret {
	return store.Secret{ID: id, Name: name, Hash: []byte(id), CreatedAt: time.UnixMilli(7000).UTC()}
}

func TestRowsOfTheFirstReleaseKeepWorking(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	db := openOld(t, path, 1)
	exec(t, db, oldInsertAPI, "a")
	exec(t, db, oldInsertClient, "c")
	exec(t, db, oldInsertSecret, "c", "first", 0)
	exec(t, db, oldInsertSecret, "c", "second", 1)
	exec(t, db, oldInsertSigningKey, "k")
	db.Close()

	s, ctx := openNew(t, path), t.Context()
	api, err := s.API(ctx, "a")
	sameRecord(t, "API", api, err, oldAPI())
	client, err := s.Client(ctx, "c")
	sameRecord(t, "client", client, err, oldClient(oldSecret("first", "default"), oldSecret("second", "default-2")))
	key, err := s.SigningKey(ctx, "k")
	at := time.UnixMilli(8000).UTC()
	sameRecord(t, "signing key", key, err, store.SigningKey{
		ID: "k", Algorithm: "ES256", Sealed: []byte{1}, CreatedAt: at, ActivatesAt: at,
	})
	notBefore, err := s.NotBefore(ctx)
	sameRecord(t, "not before", notBefore, err, time.Time{})

	by := store.Origin{Actor: "system", At: at}
	_, err = s.Write(
		ctx, by,
		store.AddSecret{ClientID: "c", Secret: oldSecret("third", "third")},
		store.RemoveSecret{ClientID: "c", ID: "first"},
		store.AddResourceServer{APIID: "a", ClientID: "c"},
		store.RevokeAPITokens{ID: "a", Before: at},
		store.RevokeClientTokens{ID: "c", Before: at},
		store.RevokeSigningKey{ID: "k"},
	)
	if err != nil {
		t.Fatalf("write to old rows: %v", err)
	}
	client, err = s.Client(ctx, "c")
	want := oldClient(oldSecret("second", "default-2"), oldSecret("third", "third"))
	want.NotBefore, want.UpdatedAt = at, at
	sameRecord(t, "client", client, err, want)
}

// A server is replaced by its next release while the old one may come back.
func TestFirstReleaseRunsOnTheLastSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	s, ctx := openNew(t, path), t.Context()
	at := time.UnixMilli(8000).UTC()
	_, err := s.Write(
		ctx, store.Origin{Actor: "system", At: at},
		store.CreateAPI{API: store.API{ID: "new", Mode: store.Live}},
		store.CreateClient{Client: store.Client{ID: "new", Mode: store.Live}},
		store.AddSecret{ClientID: "new", Secret: oldSecret("s", "s")},
		store.AddResourceServer{APIID: "new", ClientID: "new"},
	)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()

	db := connect(t, path)
	exec(t, db, oldInsertAPI, "a")
	exec(t, db, oldInsertClient, "c")
	exec(t, db, oldInsertSecret, "c", "first", 0)
	exec(t, db, oldInsertSigningKey, "k")
	exec(t, db, oldDeleteSecrets, "new")
	exec(t, db, oldDeleteClient, "new")
	db.Close()

	s = openNew(t, path)
	api, err := s.API(ctx, "a")
	sameRecord(t, "API", api, err, oldAPI())
	client, err := s.Client(ctx, "c")
	sameRecord(t, "client", client, err, oldClient(oldSecret("first", "default")))
	key, err := s.SigningKey(ctx, "k")
	sameRecord(t, "signing key", key, err, store.SigningKey{ID: "k", Algorithm: "ES256", Sealed: []byte{1}, CreatedAt: at})
	api, err = s.API(ctx, "new")
	sameRecord(t, "resource servers after the key was deleted", api.ResourceServers, err, nil)
}
