package keys

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// Purpose separates what is sealed: each purpose has its own key, and a thing
// sealed for one cannot be opened for another.
type Purpose string

// What is sealed.
const (
	// SigningKey seals private signing keys at rest.
	SigningKey Purpose = "signing-key"
	// RefreshToken seals refresh tokens.
	RefreshToken Purpose = "refresh-token"
	// AccessToken seals opaque access tokens.
	AccessToken Purpose = "access-token"
)

// errSealed is the one answer to anything that does not open.
var errSealed = errors.New("sealed data does not open")

// sealedVersion is the first byte of everything sealed.
const sealedVersion = 1

// keyIDSize is how many bytes tell which master key sealed something.
const keyIDSize = 4

// Sealer seals and opens under keys derived from the master key, with
// XChaCha20-Poly1305: its nonces are long enough to be random without a limit
// that a busy server could reach.
type Sealer struct {
	id    [keyIDSize]byte
	aeads map[Purpose]cipher.AEAD
}

// NewSealer derives the keys of all purposes.
func NewSealer(master Secret) (*Sealer, error) {
	s := &Sealer{aeads: map[Purpose]cipher.AEAD{}}
	copy(s.id[:], Fingerprint(master))
	for _, purpose := range []Purpose{SigningKey, RefreshToken, AccessToken} {
		key, err := hkdf.Key(sha256.New, master[:], nil, "grantd seal "+string(purpose), chacha20poly1305.KeySize)
		if err != nil {
			return nil, fmt.Errorf("derive the key for %s: %w", purpose, err)
		}
		s.aeads[purpose], err = chacha20poly1305.NewX(key)
		if err != nil {
			return nil, fmt.Errorf("set up the cipher for %s: %w", purpose, err)
		}
	}
	return s, nil
}

// Fingerprint tells one secret from another without saying anything about it.
func Fingerprint(secret Secret) []byte {
	sum, err := hkdf.Key(sha256.New, secret[:], nil, "grantd fingerprint", 16)
	if err != nil {
		return nil
	}
	return sum
}

// Seal encrypts plain and binds it to the purpose and to context, which is not
// stored and must be the same when it is opened.
func (s *Sealer) Seal(purpose Purpose, context string, plain []byte) []byte {
	aead := s.aeads[purpose]
	header := 1 + keyIDSize
	sealed := make([]byte, header+aead.NonceSize(), header+aead.NonceSize()+len(plain)+aead.Overhead())
	sealed[0] = sealedVersion
	copy(sealed[1:], s.id[:])
	nonce := sealed[header:]
	rand.Read(nonce)
	return aead.Seal(sealed, nonce, plain, []byte(context)) //nolint:gosec // the nonce was filled with random bytes above
}

// Open decrypts what Seal made, or says that it cannot.
func (s *Sealer) Open(purpose Purpose, context string, sealed []byte) ([]byte, error) {
	aead := s.aeads[purpose]
	header := 1 + keyIDSize
	if len(sealed) < header+aead.NonceSize()+aead.Overhead() {
		return nil, errSealed
	}
	if sealed[0] != sealedVersion || [keyIDSize]byte(sealed[1:header]) != s.id {
		return nil, errSealed
	}
	nonce, box := sealed[header:header+aead.NonceSize()], sealed[header+aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, box, []byte(context))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}
