package clients

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/grantd/grantd/test/blackbox"
)

// Accounts of the payments API.
const (
	ada   = "3dfff852-927d-47e8-822c-2fffc57ff6b9"
	bela  = "8c1b6f2e-5d0a-4b7c-9e38-71f4a2c6d905"
	carla = "f04e9d17-63a2-4c58-b1dd-0a92e7b3586c"
)

// paymentsFixture is a server to which examples/payments-api.yaml was applied, with
// keys of our own beside those of the file.
type paymentsFixture struct {
	fixture
	live, test apiRecord
	// many reaches every account, two just ada and bela; trial is for the test API.
	many, two, trial blackbox.Key
}

// apiRecord and keyRecord are what api list and key list show.
type apiRecord struct {
	Audience  string   `json:"audience"`
	Mode      string   `json:"mode"`
	Algorithm string   `json:"alg"`
	Type      string   `json:"typ"`
	Scopes    []string `json:"scopes"`
}

type keyRecord struct {
	ClientID string   `json:"client_id"`
	Mode     string   `json:"mode"`
	Origins  []string `json:"origins"`
	Scopes   []string `json:"scopes"`
}

// claims are the static claims of the key that reaches every account.
var claims = map[string]any{"tenant": "acme", "tier": "gold"}

func newPaymentsFixture(t *testing.T) paymentsFixture {
	t.Helper()
	s := blackbox.Start(t, blackbox.Options{})
	f := paymentsFixture{fixture: fixture{Server: s, jwks: jwksURI(t, s)}}
	f.grantd(t, "apply", "-f", filepath.Join(blackbox.Root(t), "examples", "payments-api.yaml"))
	var apis []apiRecord
	f.list(t, "api", &apis)
	for _, api := range apis {
		switch api.Mode {
		case "live":
			f.live = api
		case "test":
			f.test = api
		}
	}
	granted := func(account string) []string {
		return []string{"--scope", "/accounts/" + account + "/wallets.read", "--scope", "/accounts/" + account + "/transfers.write"}
	}
	both := []string{"--grant-type", "client_credentials", "--grant-type", "refresh_token"}
	f.many = f.CreateKey(t, join([]string{"--name", "many", "--claim", "tenant=acme", "--claim", "tier=gold"}, both, granted("{accountID}"))...)
	f.two = f.CreateKey(t, join([]string{"--name", "two"}, both, granted("{accountID="+ada+"|"+bela+"}"))...)
	f.trial = f.CreateKey(t, join([]string{"--name", "trial", "--mode", "test"}, both, granted("{accountID}"))...)
	return f
}

