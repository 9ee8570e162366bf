package mirror

import (
	"hash/maphash"
	"iter"
	"sync"
	"sync/atomic"
)

// table maps client ids to clients. Readers take no lock: a slot is one atomic
// pointer, and growing publishes a new list of slots. Writers exclude each other.
//
// It costs 11 to 22 bytes a key beside the client itself, where sync.Map and a
// map under a lock cost several times that or a contended cache line.
type table struct {
	slots   atomic.Pointer[[]slot]
	seed    maphash.Seed
	mu      sync.Mutex
	used    int
	clients atomic.Int64
}

type slot = atomic.Pointer[Client]

// removed marks a slot whose client is gone; the search goes on behind it.
var removed = &Client{}

const firstSlots = 64

func newTable() *table { return newTableFor(0) }

// newTableFor makes a table with room for so many clients.
func newTableFor(clients int) *table {
	t := &table{seed: maphash.MakeSeed()}
	first := make([]slot, slotsFor(clients))
	t.slots.Store(&first)
	return t
}

// get returns the client, or nil.
func (t *table) get(id string) *Client {
	slots := *t.slots.Load()
	mask := len(slots) - 1
	for i := t.start(id, mask); ; i = (i + 1) & mask {
		c := slots[i].Load()
		if c == nil {
			return nil
		}
		if c != removed && c.ID == id {
			return c
		}
	}
}

func (t *table) start(id string, mask int) int {
	return int(maphash.String(t.seed, id)) & mask //nolint:gosec // masked; the sign does not matter
}

// put adds the client or replaces the one with its id.
func (t *table) put(c *Client) {
	t.mu.Lock()
	defer t.mu.Unlock()
	slots := *t.slots.Load()
	if (t.used+1)*4 > len(slots)*3 {
		slots = t.rebuild(slots)
	}
	at, old := t.find(slots, c.ID)
	slots[at].Store(c)
	if old == nil {
		t.used++
		t.clients.Add(1)
	}
}

// remove takes the client out, if it is there.
func (t *table) remove(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	slots := *t.slots.Load()
	at, old := t.find(slots, id)
	if old != nil {
		slots[at].Store(removed)
		t.clients.Add(-1)
	}
}

// find returns the slot of the id and its client, or the first empty slot.
func (t *table) find(slots []slot, id string) (int, *Client) {
	mask := len(slots) - 1
	for i := t.start(id, mask); ; i = (i + 1) & mask {
		c := slots[i].Load()
		if c == nil || (c != removed && c.ID == id) {
			return i, c
		}
	}
}

// rebuild publishes a new list of slots without the removed ones, large enough
// to stay under three quarters for a while.
func (t *table) rebuild(old []slot) []slot {
	fresh := make([]slot, slotsFor(int(t.clients.Load()+1)))
	used := 0
	for i := range old {
		c := old[i].Load()
		if c == nil || c == removed {
			continue
		}
		at, _ := t.find(fresh, c.ID)
		fresh[at].Store(c)
		used++
	}
	t.used = used
	t.slots.Store(&fresh)
	return fresh
}

// slotsFor is more than twice as many as there are clients.
func slotsFor(clients int) int {
	size := firstSlots
	for clients*2 > size {
		size *= 2
	}
	return size
}

func (t *table) len() int64 { return t.clients.Load() }

// all yields every client.
func (t *table) all() iter.Seq[*Client] {
	return func(yield func(*Client) bool) {
		slots := *t.slots.Load()
		for i := range slots {
			c := slots[i].Load()
			if c != nil && c != removed && !yield(c) {
				return
			}
		}
	}
}
