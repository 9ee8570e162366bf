package token

import (
	"maps"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// unsaved are the revocations that this node applies though the store has not
// taken them: their tokens look revoked, but asking again must write.
type unsaved struct {
	mu  sync.Mutex
	ids map[store.TokenID]time.Time
	// swept is when those that expired were removed last.
	swept time.Time
}

const (
	// mostUnsaved bounds what revocations cost while the store takes none.
	mostUnsaved = 1 << 16
	sweepEvery  = time.Minute
)

// add reports whether there is room. Without, the revocation must not be applied
// either: nobody would know that the store does not have it.
func (u *unsaved) add(r store.Revocation, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ids == nil {
		u.ids = map[store.TokenID]time.Time{}
	}
	if len(u.ids) >= mostUnsaved && now.Sub(u.swept) >= sweepEvery {
		maps.DeleteFunc(u.ids, func(_ store.TokenID, expires time.Time) bool { return !now.Before(expires) })
		u.swept = now
	}
	_, known := u.ids[r.ID]
	if len(u.ids) >= mostUnsaved && !known {
		return false
	}
	u.ids[r.ID] = r.ExpiresAt
	return true
}

func (u *unsaved) remove(id store.TokenID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.ids, id)
}

func (u *unsaved) has(id store.TokenID) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, found := u.ids[id]
	return found
}