// grantd runs a command of the CLI on the server's data directory.
func (f paymentsFixture) grantd(t *testing.T, args ...string) string {
	t.Helper()
	r := blackbox.Run(t, "", append(args, "--data", f.Options.Data)...)
	if r.Code != 0 {
		t.Fatalf("grantd %s: got exit code %d\n%s%s", strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

func (f paymentsFixture) list(t *testing.T, what string, into any) {
	t.Helper()
	text := f.grantd(t, what, "list", "--json")
	err := json.Unmarshal([]byte(text), into)
	if err != nil {
		t.Fatalf("grantd %s list: got %q (%v)", what, text, err)
	}
}

// scopesOf are the scopes that are asked for, of one account.
func scopesOf(account string) string {
	return "/accounts/" + account + "/wallets.read /accounts/" + account + "/transfers.write"
}

func (f paymentsFixture) expect(api apiRecord, k blackbox.Key, scope string, static map[string]any) expected {
	return expected{
		client: k.ID, audience: api.Audience, scope: scope, algorithm: api.Algorithm, typ: api.Type, mode: api.Mode, static: static,
	}
}

// TestMoovSDKAsksForTheWholeCatalogue has all of it in one token, for one account.
func TestMoovSDKAsksForTheWholeCatalogue(t *testing.T) {
	f := newPaymentsFixture(t)
	if !slices.Equal(f.live.Scopes, f.test.Scopes) || len(f.live.Scopes) == 0 {
		t.Fatalf("got %q live and %q in test, want the same catalogue", f.live.Scopes, f.test.Scopes)
	}
	scope := strings.ReplaceAll(strings.Join(f.live.Scopes, " "), "{accountID}", ada)
	var calls []moovCall
	var want []expected
	for _, api := range []apiRecord{f.live, f.test} {
		flags := []string{"--name", "all", "--mode", api.Mode, "--grant-type", "client_credentials", "--grant-type", "refresh_token"}
		k := f.CreateKey(t, append(flags, "--scope", strings.Join(api.Scopes, " "))...)
		calls = append(calls, moovCall{
			Credentials: "both", GrantType: "client_credentials", ClientID: k.ID, ClientSecret: k.Secret, Scope: scope,
		})
		want = append(want, f.expect(api, k, scope, nil))
	}
	var tokens []issued
	for i, a := range f.moov(t, calls) {
		if a.Token == nil {
			t.Fatalf("%s: got %s, want a token", want[i].mode, a.Message)
		}
		tokens = append(tokens, issued{"moovio-sdk: all scopes, " + want[i].mode, *a.Token, want[i]})
	}
	f.verify(t, tokens)
}

func TestMoovSDKAsksForOneAccount(t *testing.T) {
	f := newPaymentsFixture(t)
	cases := []struct {
		name   string
		api    apiRecord
		key    blackbox.Key
		scope  string
		static map[string]any
	}{
		{"one account of all", f.live, f.many, scopesOf(ada), claims},
		{"two accounts of all at once", f.live, f.many, scopesOf(carla) + " " + scopesOf(ada), claims},
		{"one scope of one account", f.live, f.many, "/accounts/" + bela + "/wallets.read", claims},
		{"one account of two", f.live, f.two, scopesOf(bela), nil},
		{"a test key", f.test, f.trial, scopesOf(ada), nil},
	}
	var calls []moovCall
	for _, c := range cases {
		calls = append(calls, moovCall{
			Credentials: "both", GrantType: "client_credentials", ClientID: c.key.ID, ClientSecret: c.key.Secret, Scope: c.scope,
		})
	}
	var tokens []issued
	for i, a := range f.moov(t, calls) {
		c := cases[i]
		if a.Token == nil {
			t.Fatalf("%s: got %s %d %s, want a token", c.name, a.Error, a.Status, a.Body)
		}
		tokens = append(tokens, issued{"moovio-sdk: " + c.name, *a.Token, f.expect(c.api, c.key, c.scope, c.static)})
	}
	// A refresh may narrow to one of the accounts, and keeps mode and claims.
	second := f.moov(t, []moovCall{{
		Credentials: "both", GrantType: "refresh_token", ClientID: f.many.ID, ClientSecret: f.many.Secret,
		RefreshToken: tokens[1].token.RefreshToken, Scope: scopesOf(ada),
	}})
	if second[0].Token == nil {
		t.Fatalf("refresh: got %s, want a token", second[0].Message)
	}
	tokens = append(tokens, issued{"moovio-sdk: refresh", *second[0].Token, f.expect(f.live, f.many, scopesOf(ada), claims)})
	f.verify(t, tokens)
}

func TestMoovSDKShowsWhyAScopeIsRefused(t *testing.T) {
	f := newPaymentsFixture(t)
	cases := []struct {
		name  string
		key   blackbox.Key
		scope string
		words []string
	}{
		{"another account than those of the key", f.two, scopesOf(carla), []string{"invalid_scope", "/accounts/" + carla + "/wallets.read", "not granted"}},
		{"one account of the key and another", f.two, scopesOf(ada) + " " + scopesOf(carla), []string{"invalid_scope", "/accounts/" + carla + "/wallets.read"}},
		{"an account that is no uuid", f.many, scopesOf("1"), []string{"invalid_scope", "/accounts/1/wallets.read"}},
		{"a scope of the account that was not granted", f.many, "/accounts/" + ada + "/cards.read", []string{"invalid_scope", "/accounts/" + ada + "/cards.read"}},
		{"the template itself", f.many, "/accounts/{accountID}/wallets.read", []string{"invalid_scope", "{accountID}"}},
		{"no scope where only templates are granted", f.many, "", []string{"invalid_scope", "/accounts/{accountID}/wallets.read"}},
	}
	var calls []moovCall
	for _, c := range cases {
		calls = append(calls, moovCall{
			Credentials: "both", GrantType: "client_credentials", ClientID: c.key.ID, ClientSecret: c.key.Secret, Scope: c.scope,
		})
	}
	answers := f.moov(t, calls)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := answers[i]
			if a.Error != "GenericError" || a.Status != 400 {
				t.Errorf("got %s %d %s, want GenericError 400", a.Error, a.Status, a.Body)
			}
			for _, word := range c.words {
				if !strings.Contains(a.Message, word) {
					t.Errorf("got %q, want %s in it", a.Message, word)
				}
			}
		})
	}
}

