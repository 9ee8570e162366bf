package assertion

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// The algorithms of assertions by their JWA names. There is none for a secret that
// both sides share, and none without a signature.
const (
	es256 = string(jose.ES256)
	rs256 = string(jose.RS256)
	ps256 = string(jose.PS256)
	edDSA = string(jose.EdDSA)
)

// Algorithms lists the names.
//
// RFC 7523 §5: RS256 is among them.
func Algorithms() []string { return []string{es256, rs256, ps256, edDSA} }

// allowed is the list that the parser of go-jose wants.
func allowed() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.PS256, jose.EdDSA}
}

// The sizes of RSA keys. The work of a verification grows with the square.
const (
	leastRSA = 2048
	mostRSA  = 4096
)

// algorithmsOf lists what a key can sign with, or says why it can nothing.
//
// RFC 8725 §3.2: only algorithms that are deemed strong, with keys that fit them.
func algorithmsOf(public crypto.PublicKey) (algorithms []string, reason, hint string) {
	const choose = "use a P-256, Ed25519 or RSA key"
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() {
			return nil, "it is on the curve " + key.Curve.Params().Name + ", and of the elliptic curves only P-256 is taken", choose
		}
		return []string{es256}, "", ""
	case ed25519.PublicKey:
		return []string{edDSA}, "", ""
	case *rsa.PublicKey:
		bits := key.N.BitLen()
		// RFC 7518 §3.3: RSA keys have 2048 bits or more.
		if bits < leastRSA || bits > mostRSA {
			return nil, "it is an RSA key with too few or too many bits", "use one of 2048 to 4096 bits"
		}
		if key.N.Bit(0) == 0 || key.E < 3 || key.E%2 == 0 {
			return nil, "it is no RSA key: its modulus or its exponent is even, or too small", choose
		}
		return []string{rs256, ps256}, "", ""
	}
	return nil, "it is of a kind that is not taken", choose
}

// inOrder returns the algorithms once each, in the order of [Algorithms].
func inOrder(algorithms []string) []string {
	return slices.DeleteFunc(Algorithms(), func(a string) bool { return !slices.Contains(algorithms, a) })
}
