package mirror

import (
	"sync/atomic"

	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/scope"
)

// packed is a Client as the table keeps it: without a pointer, so that the garbage
// collector passes by millions of them, and as large as a line of the processor's
// cache.
type packed struct {
	// id is the client_id, if it is as long as those that we make.
	id    [idSize]byte
	first [hashSize]byte
	stamp stamp
	// grants and rest are places in the chunk's lists; rest is 0 for nearly every key,
	// and 1 stands for the first one.
	grants, rest uint16
	_            [4]byte
}

// idSize is how long the ids are that we make.
const idSize = 16

// rest is what a packed client does not hold.
type rest struct {
	// id is the client_id, if it is longer or shorter than those that we make.
	id      string
	policy  *policy.Rules
	further *further
}

// chunk is so many packed clients and what they refer to. Whatever lies in it stays as
// it is until nobody can find it any more: so whoever has found it reads it without a
// lock.
type chunk struct {
	clients *[chunkClients]packed
	// Both lists only grow, and are replaced when they do.
	grants atomic.Pointer[[]*scope.Grants]
	rests  atomic.Pointer[[]rest]
	// used is how many there are; dead of them belong to no key any more.
	used, dead int
}

const chunkClients = 4096

func newChunk() *chunk {
	ch := &chunk{clients: new([chunkClients]packed)}
	ch.grants.Store(&[]*scope.Grants{})
	ch.rests.Store(&[]rest{})
	return ch
}

// id returns the client_id of the packed client as bytes or as text.
func (ch *chunk) id(p *packed) ([]byte, string) {
	if p.rest != 0 {
		if other := (*ch.rests.Load())[p.rest-1].id; other != "" {
			return nil, other
		}
	}
	return p.id[:], ""
}

func (ch *chunk) is(p *packed, id string) bool {
	b, text := ch.id(p)
	if b == nil {
		return text == id
	}
	return string(b) == id
}

func (ch *chunk) unpack(p *packed) Client {
	c := Client{Grants: (*ch.grants.Load())[p.grants], first: p.first, stamp: p.stamp}
	if p.rest != 0 {
		r := &(*ch.rests.Load())[p.rest-1]
		c.ID, c.Policy, c.further = r.id, r.policy, r.further
	}
	if c.ID == "" {
		c.ID = string(p.id[:])
	}
	return c
}

// slab is where all packed clients are. A place is written once and never again, so
// that a reader who found it late does not read another client; what is left of a
// chunk that is mostly dead moves to the one that is being filled.
type slab struct {
	chunks atomic.Pointer[[]atomic.Pointer[chunk]]
	// count is how many chunks there were so far; the last one is being filled.
	count int
	// grants are those of that chunk.
	grants map[*scope.Grants]uint16
}

func newSlab() slab { return slab{grants: map[*scope.Grants]uint16{}} }

// at returns the chunk and the packed client in this place, or nil when its chunk
// was given up.
func (s *slab) at(place uint64) (*chunk, *packed) {
	ch := (*s.chunks.Load())[place/chunkClients].Load()
	if ch == nil {
		return nil, nil
	}
	return ch, &ch.clients[place%chunkClients]
}

// add packs the client into the next place.
func (s *slab) add(c *Client) uint64 {
	ch := s.filling()
	p := &ch.clients[ch.used]
	p.first, p.stamp, p.grants = c.first, c.stamp, s.shared(ch, c.Grants)
	other := rest{policy: c.Policy, further: c.further}
	if copy(p.id[:], c.ID) != len(c.ID) || len(c.ID) != idSize {
		other.id = c.ID
	}
	if other != (rest{}) {
		rests := append(*ch.rests.Load(), other)
		ch.rests.Store(&rests)
		p.rest = uint16(len(rests)) //nolint:gosec // no more than chunkClients
	}
	ch.used++
	return uint64(s.count-1)*chunkClients + uint64(ch.used-1) //nolint:gosec // both are positive
}

// filling returns the chunk that has room.
func (s *slab) filling() *chunk {
	if s.count > 0 {
		last := (*s.chunks.Load())[s.count-1].Load()
		if last.used < chunkClients {
			return last
		}
	}
	s.extend()
	fresh := newChunk()
	(*s.chunks.Load())[s.count].Store(fresh)
	s.count++
	clear(s.grants)
	return fresh
}

// extend makes room for one more chunk.
func (s *slab) extend() {
	old := s.chunks.Load()
	if old != nil && s.count < len(*old) {
		return
	}
	more := make([]atomic.Pointer[chunk], max(16, 2*s.count))
	for i := range s.count {
		more[i].Store((*old)[i].Load())
	}
	s.chunks.Store(&more)
}

// shared returns where the grants are in the list of the chunk that is being filled.
func (s *slab) shared(ch *chunk, g *scope.Grants) uint16 {
	number, found := s.grants[g]
	if !found {
		list := append(*ch.grants.Load(), g)
		ch.grants.Store(&list)
		number = uint16(len(list) - 1) //nolint:gosec // no more than chunkClients
		s.grants[g] = number
	}
	return number
}
