package server_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

func (u unreachable) Use(ctx context.Context, use store.OneTime) error {
	if u.away.Load() {
		return errAway
	}
	return u.Store.Use(ctx, use)
}

// signing is a key that signs its assertions.
type signing struct {
	admin.CreatedKey
	private *ecdsa.PrivateKey
	issuer  string
	now     func() time.Time
}

// createSigning makes a key with a public key.
func (i *instance) createSigning(t *testing.T, in admin.NewKey) *signing {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	in.JWKS, err = json.Marshal(jose.JSONWebKey{Key: private.Public(), KeyID: "first"})
	must(t, err)
	in.AuthMethods = []oauth.AuthMethod{oauth.PrivateKeyJWT}
	return &signing{i.create(t, in), private, i.Issuer, i.now}
}

// assertion makes one that is good now, but for what change does.
func (s *signing) assertion(t *testing.T, change func(c *jwt.Claims)) string {
	t.Helper()
	now := s.now()
	claims := jwt.Claims{
		Issuer: s.ClientID, Subject: s.ClientID, Audience: jwt.Audience{s.issuer}, ID: rand.Text(),
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(time.Minute)),
	}
	if change != nil {
		change(&claims)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: s.private}, nil)
	must(t, err)
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	must(t, err)
	return text
}

// asserting is a request to an endpoint with an assertion.
func asserting(path, text string, more url.Values) request {
	form := url.Values{"client_assertion_type": {oauth.JWTBearerAssertion}, "client_assertion": {text}}
	for name, values := range more {
		form[name] = values
	}
	return request{path: path, contentType: formType, body: form.Encode()}
}

func wantsToken() url.Values { return url.Values{"grant_type": {"client_credentials"}} }

// issued fails unless the answer has an access token.
func (a answer) issued(t *testing.T) {
	t.Helper()
	if a.status != http.StatusOK || a.fields["access_token"] == nil {
		t.Fatalf("got %d %s, want a token", a.status, a.body)
	}
}

func (a answer) status401(t *testing.T) {
	t.Helper()
	if a.status != http.StatusUnauthorized || a.fields["error"] != "invalid_client" || a.header.Get("WWW-Authenticate") == "" {
		t.Errorf("got %d %s, want 401 invalid_client", a.status, a.body)
	}
}

func TestPrivateKeyJWTAtEveryEndpoint(t *testing.T) {
	i := start(t, nil)
	key := i.createSigning(t, admin.NewKey{Scopes: []string{"/accounts.read"}})
	if key.ClientSecret != "" || len(key.Secrets) > 0 {
		t.Errorf("the key has a secret: %+v", key.CreatedKey)
	}
	text := key.assertion(t, nil)
	got := i.do(t, asserting("", text, wantsToken()))
	got.issued(t)
	token := url.Values{"token": {got.fields["access_token"].(string)}}
	i.do(t, asserting("", text, wantsToken())).status401(t)
	i.do(t, asserting(introspectPath, text, token)).status401(t)
	i.do(t, asserting(introspectPath, key.assertion(t, nil), token)).active(t)
	ended := i.do(t, asserting("/oauth2/revoke", key.assertion(t, nil), token))
	if ended.status != http.StatusOK {
		t.Errorf("revocation: %d %s", ended.status, ended.body)
	}
	i.do(t, asserting(introspectPath, key.assertion(t, nil), token)).inactive(t)

	body, err := json.Marshal(map[string]string{
		"grant_type": "client_credentials", "client_assertion_type": oauth.JWTBearerAssertion, "client_assertion": key.assertion(t, nil),
	})
	must(t, err)
	i.do(t, request{contentType: "application/json", body: string(body)}).issued(t)
	if log := i.log.String(); strings.Contains(log, text) || strings.Contains(log, strings.Split(text, ".")[2]) {
		t.Error("the log has an assertion in it")
	}
}

func TestRFC7523StrangersLearnNothing(t *testing.T) {
	i := start(t, nil)
	key := i.createSigning(t, admin.NewKey{Scopes: []string{"/accounts.read"}})
	stranger := *key
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	stranger.private = private
	nobody := stranger
	nobody.ClientID = "AAAAAAAAAAAAAAAA"
	used := key.assertion(t, nil)
	i.do(t, asserting("", used, wantsToken())).issued(t)
	wanted := i.do(t, asserting("", nobody.assertion(t, nil), wantsToken()))
	wanted.status401(t)
	for name, text := range map[string]string{
		"RFC 7523 §3.2: a wrong signature": stranger.assertion(t, nil),
		"one that was used":                used,
		"one that has expired":             key.assertion(t, func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(i.now().Add(-time.Hour)) }),
		"one for somebody else":            key.assertion(t, func(c *jwt.Claims) { c.Audience = jwt.Audience{i.Issuer + "/oauth2/token"} }),
		"garbage":                          "e30.e30.AA",
	} {
		t.Run(name, func(t *testing.T) {
			got := i.do(t, asserting("", text, wantsToken()))
			if got.status != wanted.status || got.body != wanted.body {
				t.Errorf("got %d %s, want what an unknown client gets, %s", got.status, got.body, wanted.body)
			}
		})
	}
}

func TestAnAssertionIsNotTakenAgainAfterARestart(t *testing.T) {
	clock := &clock{}
	i := launch(t, options{now: clock.Now})
	key := i.createSigning(t, admin.NewKey{Scopes: []string{"/accounts.read"}})
	used := key.assertion(t, nil)
	i.do(t, asserting("", used, wantsToken())).issued(t)
	i.end()
	// The issuer of a development server is where it listens.
	again := launch(t, options{now: clock.Now, dir: i.dir, flags: map[string]string{"listen": i.PublicAddr}})
	got := again.do(t, asserting("", used, wantsToken()))
	if got.status == http.StatusOK {
		t.Errorf("got %d %s", got.status, got.body)
	}
	// After an end in good order, a new one is taken at once: no earlier than the next
	// second, which is what iat tells apart.
	clock.advance(time.Second)
	again.do(t, asserting("", key.assertion(t, nil), wantsToken())).issued(t)
}

func TestAssertionsWaitForTheStoreAndSecretsDoNot(t *testing.T) {
	away := &atomic.Bool{}
	i := launch(t, options{wrap: func(s store.Store) store.Store { return unreachable{s, away} }})
	signs, has := i.createSigning(t, admin.NewKey{Scopes: []string{"/accounts.read"}}), i.create(t, admin.NewKey{Scopes: []string{"/accounts.read"}})
	away.Store(true)
	i.do(t, asserting("", signs.assertion(t, nil), wantsToken())).comeAgain(t)
	i.token(t, has, "").issued(t)
	away.Store(false)
	i.do(t, asserting("", signs.assertion(t, nil), wantsToken())).issued(t)
}

func TestTheTokenEndpointIsAnAudienceWhereTheKeySaysSo(t *testing.T) {
	i := start(t, nil)
	lax := i.createSigning(t, admin.NewKey{Scopes: []string{"/accounts.read"}, AssertionAudience: store.IssuerOrEndpointAudience})
	toEndpoint := func(c *jwt.Claims) { c.Audience = jwt.Audience{i.Issuer + "/oauth2/token"} }
	i.do(t, asserting("", lax.assertion(t, toEndpoint), wantsToken())).issued(t)
	i.do(t, asserting("", lax.assertion(t, nil), wantsToken())).issued(t)
}
