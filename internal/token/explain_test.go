package token

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// drawn is what a key, an API and a request are drawn from. Half of the keys have no
// policy and half of the requests ask for what is likely to be granted, so that every
// rule comes to refuse now and then, and none always.
type drawn struct {
	definitions, grants, scopes, resources []string
	types                                  []string
}

var draw = drawn{
	definitions: []string{"/jwt", "/jwt.more", "/accounts/{accountID}/wallets.read", "/accounts/{accountID}/files.read", "/files/{name}"},
	grants:      []string{"/opaque", "/jwt", "/accounts/{accountID}/wallets.read", "/accounts/{accountID=a1|a2}/wallets.read", "/accounts/a3/wallets.read", "/files/{name}"},
	scopes: []string{
		"/opaque", "/jwt", "/opaque.more", "/accounts/a1/wallets.read", "/accounts/a3/wallets.read", "/accounts/a9/wallets.read", "/files/x.y",
		"/files/..", "/nowhere", "/accounts/{accountID}/wallets.read", "/accounts/{accountID=a1}/wallets.read", "", "a\"b", "/accounts/\u0430/wallets.read",
	},
	resources: []string{opaqueAPI, jwtAPI, testAPI, "https://unknown.example", "not a URI", jwtAPI + "#part", "//x", "https://a b"},
	types:     []string{"slug", "enum:a1|a2|a3", "pattern:a[0-9]"},
}

// Explain agrees with the endpoint about every request, in the decision and in
// the sentence.
func TestExplainAgreesWithTheEndpoint(t *testing.T) {
	k := newWorlds(t)
	outcomes := map[bool]int{}
	rules := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		k.drawAPI(t, rt)
		k.drawKey(t, rt)
		client := k.mirror.Client(ownerKey)
		q := drawQuestion(rt, client)
		q.At = k.now()
		if q.GrantType == oauth.RefreshToken && q.Scope == "" && len(client.Grants.Default()) == 0 {
			q.Scope = "/jwt"
		}
		got := k.endpoint.Explain(client, q)
		status, answer := k.send(t, q)
		if got.Granted != (status == http.StatusOK) {
			rt.Fatalf("explained as %+v, answered %d %+v", got, status, answer)
		}
		if got.Granted && (strings.Join(got.Scopes, " ") != answer.Scope || !slices.Equal(got.Audience, k.audienceOf(t, answer.Token))) {
			rt.Fatalf("explained as %+v, answered %+v", got, answer)
		}
		if !got.Granted && got.Sentence != "refused: "+answer.Description {
			rt.Fatalf("explained as %q, answered %q", got.Sentence, answer.Description)
		}
		for n, step := range got.Steps {
			if refuses := n == len(got.Steps)-1 && !got.Granted; step.Passed == refuses || step.Sentence == "" || step.Sentence != printable(step.Sentence) {
				rt.Fatalf("step %d is %+v of %+v", n, step, got)
			}
		}
		outcomes[got.Granted]++
		rules[got.Steps[len(got.Steps)-1].Rule]++
	})
	t.Logf("granted and refused: %v, last rules: %v", outcomes, rules)
	if outcomes[true] == 0 || outcomes[false] == 0 {
		t.Errorf("granted and refused: %v", outcomes)
	}
}

func (k *kit) drawAPI(t *testing.T, rt *rapid.T) {
	k.changeAPI(t, jwtAPI, func(a *store.API) {
		a.Scopes = draw.definitions
		if rapid.Bool().Draw(rt, "smaller") {
			a.Scopes = rapid.SliceOfNDistinct(rapid.SampledFrom(draw.definitions), 1, 5, rapid.ID[string]).Draw(rt, "catalogue")
		}
		a.Parameters = nil
		if slices.ContainsFunc(a.Scopes, func(s string) bool { return strings.Contains(s, "{accountID}") }) {
			a.Parameters = []store.Parameter{{Name: "accountID", Type: rapid.SampledFrom(draw.types).Draw(rt, "type")}}
		}
		a.TokenFormat = rapid.SampledFrom([]store.TokenFormat{store.JWT, store.Opaque}).Draw(rt, "format")
	})
}

