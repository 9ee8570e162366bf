package admin_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/web"
)

// caller makes calls to the socket as they are, without admin.Client.
func (s *running) caller() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", filepath.Join(s.dataDir, admin.SocketName))
		},
	}}
}

func TestBodiesThatAreRefused(t *testing.T) {
	s := start(t, t.TempDir())
	key := s.key(t)
	secrets := "keys/" + key.ClientID + "/secrets"
	kid := s.active("ES256")
	tests := []struct {
		name, path, body string
		status           int
		field            string
		detail           string
	}{
		{"an instant in words", "revoke-tokens", `{"before":"yesterday"}`, 400, "before", "must be a time such as"},
		{"an instant as a number", "revoke-tokens", `{"before":1767322800}`, 400, "before", "must be a time such as"},
		{"an instant without its zone", "revoke-tokens", `{"before":"2026-01-01T00:00:00"}`, 400, "before", "must be a time such as"},
		{"an instant twice", "revoke-tokens", `{"before":"2026-01-01T00:00:00Z","before":null}`, 400, "before", "is there twice"},
		{"a member that is mistyped ends nothing", "revoke-tokens", `{"befor":"2020-01-01T00:00:00Z"}`, 400, "befor", "there is no member"},
		{"a list of instants", "revoke-tokens", `[]`, 400, "", "must be an object"},
		{"an instant to come", "keys/" + key.ClientID + "/revoke-tokens", `{"before":"2126-01-01T00:00:00Z"}`, 422, "before", "in the future"},
		{"no token", "tokens/revoke", `{}`, 422, "token", "is missing"},
		{"a token that is a list", "tokens/inspect", `{"token":["a"]}`, 400, "token", "must be a string"},
		{"a secret without a name", secrets, `{}`, 422, "name", "is missing"},
		{"a secret that ended", secrets, `{"name":"x","expires_at":"2020-01-01T00:00:00Z"}`, 422, "expires_at", "not in the future"},
		{"a lifetime in words", secrets, `{"name":"x","expires_in":"1h"}`, 400, "expires_in", "must be an integer"},
		{"a hash that is none", secrets, `{"name":"x","client_secret_hash":"x"}`, 422, "client_secret_hash", "cannot be imported"},
		{"force in words", secrets + "/default/retire", `{"force":"yes"}`, 400, "force", "must be true or false"},
		{"retired in the past", secrets + "/default/retire", `{"at":"2020-01-01T00:00:00Z","force":true}`, 422, "at", "not in the future"},
		{"retired before now", secrets + "/default/retire", `{"in":-1,"force":true}`, 422, "in", "out of range"},
		{"retired at two times", secrets + "/default/retire", `{"in":1,"at":"2027-01-01T00:00:00Z"}`, 422, "in", "both at and in"},
		{"unused for less than nothing", secrets + "/default/retire", `{"unused_for":-1}`, 422, "unused_for", "out of range"},
		{"the last one that works", secrets + "/default/retire", `{}`, 409, "force", "only secret of the key that works"},
		{"an algorithm of no key", "signing-keys/rotate", `{"alg":"EdDSA"}`, 422, "alg", "there is no EdDSA signing key"},
		{"a revocation with a body", "signing-keys/" + kid + "/revoke", `{}`, 400, "", "takes no body"},
		{"a key whose secret ended", "keys", `{"name":"k","scopes":["/a.read"],"secret_expires_at":"2020-01-01T00:00:00Z"}`, 422, "secret_expires_at", "not in the future"},
		{"a key whose secret ends in 11 years", "keys", `{"name":"k","scopes":["/a.read"],"secret_expires_in":347000000}`, 422, "secret_expires_in", "out of range"},
		{"a key that rotates sometimes", "keys", `{"name":"k","scopes":["/a.read"],"refresh_rotation":"auto"}`, 422, "refresh_rotation", `cannot be "auto"`},
	}
	before := len(s.events(t))
	client := s.caller()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://grantd/admin/v1/"+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var got web.Problem
			err = json.NewDecoder(response.Body).Decode(&got)
			if err != nil || got.Status != tt.status || got.Field != tt.field || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("got %+v, %v; want %d about %q with %q", got, err, tt.status, tt.field, tt.detail)
			}
			if got.Hint == "" && got.Status != http.StatusBadRequest {
				t.Errorf("%+v says not what to do", got)
			}
		})
	}
	if after := len(s.events(t)); after != before {
		t.Errorf("refused calls left %d rows in the audit trail", after-before)
	}
	s.works(t, key.ClientID, key.ClientSecret, true)
}
