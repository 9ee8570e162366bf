package token

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// change changes the record of a key.
func (k *kit) change(t testing.TB, id string, f func(c *store.Client)) {
	t.Helper()
	c, err := k.store.Client(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	f(&c)
	k.write(t, store.UpdateClient{Client: c})
	k.sync(t)
}

func (k *kit) changeAPI(t testing.TB, id string, f func(a *store.API)) {
	t.Helper()
	a, err := k.store.API(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	f(&a)
	k.write(t, store.UpdateAPI{API: a})
	k.sync(t)
}

func (k *kit) do(t testing.TB, endpoint, key, body string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := request(t.Context(), key, body)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	k.handlers[endpoint].ServeHTTP(w, r)
	return w
}

func TestThePolicyHoldsAtEveryEndpoint(t *testing.T) {
	k := newKit(t)
	first := k.grant(t, ownerKey, "/opaque")
	bodies := map[string]string{
		"token":              "grant_type=client_credentials&scope=/opaque",
		"token, refreshing":  "grant_type=refresh_token&refresh_token=" + first.RefreshToken,
		"introspect":         "token=" + first.AccessToken,
		"revoke":             "token=" + first.AccessToken,
		"token, bad request": "grant_type=unknown",
	}
	for _, tt := range []struct {
		name   string
		policy store.Policy
		status int
		want   string
	}{
		{"another origin", store.Policy{Origins: []string{"https://app.example.com"}}, http.StatusForbidden, "the Origin header names https://else.example"},
		{"another network", store.Policy{Networks: []string{"198.51.100.0/24"}}, http.StatusForbidden, "in none of the networks"},
		{"before its time", store.Policy{ValidFrom: k.now().Add(time.Hour)}, http.StatusUnauthorized, "not valid before"},
		{"after its time", store.Policy{ValidUntil: k.now().Add(-time.Second)}, http.StatusUnauthorized, "was valid until"},
	} {
		k.change(t, ownerKey, func(c *store.Client) { c.Policy = tt.policy })
		for what, body := range bodies {
			t.Run(tt.name+", "+what, func(t *testing.T) {
				endpoint, _, _ := strings.Cut(what, ",")
				got := k.do(t, endpoint, ownerKey, body, http.Header{"Origin": {"https://else.example"}})
				if got.Code != tt.status || !strings.Contains(got.Body.String(), tt.want) {
					t.Errorf("got %d %s, want %d with %q", got.Code, got.Body, tt.status, tt.want)
				}
			})
		}
	}
	k.change(t, ownerKey, func(c *store.Client) { c.Policy = store.Policy{} })
	t.Run("nothing that was refused used the refresh token up", func(t *testing.T) {
		status, body := k.refresh(t, ownerKey, first.RefreshToken, "")
		if status != http.StatusOK {
			t.Errorf("got %d %s", status, body)
		}
	})
}

func TestTokensAreCounted(t *testing.T) {
	k := newKit(t)
	first := k.grant(t, ownerKey, "/opaque")
	k.change(t, ownerKey, func(c *store.Client) { c.Policy.TokensPerHour = 2 })
	for n := range 2 {
		got := k.do(t, "token", ownerKey, "grant_type=client_credentials&scope=/opaque", nil)
		if got.Code != http.StatusOK || !strings.HasPrefix(got.Header().Get("RateLimit"), `"hour";r=`+string(rune('1'-n))) {
			t.Fatalf("token %d: got %d %s with %v", n, got.Code, got.Body, got.Header())
		}
	}
	got := k.do(t, "token", ownerKey, "grant_type=refresh_token&refresh_token="+first.RefreshToken, nil)
	if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") == "" ||
		!strings.Contains(got.Body.String(), `"temporarily_unavailable"`) || !strings.Contains(got.Body.String(), "all that it may get in an hour, 2 tokens") {
		t.Errorf("one more: got %d %s with %v", got.Code, got.Body, got.Header())
	}
	if got := k.do(t, "introspect", ownerKey, "token="+first.AccessToken, nil); got.Code != http.StatusOK {
		t.Errorf("introspection takes no token: got %d %s", got.Code, got.Body)
	}
	k.advance(time.Hour)
	k.sync(t)
	status, body := k.refresh(t, ownerKey, first.RefreshToken, "")
	if status != http.StatusOK {
		t.Errorf("an hour later: got %d %s; the request beyond the limit must not have used the refresh token up", status, body)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	k := newKit(t)
	k.change(t, ownerKey, func(c *store.Client) { c.Policy.RequestsPerSecond, c.Policy.Burst = 1, 2 })
	for _, want := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests} {
		got := k.do(t, "introspect", ownerKey, "token=x", nil)
		if got.Code != want || got.Header().Get("RateLimit-Policy") == "" {
			t.Errorf("got %d %s with %v, want %d", got.Code, got.Body, got.Header(), want)
		}
	}
	r := request(t.Context(), ownerKey, "token=x")
	r.SetBasicAuth(ownerKey, "wrong")
	k.advance(time.Second)
	for range 5 {
		k.handlers["introspect"].ServeHTTP(httptest.NewRecorder(), r)
	}
	if got := k.do(t, "introspect", ownerKey, "token=x", nil); got.Code != http.StatusOK {
		t.Errorf("after wrong secrets: got %d %s, which they must not count for", got.Code, got.Body)
	}
}

func TestNoTokenOutlivesItsKey(t *testing.T) {
	k := newKit(t)
	k.change(t, ownerKey, func(c *store.Client) { c.Policy.ValidUntil = k.now().Add(10 * time.Minute) })
	got := k.grant(t, ownerKey, "/jwt")
	if got.ExpiresIn > 600 || got.ExpiresIn < 590 {
		t.Errorf("expires_in is %d, want 600 at most", got.ExpiresIn)
	}
	if seen := k.reader.Inspect(got.RefreshToken); seen.ExpiresAt.After(k.now().Add(10 * time.Minute)) {
		t.Errorf("the refresh token expires at %s", seen.ExpiresAt)
	}
	k.change(t, ownerKey, func(c *store.Client) { c.Policy.ValidUntil = k.now().Add(time.Minute) })
	k.advance(2 * time.Minute)
	seen := k.reader.Inspect(got.AccessToken)
	if seen.Active || seen.Why != "its key is not valid now, by its policy" {
		t.Errorf("got active %t, %q", seen.Active, seen.Why)
	}
}

// The mode and the static claims are in tokens of every kind, and what they say
// comes back from introspection.
func TestModeAndStaticClaims(t *testing.T) {
	k := newKit(t)
	k.change(t, ownerKey, func(c *store.Client) { c.Policy.Claims = `{"tenant":"acme","plan":{"seats":3}}` })
	for _, scope := range []string{"/opaque", "/jwt"} {
		t.Run(scope, func(t *testing.T) {
			tokens := k.grant(t, ownerKey, scope)
			for name, token := range map[string]string{"first": tokens.AccessToken, "refreshed": refreshed(t, k, tokens).AccessToken} {
				_, body := k.post(t, "introspect", serverKey, "token="+token)
				var got struct {
					Active bool
					Mode   string
					Tenant string
					Plan   struct{ Seats int }
					Sub    string
				}
				err := json.Unmarshal([]byte(body), &got)
				if err != nil || !got.Active || got.Mode != "live" || got.Tenant != "acme" || got.Plan.Seats != 3 || got.Sub != ownerKey {
					t.Errorf("%s: got %s, %v", name, body, err)
				}
				if seen := k.reader.Inspect(token); seen.Mode != store.Live || seen.Claims != `{"tenant":"acme","plan":{"seats":3}}` {
					t.Errorf("%s: inspected as %q, %q", name, seen.Mode, seen.Claims)
				}
			}
		})
	}
}

// A list of reserved names may grow, and a token be older than that.
func TestNoStaticClaimShadowsOneOfOurs(t *testing.T) {
	k := newKit(t)
	id := identity{token: newID(k.now())}
	own := fmt.Sprintf(`"iss":%q,"sub":"owner","client_id":"owner","aud":%q,"scope":"/jwt","iat":%d,"exp":%d,"jti":%q`,
		issuer, jwtAPI, k.now().Unix(), k.now().Add(time.Hour).Unix(), id.append(nil))
	const foreign = `,"active":false,"username":"root","token_type":"N_A","act\u0069ve":0,"tenant":"acme","list":[{"active":1}]`
	c := claims{clientID: ownerKey, audience: []string{jwtAPI}, scope: "/jwt", expires: k.now().Add(time.Hour), id: id, mode: store.Live}
	c.static = []byte(strings.Replace(foreign, `,"act\u0069ve":0`, "", 1))
	for name, token := range map[string]string{
		"RFC 7662 §2.2: a JWT":           k.signed(t, "at+jwt", "{"+own+`,"mode":"live"`+string(c.static)+"}"),
		"RFC 7662 §2.2: an opaque token": k.ring.Sealer.SealHandle(keys.AccessToken, c.appendHandle(nil)),
	} {
		t.Run(name, func(t *testing.T) {
			_, body := k.post(t, "introspect", serverKey, "token="+token)
			if !strings.HasPrefix(body, `{"active":true,"scope":"/jwt"`) || !strings.HasSuffix(body, `,"mode":"live","tenant":"acme","list":[{"active":1}]}`) {
				t.Errorf("got %s", body)
			}
			if strings.Contains(body, "root") || strings.Contains(body, "N_A") {
				t.Errorf("got %s", body)
			}
		})
	}
	t.Run("a name that is one of ours in another spelling", func(t *testing.T) {
		if got := ownNames(`{"act\u0069ve":0,"tenant":"acme"}`); got != `,"tenant":"acme"` {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a JWT of another mode than there are", func(t *testing.T) {
		if k.active(t, ownerKey, k.signed(t, "at+jwt", "{"+own+`,"mode":"dead"}`)) {
			t.Error("it is active")
		}
	})
	t.Run("a JWT of the version before is live", func(t *testing.T) {
		token := k.signed(t, "at+jwt", "{"+own+"}")
		if got := k.reader.Inspect(token); !got.Active || got.Mode != store.Live || got.Claims != "" {
			t.Errorf("got %+v", got)
		}
	})
}

func refreshed(t *testing.T, k *kit, tokens oauth.TokenResponse) oauth.TokenResponse {
	t.Helper()
	status, body := k.refresh(t, ownerKey, tokens.RefreshToken, "")
	return readTokens(t, status, body)
}
