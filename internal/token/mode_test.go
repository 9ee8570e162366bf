package token

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

const testAPI = "https://test.example"

// newWorlds makes a test API with the scopes of a live one.
func newWorlds(t *testing.T) *kit {
	t.Helper()
	k := newKit(t)
	k.write(t, store.CreateAPI{API: store.API{
		Mode: store.Test, ID: testAPI, Audience: testAPI, Scopes: []string{"/opaque", "/jwt"}, TokenFormat: store.Opaque, Algorithm: keys.ES256,
		Type: "at+jwt", AccessTokenLifetime: time.Hour, RefreshTokenLifetime: 24 * time.Hour, CreatedAt: k.now().Add(-time.Minute),
	}}, store.AddResourceServer{APIID: testAPI, ClientID: serverKey})
	k.sync(t)
	return k
}

func TestAKeyGetsTokensOfItsOwnMode(t *testing.T) {
	k := newWorlds(t)
	k.change(t, ownerKey, func(c *store.Client) { c.Mode = store.Test })
	t.Run("the same scope means the API of the mode", func(t *testing.T) {
		for key, want := range map[string]string{ownerKey: `"aud":"` + testAPI + `"`, plainKey: `"aud":"` + opaqueAPI + `"`} {
			_, body := k.post(t, "introspect", serverKey, "token="+k.grant(t, key, "/opaque").AccessToken)
			if !strings.Contains(body, want) {
				t.Errorf("%s: got %s, want %s", key, body, want)
			}
		}
	})
	for _, tt := range []struct{ name, key, body, code, want string }{
		{"RFC 8707 §2: a live API is no target of a test key", ownerKey, "resource=" + opaqueAPI, "invalid_target", "this key is a test key and " + opaqueAPI + " is a live API; use a live key for it"},
		{"RFC 8707 §2: a resource of no API", plainKey, "resource=https://nowhere.example", "invalid_target", "resource names no API of this server"},
		{"RFC 8707 §2: a resource that is relative", plainKey, "resource=/accounts", "invalid_target", "resource is not an absolute URI; send the whole audience"},
		{"RFC 8707 §2: a resource that is no URI", plainKey, "resource=https://a%2520b%20c", "invalid_target", "resource is not an absolute URI"},
		{"RFC 8707 §2: an API with a fragment", plainKey, "resource=" + jwtAPI + "%23x", "invalid_target", "resource has a fragment"},
		{"RFC 6749 §3.3: no more than was granted", plainKey, "scope=/opaque+/jwt.more", "invalid_scope", "scope /jwt.more is not granted to this key"},
		{"a test API is no target of a live key", plainKey, "audience=" + testAPI, "invalid_target", "this key is a live key and " + testAPI + " is a test API; use a test key for it"},
		{"a scope of the other mode", ownerKey, "scope=/opaque.more", "invalid_scope", "in the catalogue of no API"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, body := k.post(t, "token", tt.key, "grant_type=client_credentials&"+tt.body)
			if status != http.StatusBadRequest || !strings.Contains(body, tt.code) || !strings.Contains(body, tt.want) {
				t.Errorf("got %d %s, want %s with %q", status, body, tt.code, tt.want)
			}
		})
	}
}

func TestTokensEndWhenAModeChanges(t *testing.T) {
	k := newWorlds(t)
	live := k.grant(t, ownerKey, "/opaque")
	t.Run("the mode of the API", func(t *testing.T) {
		k.changeAPI(t, opaqueAPI, func(a *store.API) { a.Mode = store.Test; a.Scopes = []string{"/else"} })
		if k.active(t, serverKey, live.AccessToken) {
			t.Error("a live token is active at a test API")
		}
		if got := k.reader.Inspect(live.AccessToken).Why; !strings.Contains(got, "it is a live token and its API is a test API") {
			t.Errorf("got %q", got)
		}
		k.changeAPI(t, opaqueAPI, func(a *store.API) { a.Mode = store.Live; a.Scopes = []string{"/opaque", "/opaque.more"} })
	})
	t.Run("the mode of the key", func(t *testing.T) {
		k.change(t, ownerKey, func(c *store.Client) { c.Mode = store.Test })
		status, body := k.refresh(t, ownerKey, live.RefreshToken, "")
		if status != http.StatusBadRequest || !strings.Contains(body, "invalid_grant") {
			t.Errorf("a live refresh token of a test key: got %d %s", status, body)
		}
		for _, token := range []string{live.AccessToken, live.RefreshToken} {
			seen := k.reader.Inspect(token)
			if k.active(t, ownerKey, token) || seen.Why != "its key had the other mode when it was issued" {
				t.Errorf("a live token of a test key: got %+v", seen)
			}
		}
	})
	t.Run("and back", func(t *testing.T) {
		k.change(t, ownerKey, func(c *store.Client) { c.Mode = store.Live })
		if !k.active(t, serverKey, live.AccessToken) {
			t.Error("a live token of a live key at a live API is not active")
		}
	})
}

// A grant that is bound to accounts reaches those, and no refresh token reaches
// further than the grants of today.
func TestGrantsAreBoundToValues(t *testing.T) {
	k := newKit(t)
	k.changeAPI(t, jwtAPI, func(a *store.API) {
		a.Scopes = append(a.Scopes, "/accounts/{accountID}/wallets.read")
		a.Parameters = []store.Parameter{{Name: "accountID", Type: "uuid"}}
	})
	const one, two, three = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "16fd2706-8baf-433b-82eb-8c7fada847da"
	k.change(t, ownerKey, func(c *store.Client) {
		c.Scopes = []string{"/accounts/{accountID=" + one + "|" + two + "}/wallets.read"}
	})
	ask := func(account string) (int, string) {
		return k.post(t, "token", ownerKey, "grant_type=client_credentials&scope=/accounts/"+account+"/wallets.read")
	}
	status, body := ask(one)
	tokens := readTokens(t, status, body)
	if tokens.Scope != "/accounts/"+one+"/wallets.read" {
		t.Errorf("got scope %q", tokens.Scope)
	}
	for account, want := range map[string]string{three: "is not granted to this key", "a1": "uuid", "{accountID}": "is a template"} {
		status, body := ask(account)
		if status != http.StatusBadRequest || !strings.Contains(body, "invalid_scope") || !strings.Contains(body, want) {
			t.Errorf("%s: got %d %s, want %q", account, status, body, want)
		}
	}
	t.Run("without a scope, every account of the set", func(t *testing.T) {
		status, body := k.post(t, "token", ownerKey, "grant_type=client_credentials")
		if got := readTokens(t, status, body); got.Scope != "/accounts/"+one+"/wallets.read /accounts/"+two+"/wallets.read" {
			t.Errorf("got scope %q", got.Scope)
		}
	})
	t.Run("an account that was withdrawn", func(t *testing.T) {
		k.change(t, ownerKey, func(c *store.Client) { c.Scopes = []string{"/accounts/" + two + "/wallets.read"} })
		status, body := k.refresh(t, ownerKey, tokens.RefreshToken, "")
		if status != http.StatusBadRequest || !strings.Contains(body, "invalid_scope") {
			t.Errorf("got %d %s", status, body)
		}
	})
}