func (k *kit) drawKey(t *testing.T, rt *rapid.T) {
	c, err := k.store.Client(t.Context(), ownerKey)
	if err != nil {
		rt.Fatal(err)
	}
	c.Mode = rapid.SampledFrom([]store.Mode{store.Live, store.Live, store.Test}).Draw(rt, "mode")
	c.Scopes = rapid.SliceOfNDistinct(rapid.SampledFrom(draw.grants), 0, 4, rapid.ID[string]).Draw(rt, "grants")
	c.GrantTypes = rapid.SampledFrom([][]oauth.GrantType{
		{oauth.ClientCredentials, oauth.RefreshToken}, {oauth.ClientCredentials}, {oauth.RefreshToken},
	}).Draw(rt, "grant types")
	c.Policy = store.Policy{}
	disabled := false
	if rapid.Bool().Draw(rt, "restricted") {
		disabled = rapid.SampledFrom([]bool{false, false, false, true}).Draw(rt, "disabled")
		c.Policy = drawPolicy(rt, k.now())
	}
	k.write(t, store.UpdateClient{Client: c}, store.SetClientDisabled{ID: ownerKey, Disabled: disabled})
	k.sync(t)
}

func drawPolicy(rt *rapid.T, now time.Time) store.Policy {
	return store.Policy{
		Origins:    rapid.SampledFrom([][]string{nil, nil, nil, {"https://app.example.com"}}).Draw(rt, "origins"),
		Networks:   rapid.SampledFrom([][]string{nil, nil, nil, {"192.0.2.0/24"}, {"2001:db8::/32"}}).Draw(rt, "networks"),
		ValidFrom:  rapid.SampledFrom([]time.Time{{}, {}, {}, now.Add(-time.Hour), now.Add(time.Hour)}).Draw(rt, "from"),
		ValidUntil: rapid.SampledFrom([]time.Time{{}, {}, {}, now.Add(2 * time.Hour)}).Draw(rt, "until"),
		Claims:     rapid.SampledFrom([]string{"", `{"tenant":"acme"}`}).Draw(rt, "claims"),
	}
}

func drawQuestion(rt *rapid.T, client *mirror.Client) Question {
	scopes, resources := draw.scopes, draw.resources
	grantTypes := []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken}
	granted := client.Grants.Default()
	if len(granted) > 0 && rapid.IntRange(0, 3).Draw(rt, "likely") > 0 {
		scopes, resources = granted, nil
		grantTypes = slices.DeleteFunc(grantTypes, func(g oauth.GrantType) bool { return !client.AllowsGrant(g) })
	} else {
		grantTypes = append(grantTypes, "password", "")
	}
	q := Question{
		GrantType: rapid.SampledFrom(grantTypes).Draw(rt, "grant_type"),
		Scope:     strings.Join(rapid.SliceOfN(rapid.SampledFrom(scopes), 0, 2).Draw(rt, "scopes"), " "),
		Origin:    rapid.SampledFrom([]string{"", "https://app.example.com", "https://else.example", "null"}).Draw(rt, "origin"),
		Referer:   rapid.SampledFrom([]string{"", "https://app.example.com/page"}).Draw(rt, "referer"),
		Address:   netip.MustParseAddr(rapid.SampledFrom([]string{"192.0.2.7", "10.1.2.3", "2001:db8::7"}).Draw(rt, "address")),
	}
	if resources != nil {
		q.Resources = rapid.SliceOfN(rapid.SampledFrom(resources), 0, 2).Draw(rt, "resources")
	}
	return q
}

type tokenAnswer struct {
	Token       string `json:"access_token"`
	Scope       string `json:"scope"`
	Description string `json:"error_description"`
}

// send asks the endpoint what a question is about.
func (k *kit) send(t *testing.T, q Question) (int, tokenAnswer) {
	t.Helper()
	form := url.Values{"grant_type": {string(q.GrantType)}}
	if q.Scope != "" {
		form.Set("scope", q.Scope)
	}
	form["resource"] = q.Resources
	if q.GrantType == oauth.RefreshToken {
		form.Set("refresh_token", k.presumed(q))
	}
	r := request(t.Context(), ownerKey, form.Encode())
	r.RemoteAddr = netip.AddrPortFrom(q.Address, 4711).String()
	for name, value := range map[string]string{"Origin": q.Origin, "Referer": q.Referer} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	k.handlers["token"].ServeHTTP(w, r)
	var answer tokenAnswer
	err := json.Unmarshal(w.Body.Bytes(), &answer)
	if err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return w.Code, answer
}

