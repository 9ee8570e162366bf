package mirror

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// table maps client ids to clients. Readers take no lock: a slot is one number that
// says where in the slab the client is, and growing publishes a new list of slots.
// Writers exclude each other.
//
// A plain key takes 64 bytes in the slab and 11 to 22 in the slots, which are none of
// the garbage collector's business: its rounds, and the places all over the memory
// that a lookup went to, were a quarter of what a token costs among ten million keys.
type table struct {
	slots atomic.Pointer[[]atomic.Uint64]
	slab  slab
	// recent are clients that were looked up before.
	recent recent
	seed   maphash.Seed
	mu     sync.Mutex
	used   int
	// filled is how many chunks have been looked at since they were full.
	filled int
	// walks is how many go through all clients now; meanwhile no chunk is given up.
	walks   int
	clients atomic.Int64
}

// slot is a place in the slab above some bits of the id's hash, by which nearly all
// other ids are told apart without a look at the slab. The first place is 1.
type slot uint64

const (
	hashBits = 24
	empty    = slot(0)
	// removed marks a slot whose client is gone; the search goes on behind it.
	removed = slot(1)<<hashBits - 1

	firstSlots = 64
)

// newSlot leaves no slot that is empty or removed, because the place is above zero.
func newSlot(place, hash uint64) slot { return slot((place+1)<<hashBits | hash>>(64-hashBits)) }

func (s slot) place() uint64 { return uint64(s>>hashBits) - 1 }

// mayBe reports whether the slot can be that of an id with this hash.
func (s slot) mayBe(hash uint64) bool {
	return s > removed && uint64(s)&uint64(removed) == hash>>(64-hashBits)
}

func newTable() *table { return newTableFor(0) }

// newTableFor makes a table with room for so many clients.
func newTableFor(clients int) *table {
	t := &table{seed: maphash.MakeSeed(), slab: newSlab()}
	first := make([]atomic.Uint64, slotsFor(clients))
	t.slots.Store(&first)
	return t
}

// get returns the client, or nil.
func (t *table) get(id string) *Client {
	hash := maphash.String(t.seed, id)
	c, seen := t.recent.get(hash, id)
	if c != nil {
		return c
	}
	for {
		c, settled := t.look(id, hash)
		if settled {
			return t.recent.put(hash, seen, c)
		}
	}
}

// look searches the slots as they are now. They say nothing when a client moved
// meanwhile: it is in other slots, or in another place.
func (t *table) look(id string, hash uint64) (*Client, bool) {
	slots := *t.slots.Load()
	mask := uint64(len(slots) - 1) //nolint:gosec // there are always some
	for i := hash & mask; ; i = (i + 1) & mask {
		s := slot(slots[i].Load())
		if s == empty {
			return nil, true
		}
		if !s.mayBe(hash) {
			continue
		}
		ch, p := t.slab.at(s.place())
		if ch == nil {
			return nil, false
		}
		if ch.is(p, id) {
			c := ch.unpack(p)
			return &c, true
		}
	}
}

// put adds the client or replaces the one with its id.
func (t *table) put(c *Client) {
	t.mu.Lock()
	defer t.mu.Unlock()
	slots := *t.slots.Load()
	if (t.used+1)*4 > len(slots)*3 {
		slots = t.rebuild(slots)
	}
	hash := maphash.String(t.seed, c.ID)
	at, old := t.find(slots, c.ID, hash)
	slots[at].Store(uint64(newSlot(t.slab.add(c), hash)))
	t.recent.forget(hash)
	if old == empty {
		t.used++
		t.clients.Add(1)
	} else {
		t.retire(old.place())
	}
	t.tidyFilled()
}

// remove takes the client out, if it is there.
func (t *table) remove(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	slots := *t.slots.Load()
	hash := maphash.String(t.seed, id)
	at, old := t.find(slots, id, hash)
	if old != empty {
		slots[at].Store(uint64(removed))
		t.recent.forget(hash)
		t.clients.Add(-1)
		t.retire(old.place())
	}
}

// find returns where the slot of the id is and what is in it, or the first empty one.
func (t *table) find(slots []atomic.Uint64, id string, hash uint64) (uint64, slot) {
	mask := uint64(len(slots) - 1) //nolint:gosec // there are always some
	for i := hash & mask; ; i = (i + 1) & mask {
		s := slot(slots[i].Load())
		if s == empty {
			return i, empty
		}
		if s.mayBe(hash) {
			ch, p := t.slab.at(s.place())
			if ch.is(p, id) {
				return i, s
			}
		}
	}
}

// rebuild publishes a new list of slots without the removed ones, large enough
// to stay under three quarters for a while.
func (t *table) rebuild(old []atomic.Uint64) []atomic.Uint64 {
	fresh := make([]atomic.Uint64, slotsFor(int(t.clients.Load()*4/3+1)))
	mask, used := uint64(len(fresh)-1), 0 //nolint:gosec // there are always some
	for i := range old {
		s := slot(old[i].Load())
		if s <= removed {
			continue
		}
		at := t.hash(t.slab.at(s.place())) & mask
		for fresh[at].Load() != uint64(empty) {
			at = (at + 1) & mask
		}
		fresh[at].Store(uint64(s))
		used++
	}
	t.used = used
	t.slots.Store(&fresh)
	return fresh
}

func (t *table) hash(ch *chunk, p *packed) uint64 {
	b, text := ch.id(p)
	if b == nil {
		return maphash.String(t.seed, text)
	}
	return maphash.Bytes(t.seed, b)
}

// slotsFor is a third more than there are clients, or up to 2.7 times as many.
func slotsFor(clients int) int {
	size := firstSlots
	for clients*4 > size*3 {
		size *= 2
	}
	return size
}

func (t *table) len() int64 { return t.clients.Load() }
