package token

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/internal/telemetry"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// The APIs and keys of a kit.
const (
	opaqueAPI = "https://opaque.example"
	jwtAPI    = "https://jwt.example"

	plainKey  = "plain"  // may not refresh
	ownerKey  = "owner"  // may refresh
	keeperKey = "keeper" // may refresh, without rotation
	serverKey = "server" // is a resource server of both APIs
	secret    = "a-secret-of-32-characters-is-fine"
	issuer    = "https://issuer.example"
)

// kit is the three endpoints on a real store, with a clock that tests move.
type kit struct {
	store    *sqlstore.Store
	pepper   *clientauth.Pepper
	registry *prometheus.Registry
	mirror   *mirror.Mirror
	ring     *keys.Ring
	endpoint *Endpoint
	reader   *Reader
	// revocation is the handler of the endpoint "revoke".
	revocation *Revocation
	handlers   map[string]http.Handler

	mu     sync.Mutex
	offset time.Duration
}

func (k *kit) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return time.Now().Add(k.offset)
}

func (k *kit) advance(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.offset += d
}

func newKit(t testing.TB) *kit {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "grantd.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	k := &kit{store: db, pepper: clientauth.NewPepper(keys.Secret{2})}
	k.ring = k.newRing(t)
	k.fill(t)
	k.wire(t)
	return k
}

// node is another server on the same store.
func (k *kit) node(t testing.TB) *kit {
	t.Helper()
	other := &kit{store: k.store, pepper: k.pepper, offset: k.offset}
	other.ring = other.newRing(t)
	other.wire(t)
	return other
}

