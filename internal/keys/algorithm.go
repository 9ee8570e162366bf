package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"slices"
)

// The signature algorithms by their JWA names (RFC 7518 §3.1, RFC 8037 §3.1).
// The first is the default, and the order is that of the JWKS.
const (
	ES256 = "ES256"
	RS256 = "RS256"
	PS256 = "PS256"
	EdDSA = "EdDSA"
)

// Algorithms lists the names, the default first.
func Algorithms() []string { return []string{ES256, RS256, PS256, EdDSA} }

// Known reports whether the name is one of [Algorithms].
func Known(algorithm string) bool { return slices.Contains(Algorithms(), algorithm) }

// rsaBits is the size of new RSA keys.
const rsaBits = 2048

// generate makes a private key for the algorithm.
func generate(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RS256, PS256:
		// RFC 7518 §3.3: RSA keys have 2048 bits or more.
		return rsa.GenerateKey(rand.Reader, rsaBits)
	case EdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}
	return nil, fmt.Errorf("unknown algorithm %q", algorithm)
}
