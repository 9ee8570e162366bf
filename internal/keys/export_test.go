package keys

import (
	"crypto"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// RingOf is a ring with one public key of somebody else, whatever its algorithm: Load
// takes private keys of ours.
func RingOf(kid, algorithm string, public crypto.PublicKey) *Ring {
	ring := &Ring{}
	ring.current.Store(&ringState{verifiers: map[string]*verifier{kid: {id: kid, algorithm: algorithm, public: public}}})
	return ring
}

// ParseAny does what Parse does for a token whose payload need not be claims.
func ParseAny(token string) (*Inspected, error) {
	jws, err := jose.ParseSignedCompact(token, allowedAlgorithms())
	if err != nil {
		return nil, fmt.Errorf("read the JWS: %w", err)
	}
	header := jws.Signatures[0].Protected
	return &Inspected{Header: map[string]any{"alg": header.Algorithm}, KeyID: header.KeyID, signature: jws}, nil
}
