package policy

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Failures counts failed authentications, apart by client id and network, so that
// who guesses secrets spends nobody's budget but their own. The zero value is
// ready.
//
// It never grows. Pairs whose hashes are alike share a count; the hash has a
// secret seed, so that nobody can choose whose count to share.
type Failures struct {
	once   sync.Once
	seed   maphash.Seed
	states [failureCounts]atomic.Int64
}

const failureCounts = 1 << 16

// failurePace lets 20 failures happen at once, and one more every three seconds.
var failurePace = pace{interval: 3 * time.Second, burst: 20}

// Note counts one failure more. Beyond the budget it counts nothing, and returns
// how long it takes until there is room for one.
func (f *Failures) Note(clientID string, from netip.Addr, now time.Time) (wait time.Duration, ok bool) {
	left, ok := failurePace.take(f.state(clientID, from), now)
	if ok {
		return 0, true
	}
	return whole(left.reset), false
}

// Exhausted reports whether one failure more would be beyond the budget.
func (f *Failures) Exhausted(clientID string, from netip.Addr, now time.Time) bool {
	_, ok := failurePace.peek(f.state(clientID, from), now)
	return !ok
}

func (f *Failures) state(clientID string, from netip.Addr) *atomic.Int64 {
	f.once.Do(func() { f.seed = maphash.MakeSeed() })
	network := networkOf(from).As16()
	var h maphash.Hash
	h.SetSeed(f.seed)
	// The network has a fixed length, so that no id can be taken for a part of it.
	_, _ = h.Write(network[:])
	_, _ = h.WriteString(clientID)
	return &f.states[h.Sum64()%failureCounts]
}

// networkOf returns what one client is likely to have all of: an address of IPv4,
// or 64 bits of IPv6.
func networkOf(from netip.Addr) netip.Addr {
	from = plain(from)
	if !from.Is6() {
		return from
	}
	const bits = 64
	prefix, err := from.Prefix(bits)
	if err != nil {
		return from
	}
	return prefix.Addr()
}
