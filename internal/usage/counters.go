package usage

import (
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Counters count on one node, until somebody drains them. The keys are counted in
// several shards. Each key has one of its own, so that many keys take up little of the
// processors' caches; a busy key has all of them, and a request picks one at random, so
// that the processors do not wait for each other's cache lines.
//
// There is an entry for each key that is counted, so whoever counts sees to it that
// the keys exist: what came under an id that is nobody's is counted under "".
type Counters struct {
	shards []shard
	seed   maphash.Seed
}

const (
	minShards = 4
	maxShards = 32
)

// NewCounters makes counters for this machine's processors.
func NewCounters() *Counters {
	n := min(max(runtime.GOMAXPROCS(0), minShards), maxShards)
	return &Counters{shards: make([]shard, 1<<bits.Len(uint(n-1))), seed: maphash.MakeSeed()}
}

// Count counts one use of the key.
func (c *Counters) Count(clientID string, kind Kind) {
	hash := maphash.String(c.seed, clientID)
	s, t, e := c.find(hash, clientID, hash)
	if e.uses[kind].Load() >= busy {
		s, t, e = c.find(hash, clientID, rand.Uint64()) //nolint:gosec // G404: nothing depends on it
	}
	e.uses[kind].Add(1)
	s.settle(t, e)
}

// busy is after how many uses since the last Drain a key counts in all shards: some
// twenty a second.
const busy = 1000

// Fail counts one refusal.
func (c *Counters) Fail(clientID string, reason Reason, from netip.Addr, at time.Time) {
	hash := maphash.String(c.seed, clientID)
	// All that fails under no key's id is counted under one.
	s, t, e := c.find(hash, clientID, rand.Uint64()) //nolint:gosec // G404: nothing depends on it
	e.fail(reason, from, at.Unix())
	s.settle(t, e)
}

// find returns the shard with this number and the entry of the key in it. The number is
// in the upper bits; a table goes by the lower ones of the hash.
func (c *Counters) find(hash uint64, clientID string, number uint64) (*shard, *table, *entry) {
	s := &c.shards[number>>32&uint64(len(c.shards)-1)] //nolint:gosec // there are always some
	t := s.table.Load()
	e := t.get(hash, clientID)
	if e == nil {
		t, e = s.add(hash, clientID)
	}
	return s, t, e
}

// Drain returns what was counted since the last Drain, by client id. A request that
// is in the middle of counting is part of this one or of the next.
func (c *Counters) Drain() map[string]*Counts {
	all := map[string]*Counts{}
	for i := range c.shards {
		t, late := c.shards[i].take()
		t.drain(all)
		for _, e := range late {
			e.drain(all)
		}
	}
	return all
}

// shard is a table of its own, and of its own cache lines.
type shard struct {
	table atomic.Pointer[table]
	// mu is held while a key is counted for the first time since the last Drain.
	mu sync.Mutex
	// slab are entries that are not taken yet.
	slab []entry
	// late are entries in which somebody counted after their table was replaced.
	late []*entry
	_    [64]byte
}

// take takes what there is to drain.
func (s *shard) take() (*table, []*entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	late := s.late
	s.slab, s.late = nil, nil
	return s.table.Swap(nil), late
}

// settle is called after something was counted in an entry of the table. When that
// is the table still, whoever takes it later finds the count; when it is not, it may
// have been drained before.
func (s *shard) settle(t *table, e *entry) {
	if s.table.Load() != t {
		s.mu.Lock()
		s.late = append(s.late, e)
		s.mu.Unlock()
	}
}

func (s *shard) add(hash uint64, clientID string) (*table, *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.table.Load()
	e := t.get(hash, clientID)
	if e != nil {
		return t, e
	}
	if t == nil || (t.used+1)*4 > len(t.slots)*3 {
		t = t.larger()
		s.table.Store(t)
	}
	const slab = 32
	if len(s.slab) == 0 {
		s.slab = make([]entry, min(slab, t.used+1))
	}
	e, s.slab = &s.slab[0], s.slab[1:]
	e.id, e.hash = clientID, hash
	t.put(e)
	return t, e
}
