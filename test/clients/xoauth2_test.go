package clients

import (
	"errors"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/grantd/grantd/test/blackbox"
)

var styles = []struct {
	name  string
	style oauth2.AuthStyle
}{
	{"auto detect", oauth2.AuthStyleAutoDetect},
	{"in header", oauth2.AuthStyleInHeader},
	{"in params", oauth2.AuthStyleInParams},
}

func (f fixture) xoauth2(k blackbox.Key, style oauth2.AuthStyle, scopes ...string) clientcredentials.Config {
	return clientcredentials.Config{
		ClientID: k.ID, ClientSecret: k.Secret, TokenURL: f.URL + "/oauth2/token", Scopes: scopes, AuthStyle: style,
	}
}

func TestXOAuth2(t *testing.T) {
	f := newFixture(t)
	cases := []struct {
		name   string
		key    blackbox.Key
		scopes []string
		want   expected
	}{
		{"ES256 with the default scope", f.plain, nil, expect(f.plain, both)},
		{"ES256 with two scopes asked for", f.plain, []string{"/accounts.write", "/accounts.read"}, expect(f.plain, "/accounts.write /accounts.read")},
		{"RS256 with typ JWT", f.rs256, nil, expected{client: f.rs256.ID, audience: rs256API, scope: "/rs256.read", algorithm: "RS256", typ: "JWT"}},
		{"PS256 with typ JWT", f.ps256, nil, expected{client: f.ps256.ID, audience: ps256API, scope: "/ps256.read", algorithm: "PS256", typ: "JWT"}},
	}
	var tokens []issued
	for _, c := range cases {
		for _, s := range styles {
			t.Run(c.name+", "+s.name, func(t *testing.T) {
				config := f.xoauth2(c.key, s.style, c.scopes...)
				token, err := config.Token(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				scope, _ := token.Extra("scope").(string)
				tokens = append(tokens, issued{"x/oauth2: " + c.name, blackbox.Token{
					AccessToken: token.AccessToken, TokenType: token.TokenType, ExpiresIn: number(token.Extra("expires_in")), Scope: scope,
				}, c.want})
			})
		}
	}
	f.verify(t, tokens)
}

func TestXOAuth2Refused(t *testing.T) {
	f := newFixture(t)
	wrong := blackbox.Key{ID: f.plain.ID, Secret: "wrong"}
	for _, s := range styles {
		t.Run("RFC 6749 §5.2: x/oauth2 reads invalid_client, "+s.name, func(t *testing.T) {
			config := f.xoauth2(wrong, s.style)
			_, err := config.Token(t.Context())
			refused, ok := errors.AsType[*oauth2.RetrieveError](err)
			if !ok || refused.ErrorCode != "invalid_client" || refused.Response.StatusCode != 401 {
				t.Errorf("got %v, want a RetrieveError with 401 invalid_client", err)
			}
		})
	}
}
