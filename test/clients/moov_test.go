package clients

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

// moovCall is one call of the SDK's create_access_token.
type moovCall struct {
	URL          string `json:"url"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	// Credentials says where the two travel: basic, body or both.
	Credentials  string `json:"credentials"`
	GrantType    string `json:"grant_type"`
	Scope        string `json:"scope,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	// Headers are further headers, which the SDK takes with each call.
	Headers map[string]string `json:"headers,omitempty"`
}

// moovAnswer is the SDK's token, or the error it raised.
type moovAnswer struct {
	Token  *blackbox.Token `json:"token"`
	Error  string          `json:"error"`
	Status int             `json:"status"`
	Body   string          `json:"body"`
	// Message is what a program sees that prints the exception.
	Message string `json:"message"`
}

func (f fixture) moov(t *testing.T, calls []moovCall) []moovAnswer {
	t.Helper()
	for i := range calls {
		calls[i].URL = f.URL
		if calls[i].ClientID == "" {
			calls[i].ClientID, calls[i].ClientSecret = f.sdk.ID, f.sdk.Secret
		}
	}
	var answers []moovAnswer
	python(t, "moov.py", calls, &answers)
	if len(answers) != len(calls) {
		t.Fatalf("got %d answers, want %d", len(answers), len(calls))
	}
	return answers
}

func TestMoovSDK(t *testing.T) {
	f := newFixture(t)
	first := []moovCall{
		{Credentials: "basic", GrantType: "client_credentials", Scope: both},
		{Credentials: "body", GrantType: "client_credentials", Scope: both},
		{Credentials: "both", GrantType: "client_credentials", Scope: both},
		{Credentials: "both", GrantType: "client_credentials", Scope: "/accounts.write"},
		{Credentials: "both", GrantType: "client_credentials"},
	}
	tokens := f.moovTokens(t, first)
	refresh := make([]moovCall, 0, 4)
	for _, credentials := range []string{"basic", "body", "both"} {
		refresh = append(refresh, moovCall{
			Credentials: credentials, GrantType: "refresh_token", RefreshToken: tokens[0].token.RefreshToken,
		})
	}
	refresh = append(refresh, moovCall{
		Credentials: "both", GrantType: "refresh_token", RefreshToken: tokens[1].token.RefreshToken, Scope: "/accounts.read",
	})
	f.verify(t, append(tokens, f.moovTokens(t, refresh)...))
}

// moovTokens makes the calls and expects a token from each.
func (f fixture) moovTokens(t *testing.T, calls []moovCall) []issued {
	t.Helper()
	tokens := make([]issued, 0, len(calls))
	for i, a := range f.moov(t, calls) {
		by := "moovio-sdk: " + calls[i].GrantType + ", " + calls[i].Credentials
		if a.Token == nil {
			t.Fatalf("%s: got %s %d %s, want a token", by, a.Error, a.Status, a.Body)
		}
		scope := calls[i].Scope
		if scope == "" {
			scope = both
		}
		if a.Token.RefreshToken == "" {
			t.Errorf("%s: got no refresh_token, which the SDK needs", by)
		}
		tokens = append(tokens, issued{by, *a.Token, expect(f.sdk, scope)})
	}
	return tokens
}

func TestMoovSDKRefused(t *testing.T) {
	f := newFixture(t)
	cases := []struct {
		name   string
		call   moovCall
		raised string
		status int
		code   string
	}{
		{
			"RFC 6749 §5.2: the SDK raises for a wrong secret, in Basic",
			moovCall{Credentials: "basic", GrantType: "client_credentials", ClientID: f.sdk.ID, ClientSecret: "wrong"},
			"APIError", 401, "invalid_client",
		},
		{
			"RFC 6749 §5.2: the SDK raises for a wrong secret, in Basic and the body",
			moovCall{Credentials: "both", GrantType: "client_credentials", ClientID: f.sdk.ID, ClientSecret: "wrong"},
			"APIError", 401, "invalid_client",
		},
		{
			"RFC 6749 §5.2: the SDK raises for a scope that is not granted",
			moovCall{Credentials: "both", GrantType: "client_credentials", Scope: "/rs256.read"},
			"GenericError", 400, "invalid_scope",
		},
		{
			"RFC 6749 §5.2: the SDK raises for a refresh token that is none",
			moovCall{Credentials: "both", GrantType: "refresh_token", RefreshToken: "i1qxz68gu50zp4i8ceyxqogmq7y0yienm52351c6"},
			"GenericError", 400, "invalid_grant",
		},
		{
			"RFC 6749 §5.2: the SDK raises for a grant that the key may not use",
			moovCall{
				Credentials: "both", GrantType: "refresh_token", RefreshToken: "i1qxz68gu50zp4i8ceyxqogmq7y0yienm52351c6",
				ClientID: f.plain.ID, ClientSecret: f.plain.Secret,
			},
			"GenericError", 400, "unauthorized_client",
		},
	}
	calls := make([]moovCall, len(cases))
	for i, c := range cases {
		calls[i] = c.call
	}
	answers := f.moov(t, calls)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := answers[i]
			var e struct {
				Error string `json:"error"`
			}
			err := json.NewDecoder(strings.NewReader(a.Body)).Decode(&e)
			if err != nil || a.Error != c.raised || a.Status != c.status || e.Error != c.code {
				t.Errorf("got %s %d %s, want %s %d %s", a.Error, a.Status, a.Body, c.raised, c.status, c.code)
			}
		})
	}
}