// presumed is the refresh token that an explanation presumes: a good one that holds
// what the question asks for.
func (k *kit) presumed(q Question) string {
	client := k.mirror.Client(ownerKey)
	scopes := strings.Fields(q.Scope)
	if q.Scope == "" {
		scopes = client.Grants.Default()
	}
	at := instant(k.now())
	h := refreshHandle{
		family: newFamily(), clientID: ownerKey, scopes: scopes, mode: client.Mode(), started: at, issued: at, expires: at.Add(time.Hour),
	}
	return k.ring.Sealer.SealHandle(keys.RefreshToken, h.encode())
}

func (k *kit) audienceOf(t *testing.T, token string) []string {
	t.Helper()
	return k.reader.Inspect(token).Audience
}

func TestAnExplanationShowsEveryRule(t *testing.T) {
	k := newKit(t)
	rules := func(x Explanation) (names []string) {
		for _, step := range x.Steps {
			names = append(names, step.Rule)
		}
		return names
	}
	q := Question{GrantType: oauth.ClientCredentials, Scope: "/opaque /opaque.more", Resources: []string{opaqueAPI}, At: k.now()}
	granted := k.endpoint.Explain(k.mirror.Client(ownerKey), q)
	want := Explanation{
		Granted: true, Scopes: []string{"/opaque", "/opaque.more"}, Audience: []string{opaqueAPI},
		Sentence: "granted: /opaque /opaque.more for https://opaque.example, as a live token of 3600 seconds",
		Steps: []Step{
			{"key", true, "key owner is there and enabled; it is a live key"},
			{"validity", true, "the key is valid at this time"},
			{"origin", true, "the key does not mind this web origin"},
			{"network", true, "the key does not mind this address"},
			{"rate", true, "no limit of the key is reached on this node"},
			{"grant_type", true, "the key may use this grant_type"},
			{"mode", true, "every API that is named has the mode of the key"},
			{"scope", true, "scope /opaque is granted by /opaque"},
			{"scope", true, "scope /opaque.more is granted by /opaque.more"},
			{"audience", true, "the token is for https://opaque.example"},
		},
	}
	if diff := cmp.Diff(want, granted); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	t.Run("a refresh token is presumed", func(t *testing.T) {
		q := q
		q.GrantType = oauth.RefreshToken
		got := k.endpoint.Explain(k.mirror.Client(ownerKey), q)
		if !got.Granted || !slices.Contains(rules(got), "token") {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("nothing is counted", func(t *testing.T) {
		k.change(t, plainKey, func(c *store.Client) {
			c.Policy.RequestsPerSecond, c.Policy.Burst, c.Policy.TokensPerHour = 1, 1, 1
		})
		q := q
		for range 5 {
			q.At = k.now()
			if got := k.endpoint.Explain(k.mirror.Client(plainKey), q); !got.Granted {
				t.Fatalf("got %+v", got)
			}
		}
		k.grant(t, plainKey, "/opaque")
		k.advance(5 * time.Second)
		q.At = k.now()
		got := k.endpoint.Explain(k.mirror.Client(plainKey), q)
		if got.Granted || rules(got)[len(got.Steps)-1] != "rate" || !strings.Contains(got.Sentence, "all that it may get in an hour, 1 token") {
			t.Errorf("after the token of this hour: got %+v", got)
		}
	})
}

// newWorldsWithRoutes makes an API that says which scopes its requests need.
func newWorldsWithRoutes(t *testing.T) *kit {
	t.Helper()
	k := newWorlds(t)
	k.changeAPI(t, jwtAPI, func(a *store.API) {
		a.Scopes = append(a.Scopes, "/accounts/{accountID}/wallets.read")
		a.Routes = []store.Route{
			{Method: http.MethodGet, Path: "/accounts/{accountID}/wallets", Scopes: []string{"/accounts/{accountID}/wallets.read"}},
			{Method: http.MethodGet, Path: "/ping"},
		}
	})
	return k
}

func TestExplainAccess(t *testing.T) {
	k := newWorldsWithRoutes(t)
	k.change(t, ownerKey, func(c *store.Client) { c.Scopes = append(c.Scopes, "/accounts/{accountID}/wallets.read") })
	one := k.grant(t, ownerKey, "/accounts/a1/wallets.read")
	both := k.grant(t, ownerKey, "/opaque").AccessToken
	k.changeAPI(t, opaqueAPI, func(a *store.API) { a.TokenFormat = store.JWT })
	several := k.grant(t, ownerKey, "/opaque+/jwt").AccessToken
	k.change(t, plainKey, func(c *store.Client) { c.Mode = store.Test })
	tried := k.grant(t, plainKey, "/opaque").AccessToken
	for _, tt := range []struct{ name, token, method, path, audience, want string }{
		{"granted", one.AccessToken, "GET", "/accounts/a1/wallets", "", "granted: GET /accounts/a1/wallets of https://jwt.example needs /accounts/a1/wallets.read, and the token carries it"},
		{"a query", one.AccessToken, "GET", "/accounts/a1/wallets?count=3", "", "granted: GET /accounts/a1/wallets of https://jwt.example needs"},
		{"a route that needs no scope", one.AccessToken, "GET", "/ping", "", "granted: GET /ping of https://jwt.example needs no scope"},
		{"a method that is none", one.AccessToken, "GE\nT\"", "/ping\x00", "", "refused: no route of https://jwt.example matches GE?T? /ping?; "},
		{"a token for several APIs", several, "GET", "/ping", "", "refused: the token is for https://opaque.example and https://jwt.example; say which of them the request goes to"},
		{"one of several APIs", several, "GET", "/ping", jwtAPI, "granted: GET /ping"},
		{"HEAD is GET", one.AccessToken, "HEAD", "/accounts/a1/wallets", jwtAPI, "granted: HEAD /accounts/a1/wallets"},
		{"another account", one.AccessToken, "GET", "/accounts/a2/wallets", "", "refused: GET /accounts/a2/wallets of https://jwt.example needs scope /accounts/a2/wallets.read, and the token carries /accounts/a1/wallets.read"},
		{"no such route", one.AccessToken, "DELETE", "/accounts/a1/wallets", "", "refused: no route of https://jwt.example matches DELETE /accounts/a1/wallets; add one to the API, or check method and path"},
		{"another API", one.AccessToken, "GET", "/", opaqueAPI, "refused: the token is for https://jwt.example, not for https://opaque.example; ask for scopes of that API"},
		{"an unknown API", one.AccessToken, "GET", "/", "https://unknown.example", "refused: there is no API with this audience"},
		{"an API without routes", both, "GET", "/", "", "refused: https://opaque.example has no routes registered"},
		{"a test token at a live API", tried, "GET", "/accounts/a1/wallets", jwtAPI, "refused: this is a test token, and https://jwt.example is a live API; get a token with a live key"},
		{"a refresh token", one.RefreshToken, "GET", "/", "", "refused: this is a refresh token, and APIs take access tokens"},
		{"no token", "x.y.z", "GET", "/", "", "refused: it is no token of this server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := k.reader.ExplainAccess(tt.token, tt.method, tt.path, tt.audience)
			if !strings.HasPrefix(got.Sentence, tt.want) || got.Granted != strings.HasPrefix(tt.want, "granted") {
				t.Errorf("got %+v, want %q", got, tt.want)
			}
		})
	}
	t.Run("a token that is not active, with the sentence of inspection", func(t *testing.T) {
		k.write(t, store.RevokeToken{Revocation: k.reader.Inspect(several).Revocation})
		k.sync(t)
		got := k.reader.ExplainAccess(several, "GET", "/ping", jwtAPI)
		if got.Granted || got.Sentence != "refused: the token is not active: "+k.reader.Inspect(several).Why {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("an expired token", func(t *testing.T) {
		k.advance(2 * time.Hour)
		got := k.reader.ExplainAccess(one.AccessToken, "GET", "/accounts/a1/wallets", "")
		if got.Granted || got.Sentence != "refused: the token is not active: it expired 1 hour ago" {
			t.Errorf("got %+v", got)
		}
	})
}
