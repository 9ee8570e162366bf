package usage

import (
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// entry is what one key was used for, as far as one shard knows: 64 bytes.
type entry struct {
	id       string
	hash     uint64
	failures atomic.Pointer[failures]
	uses     [kinds]atomic.Uint64
	_        [8]byte
}

// failures are counted under a lock: they are few, or somebody floods one key, whom
// waiting does not hurt.
type failures struct {
	mu     sync.Mutex
	total  [reasons]uint64
	recent []refusal
}

// refusal is a Failure that is cheap to look for.
type refusal struct {
	reason Reason
	from   netip.Addr
	count  uint64
	second int64
}

func (e *entry) fail(reason Reason, from netip.Addr, second int64) {
	f := e.failures.Load()
	if f == nil {
		e.failures.CompareAndSwap(nil, &failures{})
		f = e.failures.Load()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.total[reason]++
	from = from.Unmap().WithZone("")
	at := slices.IndexFunc(f.recent, func(r refusal) bool { return r.reason == reason && r.from == from })
	switch {
	case at >= 0:
		f.recent[at].count++
		f.recent[at].second = max(f.recent[at].second, second)
	case len(f.recent) < MaxRecent:
		f.recent = append(f.recent, refusal{reason, from, 1, second})
	}
}

// drain moves what was counted to the other keys.
func (e *entry) drain(all map[string]*Counts) {
	counts := Counts{}
	for kind := range e.uses {
		counts.Uses[kind] = e.uses[kind].Swap(0)
	}
	f := e.failures.Load()
	if f != nil {
		f.drain(&counts)
	}
	if !counts.Used() && counts.Failures == [reasons]uint64{} {
		return
	}
	known := all[e.id]
	if known == nil {
		known = &Counts{}
		all[e.id] = known
	}
	known.Add(&counts)
}

func (f *failures) drain(into *Counts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	into.Failures = f.total
	for _, r := range f.recent {
		from := ""
		if r.from.IsValid() {
			from = r.from.String()
		}
		into.Recent = append(into.Recent, Failure{r.reason, from, r.count, time.Unix(r.second, 0).UTC()})
	}
	f.total, f.recent = [reasons]uint64{}, nil
}

// table is a hash table that is searched without a lock. It is replaced by a larger
// one with the same entries, or by none when it is drained.
type table struct {
	slots []atomic.Pointer[entry]
	used  int
}

const firstSlots = 16

// get returns the entry, or nil; also of no table.
func (t *table) get(hash uint64, id string) *entry {
	if t == nil {
		return nil
	}
	mask := uint64(len(t.slots) - 1) //nolint:gosec // there are always some
	for i := hash & mask; ; i = (i + 1) & mask {
		e := t.slots[i].Load()
		if e == nil || e.id == id {
			return e
		}
	}
}

// put adds an entry that is not there; there is room for it.
func (t *table) put(e *entry) {
	mask := uint64(len(t.slots) - 1) //nolint:gosec // there are always some
	i := e.hash & mask
	for t.slots[i].Load() != nil {
		i = (i + 1) & mask
	}
	t.slots[i].Store(e)
	t.used++
}

func (t *table) larger() *table {
	if t == nil {
		return &table{slots: make([]atomic.Pointer[entry], firstSlots)}
	}
	next := &table{slots: make([]atomic.Pointer[entry], 2*len(t.slots))}
	for i := range t.slots {
		e := t.slots[i].Load()
		if e != nil {
			next.put(e)
		}
	}
	return next
}

func (t *table) drain(all map[string]*Counts) {
	if t == nil {
		return
	}
	for i := range t.slots {
		e := t.slots[i].Load()
		if e != nil {
			e.drain(all)
		}
	}
}
