package clientauth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"
)

// HashSize is the length of a secret's hash in bytes.
const HashSize = sha256.Size

// Pepper is the key under which secrets are hashed. It is kept outside the
// database, so that a copy of the database alone opens nothing. Make one with
// [NewPepper]; it may be used by many goroutines.
type Pepper struct {
	// macs keeps keyed hashes for the next request: keying one costs more than
	// hashing with it.
	macs sync.Pool
}

// NewPepper makes a pepper from 32 secret bytes.
func NewPepper(key [32]byte) *Pepper {
	return &Pepper{macs: sync.Pool{New: func() any { return &keyed{mac: hmac.New(sha256.New, key[:])} }}}
}

// keyed is a keyed hash with room for what goes in and out.
type keyed struct {
	mac    hash.Hash
	buffer []byte
}

// Hash returns HMAC-SHA-256 over the client id and the secret. The id is part
// of it, so that the hash of one key's secret is of no use in another's record.
//
// A slow hash would protect nothing here: the secrets we make hold 192 random
// bits, and slowness is what a flood of wrong secrets would feed on.
func (p *Pepper) Hash(clientID, secret string) [HashSize]byte {
	k := p.macs.Get().(*keyed)
	defer p.macs.Put(k)
	b := binary.BigEndian.AppendUint32(k.buffer[:0], uint32(len(clientID))) //nolint:gosec // ids are far shorter
	b = append(b, clientID...)
	b = append(b, secret...)
	k.mac.Reset()
	k.mac.Write(b)
	b = k.mac.Sum(b)
	sum := [HashSize]byte(b[len(b)-HashSize:])
	clear(b)
	k.buffer = b
	return sum
}

// NewID makes a client id: 16 characters of [A-Za-z0-9_-], 96 random bits. In
// that alphabet raw and form-encoded Basic credentials are the same bytes.
func NewID() string { return random(12) }

// NewSecret makes a client secret: 32 characters of [A-Za-z0-9_-], 192 random
// bits.
func NewSecret() string { return random(24) }

// random never begins with a dash, which command lines would take for a flag.
func random(bytes int) string {
	buffer := make([]byte, bytes)
	for {
		rand.Read(buffer)
		text := base64.RawURLEncoding.EncodeToString(buffer)
		if text[0] != '-' {
			return text
		}
	}
}
