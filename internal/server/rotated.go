package server

import (
	"sync"
	"time"

	"github.com/grantd/grantd/internal/store"
)

const (
	// rememberRotated is for how long rotations are remembered: longer than a standby
	// lags that may become the primary.
	rememberRotated = time.Hour
	// mostRotated bounds what that costs; with more, the oldest are forgotten.
	mostRotated = 1 << 16
)

// rotated are the families of refresh tokens that this node has rotated last. Families
// are not in the feed, and not in the mirror.
type rotated struct {
	mu       sync.Mutex
	families map[store.TokenID]store.Family
	// order are those in families, the oldest first; one that was rotated again is there
	// more than once.
	order []rotation
}

type rotation struct {
	family     store.TokenID
	generation int64
	at         time.Time
}

func newRotated() *rotated { return &rotated{families: map[store.TokenID]store.Family{}} }

func (r *rotated) add(f store.Family, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.order) > 0 && (len(r.order) >= mostRotated || now.Sub(r.order[0].at) > rememberRotated) {
		oldest := r.order[0]
		r.order = r.order[1:]
		if r.families[oldest.family].Generation == oldest.generation {
			delete(r.families, oldest.family)
		}
	}
	if r.families[f.ID].Generation < f.Generation {
		r.families[f.ID] = f
	}
	r.order = append(r.order, rotation{family: f.ID, generation: f.Generation, at: now})
}

func (r *rotated) all() []store.Family {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]store.Family, 0, len(r.families))
	for _, f := range r.families {
		all = append(all, f)
	}
	return all
}
