package server_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/oauth"
)

const grantForm = "grant_type=client_credentials"

// sdk sends JSON with the SDK key's credentials in Basic.
func (i *instance) sdk(t *testing.T, body string) answer {
	t.Helper()
	return i.do(t, request{contentType: "application/json", body: body, user: i.Demo.SDK.ClientID, password: i.Demo.SDK.ClientSecret})
}

func TestTheAnswerHasOneShape(t *testing.T) {
	i := start(t, nil)
	t.Run("RFC 6749 §5.1: members, order, integer lifetime", func(t *testing.T) {
		got := i.sdk(t, `{"grant_type":"client_credentials","scope":"/accounts.read /accounts.write"}`)
		shape := regexp.MustCompile(`^\{"access_token":"[A-Za-z0-9._-]+","token_type":"Bearer","expires_in":3600,"refresh_token":"gdr_[A-Za-z0-9_-]+","scope":"/accounts.read /accounts.write"\}$`)
		if got.status != http.StatusOK || !shape.MatchString(got.body) {
			t.Errorf("got %d %s", got.status, got.body)
		}
		if got.header.Get("Content-Type") != "application/json" {
			t.Errorf("Content-Type is %q", got.header.Get("Content-Type"))
		}
	})
	t.Run("RFC 6749 §4.4.3: no refresh token for a key without that grant", func(t *testing.T) {
		got := i.form(t, grantForm)
		if _, found := got.fields["refresh_token"]; found || got.status != http.StatusOK {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("RFC 6749 §5.1: the answer must not be cached", func(t *testing.T) {
		got := i.form(t, grantForm)
		if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Pragma") != "no-cache" {
			t.Errorf("got %v", got.header)
		}
	})
}

func TestUnknownIDsAndWrongSecretsAreOneAnswer(t *testing.T) {
	i := start(t, nil)
	send := func(id, secret string) answer {
		got := i.do(t, request{contentType: formType, body: grantForm, user: id, password: secret})
		got.header.Del("Date")
		return got
	}
	wrong, unknown := send(i.Demo.Plain.ClientID, "wrong"), send("nobody", "wrong")
	if wrong.status != http.StatusUnauthorized || wrong.body != unknown.body || unknown.status != wrong.status {
		t.Errorf("a wrong secret gets %d %s, an unknown id %d %s", wrong.status, wrong.body, unknown.status, unknown.body)
	}
	for name := range wrong.header {
		if wrong.header.Get(name) != unknown.header.Get(name) {
			t.Errorf("%s differs: %q and %q", name, wrong.header.Get(name), unknown.header.Get(name))
		}
	}
}

// verified parses an access token and checks its signature with the JWKS.
func (i *instance) verified(t *testing.T, token any) *keys.Inspected {
	t.Helper()
	text, _ := token.(string)
	seen, err := keys.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	err = seen.Verify([]byte(i.do(t, request{method: http.MethodGet, path: "/oauth2/jwks"}).body))
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestAccessTokens(t *testing.T) {
	i := start(t, nil)
	seen := i.verified(t, i.form(t, grantForm+"&scope=/ping.read").fields["access_token"])
	t.Run("RFC 9068 §2.1: typ is at+jwt", func(t *testing.T) {
		if seen.Header["typ"] != "at+jwt" || seen.Header["alg"] != "ES256" {
			t.Errorf("got header %v", seen.Header)
		}
	})
	t.Run("RFC 9068 §2.2: the required claims are there and the mode", func(t *testing.T) {
		want := map[string]any{
			"iss": i.Issuer, "sub": i.Demo.Plain.ClientID, "client_id": i.Demo.Plain.ClientID,
			"aud": "https://api.example.com", "scope": "/ping.read", "mode": "live",
		}
		for name, value := range want {
			if seen.Claims[name] != value {
				t.Errorf("%s is %v, want %v", name, seen.Claims[name], value)
			}
		}
		if len(seen.Claims) != len(want)+3 {
			t.Errorf("got claims %v", seen.Claims)
		}
	})
	t.Run("RFC 9068 §2.2.3: scope is what was granted", func(t *testing.T) {
		if seen.Claims["scope"] != "/ping.read" {
			t.Errorf("got %v", seen.Claims["scope"])
		}
	})
	t.Run("RFC 7519 §2: times are whole seconds", func(t *testing.T) {
		issued, _ := seen.Claims["iat"].(json.Number).Int64()
		expires, _ := seen.Claims["exp"].(json.Number).Int64()
		if expires-issued != 3600 || time.Since(time.Unix(issued, 0)) > 10*time.Second {
			t.Errorf("iat %d, exp %d", issued, expires)
		}
	})
	t.Run("RFC 6749 §10.10: every token has its own jti", func(t *testing.T) {
		other := i.verified(t, i.form(t, grantForm).fields["access_token"])
		if seen.Claims["jti"] == other.Claims["jti"] || len(seen.Claims["jti"].(string)) != 22 {
			t.Errorf("got %v and %v", seen.Claims["jti"], other.Claims["jti"])
		}
	})
}

func TestEveryAPIHasItsTokens(t *testing.T) {
	i := start(t, nil)
	for _, algorithm := range []string{keys.RS256, keys.PS256, keys.EdDSA} {
		t.Run(algorithm, func(t *testing.T) {
			scope := "/" + algorithm + ".read"
			i.operate(t, http.MethodPost, "/admin/v1/apis", admin.NewAPI{Audience: "https://" + algorithm + ".example", Scopes: []string{scope}, Algorithm: algorithm, Type: "JWT"}, nil)
			got := i.token(t, i.newKey(t, scope), "")
			seen := i.verified(t, got.fields["access_token"])
			if seen.Header["alg"] != algorithm || seen.Header["typ"] != "JWT" {
				t.Errorf("got header %v", seen.Header)
			}
		})
	}
	t.Run("opaque", func(t *testing.T) {
		i.operate(t, http.MethodPost, "/admin/v1/apis", admin.NewAPI{Audience: "https://opaque.example", Scopes: []string{"/opaque.read"}, TokenFormat: "opaque"}, nil)
		got := i.token(t, i.newKey(t, "/opaque.read"), "")
		text, _ := got.fields["access_token"].(string)
		if !regexp.MustCompile(`^gda_[A-Za-z0-9_-]+$`).MatchString(text) {
			t.Errorf("got %s", got.body)
		}
		for n := range 4 {
			plain, _ := base64.RawURLEncoding.DecodeString(text[4+n:])
			if strings.Contains(string(plain), "opaque.example") {
				t.Fatal("an opaque token shows what it says")
			}
		}
	})
	t.Run("scopes of APIs that disagree need a resource", func(t *testing.T) {
		key := i.newKey(t, "/opaque.read", "/RS256.read", "/ping.read")
		got := i.token(t, key, "")
		if got.fields["error"] != string(oauth.InvalidTarget) || !strings.Contains(got.body, "resource") {
			t.Errorf("got %s", got.body)
		}
		got = i.token(t, key, "&resource=https://RS256.example")
		if got.fields["scope"] != "/RS256.read" {
			t.Errorf("with a resource: got %s", got.body)
		}
	})
	t.Run("RFC 8707 §2.2: a scope of another API is refused", func(t *testing.T) {
		key := i.newKey(t, "/RS256.read", "/ping.read")
		got := i.token(t, key, "&scope=/ping.read&resource=https://RS256.example")
		if got.fields["error"] != string(oauth.InvalidScope) {
			t.Errorf("got %s", got.body)
		}
	})
	t.Run("scopes of APIs that agree share a token", func(t *testing.T) {
		i.operate(t, http.MethodPost, "/admin/v1/apis", admin.NewAPI{Audience: "https://second.example", Scopes: []string{"/second.read"}, AccessTokenLifetime: 60}, nil)
		got := i.token(t, i.newKey(t, "/second.read", "/ping.read"), "")
		seen := i.verified(t, got.fields["access_token"])
		aud, _ := seen.Claims["aud"].([]any)
		if len(aud) != 2 || aud[0] != "https://second.example" || got.fields["expires_in"] != 60.0 {
			t.Errorf("got aud %v in %s", seen.Claims["aud"], got.body)
		}
	})
}

func (i *instance) newKey(t *testing.T, scopes ...string) admin.CreatedKey {
	t.Helper()
	var key admin.CreatedKey
	i.operate(t, http.MethodPost, "/admin/v1/keys", admin.NewKey{Name: t.Name(), Scopes: scopes}, &key)
	return key
}

func (i *instance) token(t *testing.T, key admin.CreatedKey, more string) answer {
	t.Helper()
	return i.do(t, request{contentType: formType, body: grantForm + more, user: key.ClientID, password: key.ClientSecret})
}
