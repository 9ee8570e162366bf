package keys

import (
	"crypto/sha256"
	"encoding/binary"
	"sync/atomic"
)

// memory knows tokens whose signature was found valid, by their hash: verifying
// one is most of what introspecting it costs, and a resource server asks about a
// token many times. It has room for a fixed number and forgets at random. A
// token lies in one of a few places that its hash names, each an atomic pointer,
// so that no core waits for another.
type memory struct {
	places [memorySize]atomic.Pointer[remembered]
}

const (
	// memorySize is how many tokens there is room for; each takes some 100 bytes. A
	// resource server that asks about more tokens in turn pays for the signature
	// each time, which is four fifths of the work.
	memorySize = 32768
	// memoryWays is how many places a token may lie in.
	memoryWays = 4
)

// remembered is a token with a valid signature.
type remembered struct {
	// sum is the SHA-256 of the whole token, so that nobody can make another one
	// with the same.
	sum        [sha256.Size]byte
	keyID, typ string
}

func (m *memory) get(sum *[sha256.Size]byte) *remembered {
	start := first(sum)
	for i := range memoryWays {
		seen := m.places[start+i].Load()
		if seen != nil && seen.sum == *sum {
			return seen
		}
	}
	return nil
}

// put remembers a token in a free place, or else in that of another one.
func (m *memory) put(one *remembered) {
	start := first(&one.sum)
	for i := range memoryWays {
		if m.places[start+i].CompareAndSwap(nil, one) {
			return
		}
	}
	m.places[start+int(one.sum[4]%memoryWays)].Store(one)
}

// first is the first of the places for a hash.
func first(sum *[sha256.Size]byte) int {
	return int(binary.BigEndian.Uint32(sum[:])%memorySize) / memoryWays * memoryWays
}
