package mirror

import (
	"sync/atomic"

	"github.com/grantd/grantd/internal/policy"
)

// origins counts how many keys list each web origin. Readers see a set that never
// changes; what was counted since is in the next one.
type origins struct {
	listed atomic.Pointer[map[string]bool]
	// counts and changed belong to who holds the pull lock.
	counts  map[string]int
	changed bool
}

// allows reports whether some key lists the origin.
func (o *origins) allows(origin string) bool {
	listed := o.listed.Load()
	if listed == nil || len(*listed) == 0 {
		return false
	}
	if (*listed)[origin] {
		return true
	}
	// Browsers send the canonical form; others may not.
	canonical, ok := policy.CanonicalOrigin(origin)
	return ok && (*listed)[canonical]
}

// replace counts the origins of rules that take the place of others. Either may
// be nil.
func (o *origins) replace(old, fresh *policy.Rules) {
	for _, origin := range fresh.Origins() {
		o.counts[origin]++
		o.changed = o.changed || o.counts[origin] == 1
	}
	for _, origin := range old.Origins() {
		o.counts[origin]--
		if o.counts[origin] == 0 {
			delete(o.counts, origin)
			o.changed = true
		}
	}
}

// reset begins anew with other counts.
func (o *origins) reset(counts map[string]int) {
	o.counts, o.changed = counts, true
	o.publish()
}

// publish shows the readers what was counted.
func (o *origins) publish() {
	if !o.changed {
		return
	}
	listed := make(map[string]bool, len(o.counts))
	for origin := range o.counts {
		listed[origin] = true
	}
	o.listed.Store(&listed)
	o.changed = false
}
