package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"

	"github.com/grantd/grantd/test/blackbox"
)

// claims are what the judge reads of a token or of an introspection.
type claims struct {
	Active   bool   `json:"active"`
	Subject  string `json:"sub"`
	ClientID string `json:"client_id"`
	Scope    string `json:"scope"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// verify checks a JWT by the JWKS that grantd serves, as of the moment given.
func (s *server) verify(token, audience string, at time.Time) (claims, error) {
	text, err := s.get(jwksPath)
	if err != nil {
		return claims{}, err
	}
	keys, err := keyfunc.NewJWKSetJSON(text)
	if err != nil {
		return claims{}, fmt.Errorf("read the JWKS: %w", err)
	}
	parsed, err := jwt.Parse(token, keys.Keyfunc, jwt.WithValidMethods(algorithms),
		jwt.WithIssuer(s.issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(time.Second), jwt.WithTimeFunc(func() time.Time { return at }))
	if err != nil {
		return claims{}, fmt.Errorf("verify the token by the JWKS: %w", err)
	}
	return readClaims(parsed)
}

func readClaims(token *jwt.Token) (claims, error) {
	var c claims
	text, err := json.Marshal(token.Claims)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(text, &c)
}

// issuedAt reads when a token says that it was issued; nothing of it is verified.
func issuedAt(token string) (time.Time, error) {
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil {
		return time.Time{}, fmt.Errorf("read the token: %w", err)
	}
	c, err := readClaims(parsed)
	return time.Unix(c.Issued, 0), err
}

// mint gets a token for the runner itself, past the proxy.
func (s *server) mint(key blackbox.Key, scope string) (string, error) {
	answer, err := s.post(tokenPath, key, url.Values{"grant_type": {"client_credentials"}, "scope": {scope}})
	if err != nil {
		return "", err
	}
	var token blackbox.Token
	err = json.Unmarshal(answer, &token)
	if err != nil || token.AccessToken == "" {
		return "", fmt.Errorf("got %q, want a token for %s (%w)", answer, scope, err)
	}
	s.process.Hide(token.AccessToken)
	return token.AccessToken, nil
}

// introspect asks grantd itself about a token.
func (s *server) introspect(reader blackbox.Key, token string) (claims, error) {
	var c claims
	answer, err := s.post(introspectionPath, reader, url.Values{"token": {token}})
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(answer, &c)
}

func (s *server) post(path string, key blackbox.Key, form url.Values) ([]byte, error) {
	req, err := http.NewRequest(http.MethodPost, s.direct+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(key.ID, key.Secret)
	return s.do(req)
}

func (s *server) get(path string) ([]byte, error) {
	req, err := http.NewRequest(http.MethodGet, s.direct+path, nil)
	if err != nil {
		return nil, err
	}
	return s.do(req)
}

func (s *server) do(req *http.Request) ([]byte, error) {
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: got %s %s, want 200", req.URL.Path, resp.Status, body)
	}
	return body, err
}

// sameScopes compares scopes as the sets that they are (RFC 6749 §3.3).
func sameScopes(a, b string) bool {
	left, right := strings.Fields(a), strings.Fields(b)
	slices.Sort(left)
	slices.Sort(right)
	return slices.Equal(left, right)
}
