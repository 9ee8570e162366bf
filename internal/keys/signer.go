package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Signer signs with one key; it is safe for concurrent use.
type Signer interface {
	// Sign appends the raw JWS signature of the input to dst (RFC 7515 §5.1).
	Sign(dst, input []byte) ([]byte, error)
	// SignRepeatably does the same, and gives equal signatures of equal inputs.
	SignRepeatably(dst, input []byte) ([]byte, error)
}

// newSigner picks the signer that fits the algorithm and the private key.
func newSigner(algorithm string, private crypto.Signer) (Signer, error) {
	switch key := private.(type) {
	case *ecdsa.PrivateKey:
		if algorithm == ES256 {
			return es256{key}, nil
		}
	case *rsa.PrivateKey:
		if algorithm == RS256 {
			return rs256{key}, nil
		}
		if algorithm == PS256 {
			return newPS256(key), nil
		}
	case ed25519.PrivateKey:
		if algorithm == EdDSA {
			return eddsa{key}, nil
		}
	}
	return nil, fmt.Errorf("a %T cannot sign with %s", private, algorithm)
}

type es256 struct{ key *ecdsa.PrivateKey }

// Sign takes no randomness, so that the nonce follows from key and input by RFC 6979:
// it costs a quarter less than a nonce that is random as well, and nothing that is
// signed here is signed twice unless the same signature is wanted.
func (s es256) Sign(dst, input []byte) ([]byte, error) {
	sum := sha256.Sum256(input)
	der, err := s.key.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return appendRaw(dst, der)
}

func (s es256) SignRepeatably(dst, input []byte) ([]byte, error) { return s.Sign(dst, input) }

// appendRaw turns an ASN.1 signature into R and S of 32 bytes each.
func appendRaw(dst, der []byte) ([]byte, error) {
	const half = 32
	var sequence cryptobyte.String
	outer := cryptobyte.String(der)
	var r, s []byte
	ok := outer.ReadASN1(&sequence, asn1.SEQUENCE) &&
		sequence.ReadASN1Integer(&r) &&
		sequence.ReadASN1Integer(&s)
	if !ok || len(r) > half || len(s) > half {
		return nil, errors.New("malformed ECDSA signature")
	}
	// RFC 7518 §3.4: R and S are each padded to the size of the curve's order.
	var raw [2 * half]byte
	copy(raw[half-len(r):half], r)
	copy(raw[2*half-len(s):], s)
	return append(dst, raw[:]...), nil
}

type rs256 struct{ key *rsa.PrivateKey }

func (s rs256) Sign(dst, input []byte) ([]byte, error) {
	sum := sha256.Sum256(input)
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	return append(dst, signature...), err
}

func (s rs256) SignRepeatably(dst, input []byte) ([]byte, error) { return s.Sign(dst, input) }

type ps256 struct {
	key *rsa.PrivateKey
	// salts is the key from which the salts of repeatable signatures follow.
	salts []byte
}

func newPS256(key *rsa.PrivateKey) ps256 {
	return ps256{key: key, salts: key.D.Bytes()}
}

func (s ps256) Sign(dst, input []byte) ([]byte, error) {
	sum := sha256.Sum256(input)
	// RFC 7518 §3.5: the salt is as long as the hash.
	options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
	signature, err := rsa.SignPSS(rand.Reader, s.key, crypto.SHA256, sum[:], options)
	return append(dst, signature...), err
}

func (s ps256) SignRepeatably(dst, input []byte) ([]byte, error) {
	sum := sha256.Sum256(input)
	// The salt is public and need not be random; it is all that SignPSS reads.
	salt := keyedHash(s.salts, "salt", sum[:])
	options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
	signature, err := rsa.SignPSS(bytes.NewReader(salt[:]), s.key, crypto.SHA256, sum[:], options)
	return append(dst, signature...), err
}

type eddsa struct{ key ed25519.PrivateKey }

func (s eddsa) Sign(dst, input []byte) ([]byte, error) {
	// RFC 8037 §3.1: Ed25519 signs the input itself, not its hash.
	return append(dst, ed25519.Sign(s.key, input)...), nil
}

func (s eddsa) SignRepeatably(dst, input []byte) ([]byte, error) { return s.Sign(dst, input) }
