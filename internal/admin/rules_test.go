package admin

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

func TestNewAPIDefaults(t *testing.T) {
	got, _, err := NewAPI{Audience: "https://api.example.com", Scopes: []string{"/accounts.read"}}.record()
	if err != nil {
		t.Fatal(err)
	}
	want := store.API{
		Audience:             "https://api.example.com",
		Mode:                 store.Live,
		Scopes:               []string{"/accounts.read"},
		TokenFormat:          store.JWT,
		Algorithm:            "ES256",
		Type:                 "at+jwt",
		AccessTokenLifetime:  time.Hour,
		RefreshTokenLifetime: 720 * time.Hour,
	}
	diff := cmp.Diff(want, got)
	if diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNewAPIRules(t *testing.T) {
	tests := []struct {
		name   string
		change func(*NewAPI)
		field  string // empty: accepted
		detail string
	}{
		{name: "a plain URL", change: func(*NewAPI) {}},
		{name: "RFC 8707 §2: any absolute URI", change: func(a *NewAPI) { a.Audience = "urn:example:payments" }},
		{name: "a query is allowed", change: func(a *NewAPI) { a.Audience = "https://api.example.com/?v=1" }},
		{name: "no audience", change: func(a *NewAPI) { a.Audience = "" }, field: "audience", detail: "is missing"},
		{name: "RFC 8707 §2: a relative URI", change: func(a *NewAPI) { a.Audience = "/accounts" }, field: "audience", detail: "not an absolute URI"},
		{name: "a host alone", change: func(a *NewAPI) { a.Audience = "api.example.com" }, field: "audience", detail: "not an absolute URI"},
		{name: "a URL without a host", change: func(a *NewAPI) { a.Audience = "https:///x" }, field: "audience", detail: "not an absolute URI"},
		{name: "RFC 8707 §2: a fragment", change: func(a *NewAPI) { a.Audience = "https://a.example/#x" }, field: "audience", detail: "fragment"},
		{name: "RFC 8707 §2: an empty fragment", change: func(a *NewAPI) { a.Audience = "https://a.example/#" }, field: "audience", detail: "fragment"},
		{name: "a space", change: func(a *NewAPI) { a.Audience = "https://a.example/ x" }, field: "audience", detail: "may not hold"},
		{name: "a line break", change: func(a *NewAPI) { a.Audience = "https://a.example/\n" }, field: "audience", detail: "may not hold"},
		{name: "a letter outside ASCII", change: func(a *NewAPI) { a.Audience = "https://\u0430pi.example" }, field: "audience", detail: "may not hold"},
		{name: "a quote", change: func(a *NewAPI) { a.Audience = `https://a.example/"` }, field: "audience", detail: "may not hold"},
		{name: "a very long audience", change: func(a *NewAPI) { a.Audience = "https://a.example/" + strings.Repeat("x", 500) }, field: "audience", detail: "longer than"},
		{name: "no scopes", change: func(a *NewAPI) { a.Scopes = nil }, field: "scopes", detail: "no scopes"},
		{name: "a scope with a space", change: func(a *NewAPI) { a.Scopes = []string{"/a.read /b.read"} }, field: "scopes[0]", detail: "scope"},
		{name: "a scope twice", change: func(a *NewAPI) { a.Scopes = []string{"/a.read", "/a.read"} }, field: "scopes[1]", detail: "/a.read"},
		{name: "too many scopes", change: func(a *NewAPI) { a.Scopes = make([]string, 1001) }, field: "scopes", detail: "more than 1000"},
		{name: "100 000 scopes", change: func(a *NewAPI) { a.Scopes = slices.Repeat([]string{"/a.read"}, 100_000) }, field: "scopes", detail: "more than 1000"},
		{name: "a control character in a scope", change: func(a *NewAPI) { a.Scopes = []string{"/b.read", "/a\x1b.read"} }, field: "scopes[1]", detail: "U+001B"},
		{name: "a letter that only looks like one", change: func(a *NewAPI) { a.Scopes = []string{"/\u0430ccounts.read"} }, field: "scopes[0]", detail: "U+0430"},
		{name: "a scope that walks up", change: func(a *NewAPI) { a.Scopes = []string{"/a/../b.read"} }, field: "scopes[0]", detail: ".."},
		{name: "templates that overlap", change: func(a *NewAPI) { a.Scopes = []string{"/a/{x}/b.read", "/a/{y}/{z}"} }, field: "scopes[1]", detail: "/a/{y}/{z} could mean the same as /a/{x}/b.read"},
		{
			name: "templates that types keep apart",
			change: func(a *NewAPI) {
				a.Scopes, a.Parameters = []string{"/a/{x}", "/a/{y}"}, map[string]string{"x": "enum:p|q", "y": "enum:r"}
			},
		},
		{
			name:   "a type of a parameter that no scope has",
			change: func(a *NewAPI) { a.Parameters = map[string]string{"x": "uuid"} }, field: "parameters.x", detail: "no scope has a parameter of that name",
		},
		{
			name:   "an unknown type",
			change: func(a *NewAPI) { a.Scopes, a.Parameters = []string{"/a/{x}"}, map[string]string{"x": "guid"} }, field: "parameters.x", detail: "parameter x",
		},
		{
			name: "a pattern that does not compile",
			change: func(a *NewAPI) {
				a.Scopes, a.Parameters = []string{"/a/{x}"}, map[string]string{"x": "pattern:[a-"}
			}, field: "parameters.x", detail: "parameter x",
		},
		{
			name: "a parameter whose name cannot be one",
			change: func(a *NewAPI) {
				a.Scopes, a.Parameters = []string{"/a/{x}"}, map[string]string{"x\n": "uuid"}
			}, field: "parameters", detail: "U+000A",
		},
		{name: "test mode", change: func(a *NewAPI) { a.Mode = "test" }},
		{name: "an unknown mode", change: func(a *NewAPI) { a.Mode = "sandbox" }, field: "mode", detail: `cannot be "sandbox"`},
		{
			name: "routes",
			change: func(a *NewAPI) {
				a.Routes = []Route{{"GET", "/accounts", []string{"/accounts.read"}}, {"GET", "/ping", nil}}
			},
		},
		{
			name:   "a route with a scope of no API",
			change: func(a *NewAPI) { a.Routes = []Route{{"GET", "/ping", nil}, {"GET", "/a", []string{"/a.read"}}} }, field: "routes[1]", detail: "/a.read",
		},
		{
			name: "a route twice",
			change: func(a *NewAPI) {
				a.Routes = []Route{{"GET", "/ping", nil}, {"GET", "/ping", nil}}
			}, field: "routes[1]", detail: "is the same as",
		},
		{name: "a method in small letters", change: func(a *NewAPI) { a.Routes = []Route{{"get", "/ping", nil}} }, field: "routes[0]", detail: "method"},
		{name: "a route without a slash", change: func(a *NewAPI) { a.Routes = []Route{{"GET", "ping", nil}} }, field: "routes[0]", detail: "slash"},
		{name: "too many routes", change: func(a *NewAPI) { a.Routes = make([]Route, 1001) }, field: "routes", detail: "more than 1000"},
		{name: "opaque tokens", change: func(a *NewAPI) { a.TokenFormat = "opaque" }},
		{name: "an unknown token format", change: func(a *NewAPI) { a.TokenFormat = "JWT" }, field: "token_format", detail: `cannot be "JWT"`},
		{name: "every algorithm we sign with", change: func(a *NewAPI) { a.Algorithm = "PS256" }},
		{name: "an algorithm in another case", change: func(a *NewAPI) { a.Algorithm = "es256" }, field: "alg", detail: `cannot be "es256"`},
		{name: "no algorithm at all", change: func(a *NewAPI) { a.Algorithm = "none" }, field: "alg", detail: `cannot be "none"`},
		{name: "RFC 9068 §2.1: typ JWT on request", change: func(a *NewAPI) { a.Type = "JWT" }},
		{name: "an unknown typ", change: func(a *NewAPI) { a.Type = "jwt" }, field: "typ", detail: `cannot be "jwt"`},
		{name: "a day", change: func(a *NewAPI) { a.AccessTokenLifetime = 86400 }},
		{name: "more than a day", change: func(a *NewAPI) { a.AccessTokenLifetime = 86401 }, field: "access_token_lifetime", detail: "out of range"},
		{name: "a negative lifetime", change: func(a *NewAPI) { a.AccessTokenLifetime = -1 }, field: "access_token_lifetime", detail: "out of range"},
		{name: "a lifetime that overflows", change: func(a *NewAPI) { a.AccessTokenLifetime = 1 << 62 }, field: "access_token_lifetime", detail: "out of range"},
		{name: "a refresh lifetime under a minute", change: func(a *NewAPI) { a.RefreshTokenLifetime = 59 }, field: "refresh_token_lifetime", detail: "out of range"},
		{name: "no idle lifetime", change: func(a *NewAPI) { a.RefreshTokenIdleLifetime = 0 }},
		{name: "an idle lifetime of a minute", change: func(a *NewAPI) { a.RefreshTokenIdleLifetime = 60 }},
		{name: "an idle lifetime under a minute", change: func(a *NewAPI) { a.RefreshTokenIdleLifetime = 59 }, field: "refresh_token_idle_lifetime", detail: "out of range"},
		{name: "an idle lifetime below zero", change: func(a *NewAPI) { a.RefreshTokenIdleLifetime = -1 }, field: "refresh_token_idle_lifetime", detail: "out of range"},
		{name: "an idle lifetime as long as the whole", change: func(a *NewAPI) { a.RefreshTokenIdleLifetime = 720 * 3600 }},
		{name: "an idle lifetime longer than the whole", change: func(a *NewAPI) { a.RefreshTokenIdleLifetime = 720*3600 + 1 }, field: "refresh_token_idle_lifetime", detail: "longer than refresh_token_lifetime"},
		{name: "a hundred resource servers", change: func(a *NewAPI) { a.ResourceServers = make([]string, 100) }},
		{name: "a hundred and one resource servers", change: func(a *NewAPI) { a.ResourceServers = make([]string, 101) }, field: "resource_servers", detail: "more than 100"},
		{name: "a refresh lifetime of a year", change: func(a *NewAPI) { a.RefreshTokenLifetime = 8760 * 3600 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := NewAPI{Audience: "https://api.example.com", Scopes: []string{"/accounts.read"}}
			tt.change(&in)
			_, _, err := in.record()
			checkRefusal(t, err, tt.field, tt.detail)
		})
	}
}

func TestNewKeyRules(t *testing.T) {
	pair := func(id, secret string) func(*NewKey) {
		return func(k *NewKey) { k.ClientID, k.ClientSecret = id, secret }
	}
	const good = "dNC-hg7sVm22jc3g_Eogtyu0_1Mqh_4-"
	tests := []struct {
		name   string
		change func(*NewKey)
		field  string
		detail string
	}{
		{name: "the least there can be", change: func(*NewKey) {}},
		{name: "a name in any script", change: func(k *NewKey) { k.Name = "Zahlungen für 株式会社" }},
		{name: "no name", change: func(k *NewKey) { k.Name = "" }, field: "name", detail: "is missing"},
		{name: "a name of spaces", change: func(k *NewKey) { k.Name = "  " }, field: "name", detail: "is missing"},
		{name: "a name of 200 characters", change: func(k *NewKey) { k.Name = strings.Repeat("ü", 200) }},
		{name: "a name of 201 characters", change: func(k *NewKey) { k.Name = strings.Repeat("ü", 201) }, field: "name", detail: "longer than 200"},
		{name: "a name with an escape sequence", change: func(k *NewKey) { k.Name = "a\x1b[2J" }, field: "name", detail: "control character"},
		{name: "a name that turns the line around", change: func(k *NewKey) { k.Name = "a\u202eb" }, field: "name", detail: "control character"},
		{name: "both grants", change: func(k *NewKey) { k.GrantTypes = []oauth.GrantType{oauth.RefreshToken, oauth.ClientCredentials} }},
		{name: "an unknown grant", change: func(k *NewKey) { k.GrantTypes = []oauth.GrantType{"password"} }, field: "grant_types", detail: `"password"`},
		{name: "refresh_token alone", change: func(k *NewKey) { k.GrantTypes = []oauth.GrantType{oauth.RefreshToken} }, field: "grant_types", detail: "alone"},
		{name: "a flood of grants", change: func(k *NewKey) { k.GrantTypes = make([]oauth.GrantType, 17) }, field: "grant_types", detail: "more than 16"},
		{name: "an unknown authentication method", change: func(k *NewKey) { k.AuthMethods = []oauth.AuthMethod{"none"} }, field: "auth_methods", detail: `"none"`},
		{name: "a lifetime of its own", change: func(k *NewKey) { k.AccessTokenLifetime = 60 }},
		{name: "a lifetime out of range", change: func(k *NewKey) { k.AccessTokenLifetime = 86401 }, field: "access_token_lifetime", detail: "out of range"},
		{name: "test mode", change: func(k *NewKey) { k.Mode = "test" }},
		{name: "an unknown mode", change: func(k *NewKey) { k.Mode = "Live" }, field: "mode", detail: `cannot be "Live"`},
		{name: "origins and networks", change: func(k *NewKey) {
			k.Origins, k.Networks = []string{"https://APP.example.com:443"}, []string{"192.0.2.0/24"}
		}},
		{name: "an origin with a path", change: func(k *NewKey) {
			k.Origins = []string{"https://a.example", "https://app.example.com/x"}
		}, field: "origins[1]", detail: "more than an origin"},
		{name: "a network with host bits", change: func(k *NewKey) { k.Networks = []string{"192.0.2.1/24"} }, field: "networks[0]", detail: "bits set"},
		{name: "a rate with its burst", change: func(k *NewKey) { k.RequestsPerSecond, k.Burst = 50, 100 }},
		{name: "a burst alone", change: func(k *NewKey) { k.Burst = 100 }, field: "burst", detail: "requests_per_second"},
		{name: "a rate below zero", change: func(k *NewKey) { k.RequestsPerSecond = -1 }, field: "requests_per_second", detail: "-1"},
		{name: "static claims", change: func(k *NewKey) { k.Claims = jsontext.Value(`{"tenant":"acme"}`) }},
		{name: "a reserved claim", change: func(k *NewKey) { k.Claims = jsontext.Value(`{"sub":"root"}`) }, field: "claims.sub", detail: "sub"},
		{name: "claims that are a list", change: func(k *NewKey) { k.Claims = jsontext.Value(`["a"]`) }, field: "claims", detail: "object"},
		{name: "an end before the beginning", change: func(k *NewKey) {
			k.ValidFrom, k.ValidUntil = new(time.Unix(2, 0)), new(time.Unix(1, 0))
		}, field: "valid_until", detail: "not after valid_from"},
		{name: "an imported pair", change: pair("5clTR_MdVrrkgxw2", good)},
		{name: "RFC 6749 §A.1: an id with a space and a colon", change: pair("my client:1", good)},
		{name: "a secret that is not ASCII", change: pair("id", "pässwörd-pässwörd")},
		{name: "an id alone", change: pair("id", ""), field: "client_secret", detail: "without its client_secret"},
		{name: "a secret alone", change: pair("", good), field: "client_id", detail: "without its client_id"},
		{name: "an id of 128 characters", change: pair(strings.Repeat("i", 128), good)},
		{name: "an id of 129 characters", change: pair(strings.Repeat("i", 129), good), field: "client_id", detail: "1 to 128"},
		{name: "RFC 6749 §A.1: an id that is not ASCII", change: pair("müller", good), field: "client_id", detail: "printable ASCII"},
		{name: "an id with a NUL", change: pair("a\x00b", good), field: "client_id", detail: "printable ASCII"},
		{name: "a secret of 15 bytes", change: pair("id", good[:15]), field: "client_secret", detail: "shorter than 16"},
		{name: "a secret of 16 bytes", change: pair("id", good[:16])},
		{name: "a secret of 513 bytes", change: pair("id", strings.Repeat("s", 513)), field: "client_secret", detail: "longer than 512"},
		{name: "a secret with a line break", change: pair("id", good+"\n"), field: "client_secret", detail: "control character"},
		{name: "an imported hash", change: func(k *NewKey) { k.ClientID, k.ClientSecretHash = "id", bcryptHash }},
		{name: "a hash alone", change: func(k *NewKey) { k.ClientSecretHash = bcryptHash }, field: "client_id", detail: "without its client_id"},
		{
			name:   "a secret and its hash",
			change: func(k *NewKey) { k.ClientID, k.ClientSecret, k.ClientSecretHash = "id", good, bcryptHash }, field: "client_secret_hash", detail: "beside",
		},
		{name: "a hash that is none", change: func(k *NewKey) { k.ClientID, k.ClientSecretHash = "id", good }, field: "client_secret_hash", detail: "cannot be imported"},
		{name: "rotation on", change: func(k *NewKey) { k.RefreshRotation = "on" }},
		{name: "rotation off", change: func(k *NewKey) { k.RefreshRotation = "off" }},
		{name: "rotation false", change: func(k *NewKey) { k.RefreshRotation = "false" }, field: "refresh_rotation", detail: `cannot be "false"`},
		{name: "a secret that is not UTF-8", change: pair("id", good+"\xff"), field: "client_secret", detail: "not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := NewKey{Name: "backend", Scopes: []string{"/accounts.read"}}
			tt.change(&in)
			_, err := in.record()
			checkRefusal(t, err, tt.field, tt.detail)
		})
	}
}

