package token

import (
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// What is said of the token that a key would get is what is said of it once it is there.
func TestExplainGoesOnToTheRequestThatTheTokenIsFor(t *testing.T) {
	k := newWorldsWithRoutes(t)
	k.changeAPI(t, opaqueAPI, func(a *store.API) { a.TokenFormat = store.JWT })
	k.change(t, ownerKey, func(c *store.Client) { c.Scopes = append(c.Scopes, "/accounts/{accountID}/wallets.read") })
	outcomes := map[bool]int{}
	for _, scopes := range []string{"/accounts/a1/wallets.read", "/jwt", "/opaque", "/opaque /jwt"} {
		token := k.grant(t, ownerKey, strings.ReplaceAll(scopes, " ", "+")).AccessToken
		for _, request := range []struct{ method, path, api string }{
			{"GET", "/accounts/a1/wallets?count=3", ""},
			{"GET", "/accounts/a2/wallets", jwtAPI},
			{"GET", "/ping", ""},
			{"GET", "/ping", jwtAPI},
			{"DELETE", "/ping", jwtAPI},
			{"GE\nT", "/<script>", opaqueAPI},
			{"GET", "/ping", "https://unknown.example"},
			{"GET", "/ping", testAPI},
		} {
			got := k.endpoint.Explain(k.mirror.Client(ownerKey), Question{
				GrantType: oauth.ClientCredentials, Scope: scopes, At: k.now(), Method: request.method, Path: request.path, API: request.api,
			})
			want := k.reader.ExplainAccess(token, request.method, request.path, request.api)
			if got.Granted != want.Granted || got.Sentence != want.Sentence {
				t.Errorf("%s, %+v: got %+v, the token gets %+v", scopes, request, got, want)
			}
			if got.Steps[0].Rule != ruleKey {
				t.Errorf("%s, %+v: the rules of the token request are missing: %+v", scopes, request, got.Steps)
			}
			outcomes[got.Granted]++
		}
	}
	if outcomes[true] == 0 || outcomes[false] == 0 {
		t.Errorf("granted and refused: %v", outcomes)
	}
	refused := k.endpoint.Explain(k.mirror.Client(ownerKey), Question{
		GrantType: oauth.ClientCredentials, Scope: "/nowhere", At: k.now(), Method: "GET", Path: "/ping",
	})
	if refused.Granted || !strings.Contains(refused.Sentence, "/nowhere") {
		t.Errorf("without a token: got %+v", refused)
	}
}