func TestXOAuth2AsksForOneAccount(t *testing.T) {
	f := newPaymentsFixture(t)
	var tokens []issued
	for _, s := range styles {
		config := f.xoauth2(f.many, s.style, strings.Fields(scopesOf(ada))...)
		token, err := config.Token(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		scope, _ := token.Extra("scope").(string)
		tokens = append(tokens, issued{"x/oauth2: " + s.name, blackbox.Token{
			AccessToken: token.AccessToken, TokenType: token.TokenType, ExpiresIn: number(token.Extra("expires_in")), Scope: scope,
		}, f.expect(f.live, f.many, scopesOf(ada), claims)})
	}
	f.verify(t, tokens)
	config := f.xoauth2(f.two, oauth2.AuthStyleInHeader, "/accounts/"+carla+"/wallets.read")
	_, err := config.Token(t.Context())
	if err == nil || !strings.Contains(err.Error(), "invalid_scope") || !strings.Contains(err.Error(), carla) {
		t.Errorf("another account: got %v, want invalid_scope that names it", err)
	}
}

func TestCurlAsksForOneAccount(t *testing.T) {
	f := newPaymentsFixture(t)
	k := f.many
	basic := []string{"-u", k.ID + ":" + k.Secret, "-d", "grant_type=client_credentials"}
	object := func(scope string) string {
		return fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q,"scope":%q}`, k.ID, k.Secret, scope)
	}
	cases := []struct {
		name  string
		args  []string
		scope string
	}{
		{"a form", join(basic, []string{"-d", "scope=/accounts/" + ada + "/wallets.read"}), "/accounts/" + ada + "/wallets.read"},
		{"a form that encodes its slashes", join(basic, []string{"--data-urlencode", "scope=" + scopesOf(ada)}), scopesOf(ada)},
		{"with the API named", join(basic, []string{"-d", "scope=" + scopesOf(ada), "-d", "resource=" + f.live.Audience}), scopesOf(ada)},
		{"JSON", jsonFlags(t, object(scopesOf(bela))), scopesOf(bela)},
		{"JSON under curl's form content type", []string{"-d", object(scopesOf(bela))}, scopesOf(bela)},
	}
	var tokens []issued
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, status, _ := curl(t, append(c.args, f.URL+"/oauth2/token")...)
			if status != "200" {
				t.Fatalf("got %s %s, want 200", status, body)
			}
			tokens = append(tokens, issued{"curl: " + c.name, f.ParseToken(t, []byte(body)), f.expect(f.live, k, c.scope, claims)})
		})
	}
	f.verify(t, tokens)
}

func TestCurlSeesTheOtherMode(t *testing.T) {
	f := newPaymentsFixture(t)
	cases := []struct {
		name string
		key  blackbox.Key
		api  apiRecord
		want string
	}{
		{"a live key at a test API", f.many, f.test, "live key"},
		{"a test key at a live API", f.trial, f.live, "test key"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, status, _ := curl(t, "-u", c.key.ID+":"+c.key.Secret, "-d", "grant_type=client_credentials",
				"-d", "scope="+scopesOf(ada), "-d", "resource="+c.api.Audience, f.URL+"/oauth2/token")
			if status != "400" || !strings.Contains(body, `"invalid_target"`) || !strings.Contains(body, c.want) || !strings.Contains(body, c.api.Audience) {
				t.Errorf("got %s %s, want invalid_target that says %s", status, body, c.want)
			}
		})
	}
}

// TestExampleKeyWithOrigins uses a key as it is in the file, once it has a secret.
func TestExampleKeyWithOrigins(t *testing.T) {
	f := newPaymentsFixture(t)
	var keys []keyRecord
	f.list(t, "key", &keys)
	at := slices.IndexFunc(keys, func(k keyRecord) bool { return len(k.Origins) > 0 })
	if at < 0 {
		t.Fatal("no key of the example has origins")
	}
	backend := keys[at]
	var k blackbox.Key
	err := json.Unmarshal([]byte(f.grantd(t, "key", "secret", "add", backend.ClientID, "--name", "first", "--json")), &k)
	if err != nil || k.Secret == "" {
		t.Fatalf("got no secret for %s (%v)", backend.ClientID, err)
	}
	f.HideKey(k)
	template := backend.Scopes[slices.IndexFunc(backend.Scopes, func(s string) bool { return strings.Contains(s, "{accountID}") })]
	call := moovCall{
		Credentials: "both", GrantType: "client_credentials", ClientID: k.ID, ClientSecret: k.Secret,
		Scope: strings.ReplaceAll(template, "{accountID}", ada),
	}
	with := func(name, value string) moovCall {
		c := call
		c.Headers = map[string]string{name: value}
		return c
	}
	answers := f.moov(t, []moovCall{
		with("Origin", backend.Origins[0]),
		with("Referer", backend.Origins[0]+"/checkout?step=2"),
		call,
		with("Origin", "https://evil.example"),
	})
	for i, a := range answers[:2] {
		if a.Token == nil {
			t.Fatalf("call %d: got %s, want a token", i, a.Message)
		}
		f.Hide(a.Token.AccessToken, a.Token.RefreshToken)
	}
	for i, a := range answers[2:] {
		if a.Status != 403 || !strings.Contains(a.Body, `"access_denied"`) || !strings.Contains(a.Message, "Origin") {
			t.Errorf("refused call %d: got %s %d %s, want 403 access_denied that names the header", i, a.Error, a.Status, a.Message)
		}
	}
}