func TestGrantRules(t *testing.T) {
	payments := store.API{Audience: "https://pay.example", Mode: store.Live, Scopes: []string{"/ping.read", "/accounts/{accountID}/wallets.read"}}
	typed := store.API{
		Audience: "https://typed.example", Mode: store.Live, Scopes: []string{"/users/{userID}/x"},
		Parameters: []store.Parameter{{Name: "userID", Type: "uuid"}},
	}
	files := store.API{Audience: "https://files.example", Mode: store.Live, Scopes: []string{"files"}}
	trial := store.API{Audience: "https://trial.example", Mode: store.Test, Scopes: []string{"/trial.read"}}
	d := newDirectory([]store.API{payments, files, typed, trial})
	tests := []struct {
		name   string
		scopes []string
		field  string // empty: accepted
		detail string
	}{
		{name: "a concrete scope", scopes: []string{"/ping.read"}},
		{name: "a template as it stands", scopes: []string{"/accounts/{accountID}/wallets.read"}},
		{name: "one value of a template", scopes: []string{"/accounts/a1/wallets.read"}},
		{name: "a set of values", scopes: []string{"/accounts/{accountID=a1|a2}/wallets.read"}},
		{name: "scopes of two APIs", scopes: []string{"/ping.read", "files"}},
		{name: "no scope at all is counted elsewhere"},
		{name: "a scope of no API", scopes: []string{"/ping.read", "/pong.read"}, field: "scopes[1]", detail: "scope /pong.read is in the catalogue of no API"},
		{name: "a parameter that the template lacks", scopes: []string{"/accounts/{id=a1}/wallets.read"}, field: "scopes[0]", detail: "id"},
		{name: "a value that is not of the type", scopes: []string{"/users/u1/x"}, field: "scopes[0]", detail: "uuid"},
		{name: "a value that walks up", scopes: []string{"/accounts/../wallets.read"}, field: "scopes[0]", detail: ".."},
		{name: "a malformed scope", scopes: []string{`a"b`}, field: "scopes[0]", detail: "U+0022"},
		{name: "a scope of the other mode", scopes: []string{"/trial.read"}, field: "scopes[0]", detail: "scope /trial.read is of a test API, and the key is a live key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkRefusal(t, d.check(store.Live, tt.scopes, never), tt.field, tt.detail)
		})
	}
	checkRefusal(t, d.check(store.Live, []string{"/pong.read"}, func(string) bool { return true }), "", "")
	checkRefusal(t, checkCount(nil, false), "scopes", "no scopes")
	checkRefusal(t, checkCount(nil, true), "", "")
	checkRefusal(t, checkCount(make([]string, 1001), true), "scopes", "more than 1000")
}

