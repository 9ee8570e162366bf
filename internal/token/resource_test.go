package token

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/internal/telemetry"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

const (
	one     = "https://one.example"
	another = "https://another.example"
)

// caller is an Authenticator that everybody passes as this key.
type caller struct{ *mirror.Client }

func (c caller) Authenticate(context.Context, *web.Request) (*mirror.Client, error) {
	return c.Client, nil
}

// newDirectory is a mirror of a server that has two APIs with these scopes, and a
// key with both.
func newDirectory(t *testing.T, sealer *keys.Sealer, ofOne, ofAnother string) *mirror.Mirror {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "grantd.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	opaque := func(audience, scope string) store.CreateAPI {
		return store.CreateAPI{API: store.API{
			Mode: store.Live,
			ID:   audience, Audience: audience, Scopes: []string{scope}, TokenFormat: store.Opaque, Algorithm: keys.ES256,
			Type: "at+jwt", AccessTokenLifetime: time.Hour, RefreshTokenLifetime: time.Hour,
		}}
	}
	_, err = db.Write(t.Context(), store.Origin{Actor: "test", At: time.Now()},
		opaque(one, ofOne), opaque(another, ofAnother),
		store.CreateClient{Client: store.Client{
			Mode: store.Live,
			ID:   "key", Name: "key", Scopes: []string{"/a.read", "/b.read"}, CreatedAt: time.Now().Add(-time.Hour), KeepsRefreshTokens: true,
			GrantTypes: []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken},
		}})
	if err != nil {
		t.Fatal(err)
	}
	m := &mirror.Mirror{Source: db, Keyring: &keys.Ring{Sealer: sealer}, Logger: slog.New(slog.DiscardHandler), Now: time.Now}
	err = m.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// ask sends one request and returns the answer, or the code of the refusal.
func (e *Endpoint) ask(t *testing.T, params ...web.Param) (oauth.TokenResponse, oauth.ErrorCode) {
	t.Helper()
	w := httptest.NewRecorder()
	err := e.Serve(t.Context(), w, &web.Request{Params: params, At: time.Now(), Record: &web.Record{}})
	refusal, refused := errors.AsType[*web.Error](err)
	if refused {
		return oauth.TokenResponse{}, refusal.Public.Code
	}
	if err != nil {
		t.Fatal(err)
	}
	var answer oauth.TokenResponse
	err = json.Unmarshal(w.Body.Bytes(), &answer)
	if err != nil {
		t.Fatal(err)
	}
	return answer, ""
}

func TestARefreshTokenKeepsTheAPIsThatWereNamed(t *testing.T) {
	sealer, err := keys.NewSealer(keys.Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	before := newDirectory(t, sealer, "/a.read", "/b.read")
	e := &Endpoint{
		Issuer: "https://issuer.example", Authenticator: caller{before.Client("key")}, Directory: before,
		MaxStaleness: time.Hour, Sealer: sealer, Metrics: telemetry.NewMetrics(prometheus.NewRegistry()),
	}
	for _, parameter := range []string{"resource", "audience"} {
		t.Run(parameter, func(t *testing.T) {
			e.Directory = before
			first, refusal := e.ask(t, web.Param{Name: "grant_type", Value: "client_credentials"}, web.Param{Name: parameter, Value: one})
			if refusal != "" || first.Scope != "/a.read" {
				t.Fatalf("got %+v, %s", first, refusal)
			}
			handle, err := (&Reader{Sealer: sealer}).readRefresh(first.RefreshToken)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{one}, handle.resources); diff != "" {
				t.Errorf("resources in the refresh token (-want +got):\n%s", diff)
			}
			again := []web.Param{{Name: "grant_type", Value: "refresh_token"}, {Name: "refresh_token", Value: first.RefreshToken}}
			got, refusal := e.ask(t, again...)
			if refusal != "" || got.Scope != "/a.read" || got.RefreshToken != first.RefreshToken {
				t.Errorf("a refresh: got %+v, %s", got, refusal)
			}
			// The scope is another API's now, which nobody asked a token for.
			e.Directory = newDirectory(t, sealer, "/b.read", "/a.read")
			got, refusal = e.ask(t, again...)
			if refusal != oauth.InvalidScope {
				t.Errorf("after the scope moved to another API: got %+v, %q; want %s", got, refusal, oauth.InvalidScope)
			}
		})
	}
}
