package keys

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

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
	// Operator seals what the console keeps about the people who use it.
	Operator Purpose = "operator"
)

// errSealed is the one answer to anything that does not open.
var errSealed = errors.New("sealed data does not open")

// sealedVersion is the first byte of everything sealed.
const sealedVersion = 1

// What stands before the encrypted data: which master key it was, and the nonce.
const (
	keyIDSize = 4
	nonceSize = chacha20poly1305.NonceSizeX
)

// Sealer seals under keys derived from the first master key, and opens what was
// sealed under any of them, with XChaCha20-Poly1305: its nonces of 192 bits can be
// random without a limit that a busy server could reach. AES-256-GCM is 0.2 µs
// faster but must stop after 2^32 random nonces, and a key derived for each
// handle costs it more than it saves.
type Sealer struct {
	masters    []*master
	workspaces sync.Pool
}

// master is one master key with what is derived from it.
type master struct {
	id    [keyIDSize]byte
	boxes map[Purpose]box
	// derive is the key of [Sealer.Derive].
	derive []byte
}

// box holds the keys of one purpose under one master key.
type box struct {
	aead cipher.AEAD
	// nonces is the key from which the nonces of SealRepeatably follow.
	nonces []byte
}

// NewSealer derives the keys of all purposes from each master key. The first one
// seals, all open.
func NewSealer(first Secret, older ...Secret) (*Sealer, error) {
	s := &Sealer{}
	for _, secret := range append([]Secret{first}, older...) {
		m, err := newMaster(secret)
		if err != nil {
			return nil, err
		}
		if s.master(m.id[:]) != nil {
			return nil, errors.New("a master key is given twice")
		}
		s.masters = append(s.masters, m)
	}
	return s, nil
}

func newMaster(secret Secret) (*master, error) {
	m := &master{boxes: map[Purpose]box{}}
	copy(m.id[:], Fingerprint(secret))
	for _, purpose := range []Purpose{SigningKey, RefreshToken, AccessToken, Operator} {
		key, err := subkey(secret, "seal "+string(purpose))
		if err != nil {
			return nil, err
		}
		var b box
		b.aead, err = chacha20poly1305.NewX(key)
		if err != nil {
			return nil, fmt.Errorf("set up the cipher for %s: %w", purpose, err)
		}
		b.nonces, err = subkey(secret, "nonce "+string(purpose))
		if err != nil {
			return nil, err
		}
		m.boxes[purpose] = b
	}
	var err error
	m.derive, err = subkey(secret, "derive")
	return m, err
}

// subkey derives a key of 32 bytes that serves one thing only.
func subkey(secret Secret, use string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, secret[:], nil, "grantd "+use, chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("derive the key to %s: %w", use, err)
	}
	return key, nil
}

// Fingerprint tells one secret from another without saying anything about it.
func Fingerprint(secret Secret) []byte {
	sum, err := hkdf.Key(sha256.New, secret[:], nil, "grantd fingerprint", 16)
	if err != nil {
		return nil
	}
	return sum
}

// master returns the master key that the id names, or nil.
func (s *Sealer) master(id []byte) *master {
	for _, m := range s.masters {
		if string(m.id[:]) == string(id) {
			return m
		}
	}
	return nil
}

// Seal encrypts plain and binds it to the purpose and to context, which is not
// stored and must be the same when it is opened.
func (s *Sealer) Seal(purpose Purpose, context string, plain []byte) []byte {
	var nonce [nonceSize]byte
	rand.Read(nonce[:])
	return s.masters[0].appendSealed([]byte{sealedVersion}, purpose, []byte(context), nonce[:], plain)
}

// appendSealed appends the key's id, the nonce and the encrypted plain.
func (m *master) appendSealed(dst []byte, purpose Purpose, context, nonce, plain []byte) []byte {
	dst = append(dst, m.id[:]...)
	dst = append(dst, nonce...)
	return m.boxes[purpose].aead.Seal(dst, nonce, plain, context)
}

// Open decrypts what Seal made, or says that it cannot.
func (s *Sealer) Open(purpose Purpose, context string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != sealedVersion {
		return nil, errSealed
	}
	return s.openSealed(purpose, []byte(context), sealed[1:])
}

// openSealed decrypts what appendSealed appended.
func (s *Sealer) openSealed(purpose Purpose, context, sealed []byte) ([]byte, error) {
	if len(sealed) < keyIDSize+nonceSize+chacha20poly1305.Overhead {
		return nil, errSealed
	}
	m := s.master(sealed[:keyIDSize])
	if m == nil {
		return nil, errSealed
	}
	nonce, rest := sealed[keyIDSize:keyIDSize+nonceSize], sealed[keyIDSize+nonceSize:]
	plain, err := m.boxes[purpose].aead.Open(nil, nonce, rest, context)
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// old reports whether what Seal made was sealed under another master key than
// the first.
func (s *Sealer) old(sealed []byte) bool {
	return s.master(sealed[1:1+keyIDSize]) != s.masters[0]
}