func TestOverlapNamesBothScopes(t *testing.T) {
	others := []store.API{
		{Audience: "https://broken.example", Mode: store.Live, Scopes: []string{"a b"}},
		{Audience: "https://trial.example", Mode: store.Test, Scopes: []string{"/accounts/{accountID}/x"}},
		{Audience: "https://pay.example", Mode: store.Live, Scopes: []string{"/ping.read", "/accounts/{accountID}/wallets.read"}},
	}
	tests := []struct {
		name   string
		mine   []NewAPI
		field  string
		detail string
	}{
		{name: "apart", mine: []NewAPI{{Scopes: []string{"/pong.read"}}}},
		{
			name: "two templates", mine: []NewAPI{{Scopes: []string{"x", "/accounts/{a}/{b}"}}}, field: "apis[0].scopes[1]",
			detail: "scope /accounts/{a}/{b} could mean the same as /accounts/{accountID}/wallets.read of https://pay.example: /accounts/",
		},
		{name: "the same", mine: []NewAPI{{Scopes: []string{"/ping.read"}}}, field: "apis[0].scopes[0]", detail: "scope /ping.read belongs to https://pay.example already"},
		{name: "the same in the other mode", mine: []NewAPI{{Mode: "test", Scopes: []string{"/ping.read"}}}},
		{
			name: "one before it", mine: []NewAPI{{Scopes: []string{"a"}}, {Scopes: []string{"b", "c", "a"}}}, field: "apis[1].scopes[2]",
			detail: "scope a belongs to https://0.example already",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var mine []catalogued
			for i, in := range tt.mine {
				in.Audience = fmt.Sprintf("https://%d.example", i)
				record, catalogue, err := in.record()
				if err != nil {
					t.Fatal(err)
				}
				mine = append(mine, catalogued{at("apis", i), record, catalogue})
			}
			checkRefusal(t, checkOverlaps(mine, others), tt.field, tt.detail)
		})
	}
}

// checkRefusal checks that err is a problem about the field, or nil when field
// is empty.
func checkRefusal(t *testing.T, err error, field, detail string) {
	t.Helper()
	if field == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	p, ok := errors.AsType[*web.Problem](err)
	if !ok {
		t.Fatalf("got %v, want a problem about %s", err, field)
	}
	if p.Field != field || !strings.Contains(p.Detail, detail) || p.Hint == "" {
		t.Errorf("got field %q, detail %q; want field %q, detail with %q", p.Field, p.Detail, field, detail)
	}
}
