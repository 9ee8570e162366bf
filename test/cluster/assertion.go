package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// signer is a key that authenticates with assertions (RFC 7523).
type signer struct {
	id      string
	private *ecdsa.PrivateKey
}

// newSigner makes such a key.
func (c *caller) newSigner(n *node, name string) (signer, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return signer{}, err
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		return signer{}, err
	}
	jwk := map[string]string{
		"kty": "EC", "crv": "P-256", "alg": "ES256",
		"x": base64.RawURLEncoding.EncodeToString(point[1:33]), "y": base64.RawURLEncoding.EncodeToString(point[33:]),
	}
	e := event{}
	a := c.call(&e, n, http.MethodPost, "/keys", map[string]any{
		"name": name, "scopes": []string{scope}, "auth_methods": []string{"private_key_jwt"},
		"jwks": map[string]any{"keys": []any{jwk}},
	})
	var k key
	if e.Outcome == acknowledged {
		err = json.Unmarshal(a.body, &k)
	}
	if err != nil || k.ID == "" {
		return signer{}, fmt.Errorf("create a key for assertions: %d %s (%w)", e.Status, e.Detail, err)
	}
	return signer{k.ID, private}, nil
}

// assert makes an assertion that is good for a minute, once.
func (s signer) assert() (text, jti string, err error) {
	jti = rand.Text()
	now := time.Now().Unix()
	claims, err := json.Marshal(map[string]any{
		"iss": s.id, "sub": s.id, "aud": issuer, "jti": jti, "iat": now, "exp": now + 60,
	})
	if err != nil {
		return "", "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"ES256"}`)) + "." + encode(claims)
	digest := sha256.Sum256([]byte(signed))
	r, t, err := ecdsa.Sign(rand.Reader, s.private, digest[:])
	if err != nil {
		return "", "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	t.FillBytes(signature[32:])
	return signed + "." + encode(signature), jti, nil
}

// present sends an assertion to a node. Whether it counts as used is for the rules.
func (c *caller) present(n *node, text, jti string) {
	e := event{Op: opAssertion, What: jti}
	c.post(&e, n, "/oauth2/token", nil, url.Values{
		"grant_type": {"client_credentials"}, "client_assertion": {text},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	})
	c.add(e)
}
