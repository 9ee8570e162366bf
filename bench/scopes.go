package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/grantd/grantd/oauth"
)

// How large the catalogue is whose price is measured, how much of it one key was
// granted, and how much of that a request asks for.
const (
	catalogueTemplates = 1000
	catalogueGrants    = 100
	catalogueAsked     = 10
)

// The accounts that scopes are about; the first is the one that is asked for.
const (
	oneAccount     = "7a1c9d5e-3b64-4f0a-9c2e-5d8f1b6a0e47"
	anotherAccount = "0b52d7f3-88e1-4c6d-a1f4-2e9c7b3d6a58"
)

// catalogue is an API twice: with templates, in mode live, and with the ten scopes
// that are asked for as they stand, in mode test. The audiences of the two and the
// names of the modes are equally long, and so are the answers.
type catalogue struct {
	// root is the first segment of its scopes, which are nobody else's.
	root   string
	format string
}

var (
	jwtCatalogue    = catalogue{root: "accounts", format: "jwt"}
	opaqueCatalogue = catalogue{root: "wallets", format: "opaque"}
)

func (c catalogue) audience(mode string) string {
	return "https://" + c.root + "-" + mode + ".bench.example"
}

func (c catalogue) scope(account string, number int) string {
	return fmt.Sprintf("/%s/%s/r%03d.read", c.root, account, number)
}

func (c catalogue) templates() []string {
	all := make([]string, catalogueTemplates)
	for i := range all {
		all[i] = c.scope("{accountID}", i)
	}
	return all
}

// grants are spread over the catalogue; a third of them give any account, a third
// one, and a third two.
func (c catalogue) grants() []string {
	accounts := []string{"{accountID}", oneAccount, "{accountID=" + anotherAccount + "|" + oneAccount + "}"}
	all := make([]string, catalogueGrants)
	for i := range all {
		all[i] = c.scope(accounts[i%len(accounts)], i*catalogueTemplates/catalogueGrants)
	}
	return all
}

// asked are for one account, spread over the grants.
func (c catalogue) asked() []string {
	all := make([]string, catalogueAsked)
	for i := range all {
		all[i] = c.scope(oneAccount, i*catalogueTemplates/catalogueAsked)
	}
	return all
}

// pair are two keys that ask for the same scopes.
type pair struct {
	// narrowed was granted templates among many, plain exactly what is asked for.
	narrowed, plain credentials
}

// pair makes the two APIs and a key of each.
func (g *grantd) pair(ctx context.Context, c catalogue) (pair, error) {
	p := pair{}
	sides := []struct {
		into                 *credentials
		mode                 string
		definitions, granted []string
		more                 []string
	}{
		{&p.narrowed, "live", c.templates(), c.grants(), []string{"--parameter", "accountID=uuid"}},
		{&p.plain, "test", c.asked(), c.asked(), nil},
	}
	for _, s := range sides {
		err := g.api(ctx, append(scopeFlags(s.definitions, "--audience", c.audience(s.mode),
			"--mode", s.mode, "--token-format", c.format), s.more...))
		if err != nil {
			return p, err
		}
		*s.into, err = g.key(ctx, scopeFlags(s.granted, "--name", c.root+" "+s.mode, "--mode", s.mode))
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

func scopeFlags(scopes []string, flags ...string) []string {
	for _, s := range scopes {
		flags = append(flags, "--scope", s)
	}
	return flags
}

// origin is the web origin that the requests of ruled keys come from.
const origin = "https://app.bench.example"

// ruled are the flags that give a key every rule there is, none of which refuses
// anything here.
func ruled() []string {
	return []string{
		"--origin", "https://www.bench.example", "--origin", origin,
		"--network", "10.0.0.0/8", "--network", "127.0.0.0/8", "--network", "::1/128",
		"--valid-from", "2020-01-01T00:00:00Z", "--valid-until", "2120-01-01T00:00:00Z",
		"--rate", "1000000", "--burst", "1000000",
		"--tokens-per-hour", "1000000000", "--tokens-per-day", "1000000000",
		"--claim", "tenant=bench", "--claim", "tier=gold",
	}
}

// scopesRequest returns the bytes of a token request for these scopes.
func scopesRequest(host string, who credentials, scopes []string) []byte {
	return formRequest(host, tokenPath, "", who.scopes(scopes))
}

// originRequest returns the bytes of a token request from the origin.
func originRequest(host string, who credentials) []byte {
	return formRequest(host, tokenPath, "Origin: "+origin+"\r\n", who.form(oauth.ClientCredentials))
}

func (who credentials) scopes(scopes []string) url.Values {
	return oauth.TokenRequest{
		ClientID: who.ID, ClientSecret: who.Secret, GrantType: oauth.ClientCredentials, Scope: strings.Join(scopes, " "),
	}.Form()
}

// narrowing are the contenders that ask for ten scopes: the price of having found
// them in a large catalogue is the ratio to a key that has them as they stand, and
// the price of ten is that one's ratio to a key with one scope.
func (f field) narrowing() []contender {
	host := f.grantd.address
	var all []contender
	for _, one := range []struct {
		kind   string
		c      catalogue
		keys   pair
		single string
		one    credentials
	}{
		{"ES256 JWT", jwtCatalogue, f.tenants.jwtScopes, oursES256, f.tenants.jwt},
		{"opaque token", opaqueCatalogue, f.tenants.opaqueScopes, oursOpaque, f.tenants.opaque},
	} {
		plain := fmt.Sprintf("grantd %s, %d plain scopes", one.kind, catalogueAsked)
		narrowed := fmt.Sprintf("grantd %s, %d scopes of %d grants in %d templates",
			one.kind, catalogueAsked, catalogueGrants, catalogueTemplates)
		all = append(all,
			f.ours(narrowed, always(scopesRequest(host, one.keys.narrowed, one.c.asked())), against{name: plain, ratio: goalScopes}),
			f.ours(plain, always(scopesRequest(host, one.keys.plain, one.c.asked())), against{name: one.single}),
			f.ours(one.single, always(postRequest(host, one.one))),
		)
	}
	return all
}

// checkTenants proves that what is measured is what it is called: both keys of a
// pair get an answer of one length, with the scopes that were asked for, and a key
// with rules is refused without an origin.
func (g *grantd) checkTenants(ctx context.Context, t tenants) error {
	for _, one := range []struct {
		c    catalogue
		keys pair
	}{{jwtCatalogue, t.jwtScopes}, {opaqueCatalogue, t.opaqueScopes}} {
		narrowed, first := g.ask(ctx, tokenPath, one.keys.narrowed.scopes(one.c.asked()))
		plain, second := g.ask(ctx, tokenPath, one.keys.plain.scopes(one.c.asked()))
		err := errors.Join(first, second)
		if err != nil {
			return err
		}
		want := strings.Join(one.c.asked(), " ")
		if string(member(narrowed.body, "scope")) != want || len(narrowed.body) != len(plain.body) {
			return fmt.Errorf("the answers to compare are %s and %s", narrowed.body, plain.body)
		}
	}
	for _, who := range []credentials{t.jwtRuled, t.opaqueRuled} {
		_, err := g.ask(ctx, tokenPath, who.form(oauth.ClientCredentials))
		if err == nil {
			return errors.New("a key with origins gets a token without sending one")
		}
		if !strings.Contains(err.Error(), "access_denied") {
			return fmt.Errorf("a key with origins that sends none: %w", err)
		}
	}
	return nil
}