func (*kit) newRing(t testing.TB) *keys.Ring {
	t.Helper()
	sealer, err := keys.NewSealer(keys.Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	return &keys.Ring{Sealer: sealer, Schedule: keys.Schedule{Retain: time.Hour}}
}

// wire makes the handlers.
func (k *kit) wire(t testing.TB) {
	t.Helper()
	k.mirror = &mirror.Mirror{Source: k.store, Keyring: k.ring, Logger: slog.New(slog.DiscardHandler), Now: k.now}
	err := k.mirror.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k.registry = prometheus.NewRegistry()
	metrics := telemetry.NewMetrics(k.registry)
	authenticator := &clientauth.Authenticator{
		Clients: k.mirror, Pepper: k.pepper, Imported: clientauth.NewImported(k.pepper), Uses: &clientauth.Uses{}, Now: k.now,
	}
	sealer := k.ring.Sealer
	k.reader = &Reader{Issuer: issuer, Ring: k.ring, Sealer: sealer, Directory: k.mirror, Now: k.now}
	k.endpoint = &Endpoint{
		Issuer: issuer, Authenticator: authenticator, Directory: k.mirror, Families: k.store, MaxStaleness: time.Hour,
		Ring: k.ring, Sealer: sealer, Metrics: metrics,
	}
	k.revocation = &Revocation{
		Authenticator: authenticator, Reader: k.reader, Store: k.store, Directory: k.mirror, Metrics: metrics,
	}
	introspection := &Introspection{
		Authenticator: authenticator, Reader: k.reader, Directory: k.mirror, MaxStaleness: time.Hour,
		Ring: k.ring, Issuer: issuer, Metrics: metrics,
	}
	p := &web.Plumbing{Logger: slog.New(slog.DiscardHandler), Metrics: metrics, Now: k.now, BodyTimeout: time.Second}
	k.handlers = map[string]http.Handler{
		"token":      p.Client("token", k.endpoint.Serve),
		"revoke":     p.Client("revoke", k.revocation.Serve),
		"introspect": p.Client("introspect", introspection.Serve),
	}
}

// fill writes the APIs, the keys and a signing key.
func (k *kit) fill(t testing.TB) {
	t.Helper()
	api := func(audience, scope string, format store.TokenFormat) store.CreateAPI {
		return store.CreateAPI{API: store.API{
			Mode: store.Live,
			ID:   audience, Audience: audience, Scopes: []string{scope, scope + ".more"}, TokenFormat: format, Algorithm: keys.ES256,
			Type: "at+jwt", AccessTokenLifetime: time.Hour, RefreshTokenLifetime: 24 * time.Hour, CreatedAt: k.now(),
		}}
	}
	client := func(id string, keeps bool, grants ...oauth.GrantType) store.CreateClient {
		hash := k.pepper.Hash(id, secret)
		return store.CreateClient{Client: store.Client{
			Mode: store.Live,
			ID:   id, Name: id, Scopes: []string{"/opaque", "/jwt", "/opaque.more"}, CreatedAt: k.now(), KeepsRefreshTokens: keeps,
			GrantTypes: grants, AuthMethods: []oauth.AuthMethod{oauth.ClientSecretBasic, oauth.ClientSecretPost},
			Secrets: []store.Secret{{ID: "1", Name: "first", Hash: hash[:], CreatedAt: k.now()}},
		}}
	}
	signing, err := k.ring.New(keys.ES256, k.now(), k.now().Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	k.write(t,
		api(opaqueAPI, "/opaque", store.Opaque), api(jwtAPI, "/jwt", store.JWT),
		client(plainKey, false, oauth.ClientCredentials),
		client(ownerKey, false, oauth.ClientCredentials, oauth.RefreshToken),
		client(keeperKey, true, oauth.ClientCredentials, oauth.RefreshToken),
		client(serverKey, false, oauth.ClientCredentials),
		store.AddResourceServer{APIID: opaqueAPI, ClientID: serverKey}, store.AddResourceServer{APIID: jwtAPI, ClientID: serverKey},
		store.CreateSigningKey{SigningKey: signing})
}

// write changes the store; sync lets the mirror see it.
func (k *kit) write(t testing.TB, mutations ...store.Mutation) {
	t.Helper()
	_, err := k.store.Write(t.Context(), store.Origin{Actor: "test", At: k.now()}, mutations...)
	if err != nil {
		t.Fatal(err)
	}
}

func (k *kit) sync(t testing.TB) {
	t.Helper()
	err := k.mirror.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
}

// request makes a form request of a key.
func request(ctx context.Context, key, body string) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(key, secret)
	return r
}

// post sends a form to an endpoint and returns status and body.
func (k *kit) post(t testing.TB, endpoint, key, body string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	k.handlers[endpoint].ServeHTTP(w, request(t.Context(), key, body))
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(text)
}

// grant gets tokens for a key.
func (k *kit) grant(t testing.TB, key, scope string) oauth.TokenResponse {
	t.Helper()
	status, body := k.post(t, "token", key, "grant_type=client_credentials&scope="+scope)
	return readTokens(t, status, body)
}

func readTokens(t testing.TB, status int, body string) oauth.TokenResponse {
	t.Helper()
	var answer oauth.TokenResponse
	err := json.Unmarshal([]byte(body), &answer)
	if err != nil || status != http.StatusOK {
		t.Fatalf("got %d %s, %v", status, body, err)
	}
	return answer
}

// active reports what introspection by the key says.
func (k *kit) active(t testing.TB, key, token string) bool {
	t.Helper()
	status, body := k.post(t, "introspect", key, "token="+token)
	if status != http.StatusOK {
		t.Fatalf("introspection: %d %s", status, body)
	}
	return body != `{"active":false}`
}

// auditRows is how many rows the audit trail has.
func (k *kit) auditRows(t testing.TB) int {
	t.Helper()
	rows, err := k.store.AuditRows(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return len(rows)
}

// refresh uses a refresh token and returns status and body.
func (k *kit) refresh(t testing.TB, key, token, more string) (int, string) {
	t.Helper()
	return k.post(t, "token", key, "grant_type=refresh_token&refresh_token="+token+more)
}
