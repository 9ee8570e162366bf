package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/oauth"
)

// refreshing are the grants of a key that may refresh.
var refreshing = []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken}

func (i *instance) createAPI(t *testing.T, in admin.NewAPI) {
	t.Helper()
	i.operate(t, http.MethodPost, "/admin/v1/apis", in, nil)
}

// refresh sends a refresh token with the credentials of the key.
func (i *instance) refresh(t *testing.T, key admin.CreatedKey, token any, more string) answer {
	t.Helper()
	body := fmt.Sprintf("grant_type=refresh_token&refresh_token=%v%s", token, more)
	return i.do(t, request{contentType: formType, body: body, user: key.ClientID, password: key.ClientSecret})
}

func TestAKeysLifetimeReplacesTheAPIs(t *testing.T) {
	i := start(t, nil)
	for _, lifetime := range []int64{90, 7200} { // the API says 3600
		key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, AccessTokenLifetime: admin.Seconds(lifetime)})
		got := i.token(t, key, "")
		claims := i.verified(t, got.fields["access_token"]).Claims
		issued, _ := claims["iat"].(json.Number).Int64()
		expires, _ := claims["exp"].(json.Number).Int64()
		if got.fields["expires_in"] != float64(lifetime) || expires-issued != lifetime {
			t.Errorf("got expires_in %v and exp-iat %d, want %d", got.fields["expires_in"], expires-issued, lifetime)
		}
	}
}

func TestARefreshTokenLivesAsLongAsTheShortestLivedAPIAllows(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	i.createAPI(t, admin.NewAPI{Audience: "https://long.example", Scopes: []string{"/long.read"}})
	i.createAPI(t, admin.NewAPI{Audience: "https://short.example", Scopes: []string{"/short.read"}, RefreshTokenLifetime: 60})
	key := i.create(t, admin.NewKey{Scopes: []string{"/long.read", "/short.read"}, GrantTypes: refreshing})
	tests := []struct {
		scope string
		ends  bool
	}{
		{"/long.read+/short.read", true},
		{"/short.read+/long.read", true},
		{"/long.read", false},
	}
	for _, tt := range tests {
		t.Run(tt.scope, func(t *testing.T) {
			token := i.token(t, key, "&scope="+tt.scope).fields["refresh_token"]
			c.advance(40 * time.Second)
			token = i.refresh(t, key, token, "").granted(t)
			c.advance(21 * time.Second)
			got := i.refresh(t, key, token, "")
			if ended := got.fields["error"] == string(oauth.InvalidGrant); ended != tt.ends || ended == (got.status == http.StatusOK) {
				t.Errorf("after 61 seconds: got %d %s", got.status, got.body)
			}
		})
	}
}

func TestOneTokenIsNotForAPIsThatDisagree(t *testing.T) {
	i := start(t, nil)
	tests := []struct {
		name string
		api  admin.NewAPI // the demo API has JWTs, ES256 and at+jwt
	}{
		{"on the format", admin.NewAPI{TokenFormat: "opaque"}},
		{"on the algorithm", admin.NewAPI{Algorithm: keys.EdDSA}},
		{"on typ", admin.NewAPI{Type: "JWT"}},
	}
	for n, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			own := fmt.Sprintf("/own%d.read", n)
			tt.api.Audience, tt.api.Scopes = fmt.Sprintf("https://own%d.example", n), []string{own}
			i.createAPI(t, tt.api)
			for _, scopes := range [][]string{{"/ping.read", own}, {own, "/ping.read"}} {
				key := i.create(t, admin.NewKey{Scopes: scopes})
				got := i.token(t, key, "")
				if got.status != http.StatusBadRequest || got.fields["error"] != string(oauth.InvalidTarget) {
					t.Errorf("%v: got %d %s", scopes, got.status, got.body)
				}
				got = i.token(t, key, "&resource="+tt.api.Audience)
				if got.fields["scope"] != own {
					t.Errorf("%v for one of them: got %d %s", scopes, got.status, got.body)
				}
			}
		})
	}
}

func TestARefreshForOneOfTheAPIs(t *testing.T) {
	i := start(t, nil)
	const first, second = "https://first.example", "https://second.example"
	i.createAPI(t, admin.NewAPI{Audience: first, Scopes: []string{"/first.read", "/first.write"}})
	i.createAPI(t, admin.NewAPI{Audience: second, Scopes: []string{"/second.read"}})
	key := i.create(t, admin.NewKey{Scopes: []string{"/first.read", "/second.read", "/first.write"}, GrantTypes: refreshing})
	forBoth := i.token(t, key, "").fields["refresh_token"]
	forFirst := i.token(t, key, "&resource="+first).fields["refresh_token"]
	tests := []struct {
		name  string
		token any
		more  string
		aud   any
		scope string
	}{
		{"RFC 8707 §2.2: a resource without scope narrows to that API", forBoth, "&resource=" + first, first, "/first.read /first.write"},
		{"RFC 8707 §2.2: audience does the same", forBoth, "&audience=" + second, second, "/second.read"},
		{"RFC 8707 §2.2: a resource with one of its scopes", forBoth, "&scope=/first.write&resource=" + first, first, "/first.write"},
		{"RFC 8707 §2.2: afterwards the refresh token is still for both", forBoth, "", []any{first, second}, "/first.read /second.read /first.write"},
		{"RFC 8707 §2.2: a refresh token for one API gives tokens for that one", forFirst, "", first, "/first.read /first.write"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := i.refresh(t, key, tt.token, tt.more)
			if got.status != http.StatusOK || got.fields["scope"] != tt.scope {
				t.Fatalf("got %d %s, want scope %s", got.status, got.body, tt.scope)
			}
			if diff := cmp.Diff(tt.aud, i.verified(t, got.fields["access_token"]).Claims["aud"]); diff != "" {
				t.Errorf("aud (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("RFC 8707 §2.2: a refresh token for one API gives no token for another", func(t *testing.T) {
		for _, more := range []string{"&resource=" + second, "&scope=/second.read", "&scope=/first.read&resource=" + second} {
			got := i.refresh(t, key, forFirst, more)
			if got.status != http.StatusBadRequest || got.fields["access_token"] != nil {
				t.Errorf("%s: got %d %s", more, got.status, got.body)
			}
		}
	})
}
