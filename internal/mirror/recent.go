package mirror

import "sync/atomic"

// recent keeps clients unpacked that were looked up before, one for each of the values
// that some bits of a hash can have. A lookup that finds its client here goes nowhere
// else, which counts when the slots are too many for the processor's caches.
type recent struct {
	clients [1 << 15]atomic.Pointer[Client]
	// used says that somebody has looked for a client. Until then there is nothing to
	// forget, however many clients come.
	used atomic.Bool
}

func (r *recent) at(hash uint64) *atomic.Pointer[Client] {
	return &r.clients[hash>>32%uint64(len(r.clients))]
}

// get returns the client, or nil with what put wants to know of what is there.
func (r *recent) get(hash uint64, id string) (found, seen *Client) {
	// Before the look: see forget.
	if !r.used.Load() {
		r.used.Store(true)
	}
	c := r.at(hash).Load()
	if c != nil && c.ID == id && id != "" {
		return c, nil
	}
	return nil, c
}

// put keeps the client that was found in the table after get had seen something else
// here, unless somebody was here meanwhile: then it may be what it was no more.
func (r *recent) put(hash uint64, seen, c *Client) *Client {
	if c != nil {
		r.at(hash).CompareAndSwap(seen, c)
	}
	return c
}

// forget is called when a client of this hash has changed or is gone, by which time the
// table says so. Whoever has looked at the table before has seen here what is there no
// more, and keeps nothing; whoever looks now finds the change.
func (r *recent) forget(hash uint64) {
	if r.used.Load() {
		// One that nobody has seen; no id is empty.
		r.at(hash).Store(&Client{})
	}
}
