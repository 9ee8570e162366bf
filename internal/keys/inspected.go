package keys

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Inspected is what a JWT says.
type Inspected struct {
	// Header is the protected header.
	Header map[string]any
	// Claims are the claims, numbers as json.Number.
	Claims map[string]any
	// KeyID is the kid of the header.
	KeyID string

	signature *jose.JSONWebSignature
}

// Parse reads a signed JWT in the compact form, without verifying it.
func Parse(token string) (*Inspected, error) {
	jws, err := jose.ParseSignedCompact(token, allowedAlgorithms())
	if err != nil {
		return nil, fmt.Errorf("read the JWT: %w", err)
	}
	seen := &Inspected{signature: jws, KeyID: jws.Signatures[0].Protected.KeyID, Header: map[string]any{}}
	header := jws.Signatures[0].Protected
	seen.Header["alg"] = header.Algorithm
	seen.Header["kid"] = header.KeyID
	for name, value := range header.ExtraHeaders {
		seen.Header[string(name)] = value
	}
	seen.Claims, err = readClaims(jws.UnsafePayloadWithoutVerification())
	if err != nil {
		return nil, err
	}
	return seen, nil
}

func allowedAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{ES256, RS256, PS256, EdDSA}
}

// Verify checks the signature with the key of the JWKS that the header names.
// It does not look at the claims; the caller does, with its own clock.
func (i *Inspected) Verify(jwks []byte) error {
	var set jose.JSONWebKeySet
	err := json.Unmarshal(jwks, &set)
	if err != nil {
		return fmt.Errorf("read the JWKS: %w", err)
	}
	keys := set.Key(i.KeyID)
	if len(keys) == 0 {
		return fmt.Errorf("the JWKS has no key %q", i.KeyID)
	}
	for _, key := range keys {
		// RFC 8725 §3.1: a key is used with the one algorithm it is meant for.
		if key.Algorithm != i.Header["alg"] || !forSignatures(key) {
			continue
		}
		_, err = i.signature.Verify(key.Key)
		if err == nil {
			return nil
		}
	}
	return errors.New("the signature is not valid")
}

// leastModulus is in bits.
const leastModulus = 2048

// forSignatures reports whether a key of a JWKS may verify one.
func forSignatures(key jose.JSONWebKey) bool {
	// RFC 7518 §3.3: an RSA key has 2048 bits or more.
	public, ok := key.Key.(*rsa.PublicKey)
	if ok && public.N.BitLen() < leastModulus {
		return false
	}
	// RFC 7517 §4.2: use says what a key is for.
	return key.Use == "" || key.Use == "sig"
}
