package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

// preflight is what a browser asks before it sends a form with credentials.
func (i *instance) preflight(t tb, path, origin string) answer {
	t.Helper()
	return i.do(t, request{method: http.MethodOptions, path: path, more: header(
		"Origin", origin, "Access-Control-Request-Method", http.MethodPost, "Access-Control-Request-Headers", "authorization,content-type",
	)})
}

func TestPreflights(t *testing.T) {
	i := start(t, nil)
	key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, Origins: []string{appOrigin}})
	for _, path := range []string{tokenPath, revokePath, introspectPath} {
		t.Run(path, func(t *testing.T) {
			got := i.preflight(t, path, appOrigin)
			want := map[string]string{
				"Access-Control-Allow-Origin":  appOrigin,
				"Access-Control-Allow-Methods": "POST",
				"Access-Control-Allow-Headers": "Authorization, Content-Type",
				"Access-Control-Max-Age":       "600",
				"Vary":                         "Origin",
			}
			for name, value := range want {
				if got.header.Get(name) != value {
					t.Errorf("%s: got %q, want %q", name, got.header.Get(name), value)
				}
			}
			if got.status != http.StatusNoContent || got.body != "" || got.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("got %d %q with %v", got.status, got.body, got.header)
			}
			for _, origin := range []string{"https://evil.example", "null", "*", appOrigin + "/", appOrigin + ":8443"} {
				got := i.preflight(t, path, origin)
				got.is(t, http.StatusForbidden, oauth.AccessDenied, "Origin header")
				if got.header.Get("Access-Control-Allow-Origin") != "" || got.header.Get("Vary") != "Origin" {
					t.Errorf("%s: got %v", origin, got.header)
				}
			}
		})
	}
	t.Run("they are logged and counted under their route", func(t *testing.T) {
		for _, path := range []string{tokenPath, revokePath, introspectPath} {
			if !strings.Contains(i.log.String(), `"method":"OPTIONS","route":"`+path+`","status":204`) {
				t.Errorf("there is none to %s in the log", path)
			}
			if !strings.Contains(i.metrics(t), `grantd_http_requests_total{error="",route="`+path+`",status="204"} 1`) {
				t.Errorf("there is none to %s in the metrics:\n%s", path, i.metrics(t))
			}
		}
	})
	t.Run("an origin goes with the last key that lists it", func(t *testing.T) {
		other := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, Origins: []string{appOrigin}})
		for _, left := range []struct {
			key    admin.CreatedKey
			status int
		}{{key, http.StatusNoContent}, {other, http.StatusForbidden}} {
			err := i.admin.DeleteKey(t.Context(), left.key.ClientID)
			if err != nil {
				t.Fatal(err)
			}
			if got := i.preflight(t, tokenPath, appOrigin); got.status != left.status {
				t.Errorf("got %d, want %d", got.status, left.status)
			}
		}
	})
}

// metrics are what the admin listener shows.
func (i *instance) metrics(t *testing.T) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+i.AdminAddr+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := i.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A script has to read why it was refused, and no script has to read what a key
// of somebody else's got.
func TestWhatScriptsMayRead(t *testing.T) {
	c := newStopped()
	i := launch(t, options{now: c.Now})
	key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, Origins: []string{appOrigin}, RequestsPerSecond: 1, Burst: 1})
	far := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, Origins: []string{appOrigin}, Networks: []string{"192.0.2.0/24"}})
	plain := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}})
	wrong := key
	wrong.ClientSecret = "wrong"
	tests := []struct {
		name     string
		key      admin.CreatedKey
		body     string
		again    bool
		status   int
		readable bool
	}{
		{"a token", key, grantForm, false, http.StatusOK, true},
		{"a wrong request", key, "grant_type=none", false, http.StatusBadRequest, true},
		{"a wrong scope", key, grantForm + "&scope=/nothing", false, http.StatusBadRequest, true},
		{"a wrong secret", wrong, grantForm, false, http.StatusUnauthorized, true},
		{"a wrong network", far, grantForm, false, http.StatusForbidden, true},
		{"too many requests", key, grantForm, true, http.StatusTooManyRequests, true},
		{"a token of a key that lists no origin", plain, grantForm, false, http.StatusOK, false},
		{"a refusal to a key that lists no origin", plain, "grant_type=none", false, http.StatusBadRequest, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c.advance(time.Minute)
			i.untilReady(t)
			if tt.again {
				i.with(t, tt.key, tokenPath, tt.body, header("Origin", appOrigin))
			}
			got := i.with(t, tt.key, tokenPath, tt.body, header("Origin", appOrigin))
			allow, expose := "", ""
			if tt.readable {
				allow, expose = appOrigin, "Retry-After, RateLimit, RateLimit-Policy"
			}
			if got.status != tt.status || got.header.Get("Access-Control-Allow-Origin") != allow || got.header.Get("Access-Control-Expose-Headers") != expose ||
				got.header.Get("Vary") != "Origin" || got.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("got %d %s with %v, want %d for scripts of %q", got.status, got.body, got.header, tt.status, allow)
			}
		})
	}
	t.Run("public documents are for all", func(t *testing.T) {
		for _, path := range []string{"/oauth2/jwks", "/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"} {
			for _, origin := range []string{"https://anybody.example", "null"} {
				got := i.do(t, request{method: http.MethodGet, path: path, more: header("Origin", origin)})
				if got.status != http.StatusOK || got.header.Get("Access-Control-Allow-Origin") != "*" {
					t.Errorf("%s: got %d with %q", path, got.status, got.header.Get("Access-Control-Allow-Origin"))
				}
			}
		}
	})
}
