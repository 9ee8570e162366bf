package admin

import (
	"errors"
	"strings"
	"testing"
	"time"

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
		{name: "a scope with a space", change: func(a *NewAPI) { a.Scopes = []string{"/a.read /b.read"} }, field: "scopes", detail: "scope"},
		{name: "a scope twice", change: func(a *NewAPI) { a.Scopes = []string{"/a.read", "/a.read"} }, field: "scopes", detail: "/a.read"},
		{name: "too many scopes", change: func(a *NewAPI) { a.Scopes = make([]string, 1001) }, field: "scopes", detail: "more than 1000"},
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
	payments := store.API{Audience: "https://pay.example", Scopes: []string{"/ping.read", "/accounts/{accountID}/wallets.read"}}
	files := store.API{Audience: "https://files.example", Scopes: []string{"files"}}
	tests := []struct {
		name   string
		scopes []string
		apis   []store.API
		detail string
	}{
		{name: "a concrete scope", scopes: []string{"/ping.read"}, apis: []store.API{payments}},
		{name: "a template as it stands", scopes: []string{"/accounts/{accountID}/wallets.read"}, apis: []store.API{payments}},
		{name: "one value of a template", scopes: []string{"/accounts/a1/wallets.read"}, apis: []store.API{payments}},
		{name: "scopes of two APIs", scopes: []string{"/ping.read", "files"}, apis: []store.API{payments, files}},
		{name: "a scope of another API", scopes: []string{"files"}, apis: []store.API{payments}, detail: "scope files is not in the catalogue"},
		{name: "a scope of no API", scopes: []string{"/pong.read"}, apis: []store.API{payments, files}, detail: "scope /pong.read is in the catalogue of no API"},
		{name: "a template with another parameter name", scopes: []string{"/accounts/{id}/wallets.read"}, apis: []store.API{payments}, detail: "not in the catalogue"},
		{name: "a value that walks up", scopes: []string{"/accounts/../wallets.read"}, apis: []store.API{payments}, detail: "not in the catalogue"},
		{name: "a malformed scope", scopes: []string{`a"b`}, apis: []store.API{payments, files}, detail: "holds a character"},
		{name: "no scope", apis: []store.API{payments}, detail: "no scopes"},
		{name: "too many scopes", scopes: make([]string, 1001), apis: []store.API{payments}, detail: "more than 1000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			field := "scopes"
			if tt.detail == "" {
				field = ""
			}
			checkRefusal(t, checkGrants(tt.scopes, tt.apis), field, tt.detail)
		})
	}
}

func TestOverlapNamesBothScopes(t *testing.T) {
	others := []store.API{{Audience: "https://pay.example", Scopes: []string{"/accounts/{accountID}/wallets.read"}}}
	in := NewAPI{Audience: "https://x.example", Scopes: []string{"/accounts/{a}/{b}"}}
	_, catalogue, err := in.record()
	if err != nil {
		t.Fatal(err)
	}
	checkRefusal(t, checkOverlap(catalogue, others), "scopes",
		"scope /accounts/{a}/{b} could mean the same as /accounts/{accountID}/wallets.read of https://pay.example")
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
	if p.Field != field || !strings.Contains(p.Detail, detail) || (p.Hint == "" && p.Field != "scopes") {
		t.Errorf("got field %q, detail %q; want field %q, detail with %q", p.Field, p.Detail, field, detail)
	}
}
