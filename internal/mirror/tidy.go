package mirror

import "iter"

// retire notes that no key has the place any more.
func (t *table) retire(place uint64) {
	number := int(place / chunkClients) //nolint:gosec // far below that
	chunks := *t.slab.chunks.Load()
	chunks[number].Load().dead++
	t.tidy(number)
}

// tidyFilled looks after the chunks that were filled since the last time.
func (t *table) tidyFilled() {
	for ; t.filled < t.slab.count-1; t.filled++ {
		t.tidy(t.filled)
	}
}

// tidy gives a chunk up that is mostly dead, unless it is still being filled: what is
// left of it moves.
func (t *table) tidy(number int) {
	ch := (*t.slab.chunks.Load())[number].Load()
	if ch == nil || ch.used < chunkClients || ch.dead <= chunkClients/2 || t.walks > 0 {
		return
	}
	slots := *t.slots.Load()
	for i := range ch.clients {
		p := &ch.clients[i]
		hash := t.hash(ch, p)
		c := ch.unpack(p)
		at, s := t.find(slots, c.ID, hash)
		if s != empty && s.place() == uint64(number)*chunkClients+uint64(i) { //nolint:gosec // both are positive
			slots[at].Store(uint64(newSlot(t.slab.add(&c), hash)))
		}
	}
	(*t.slab.chunks.Load())[number].Store(nil)
}

// all yields every client, each one of its own. What changes meanwhile comes as it
// was or as it is.
func (t *table) all() iter.Seq[*Client] {
	return func(yield func(*Client) bool) {
		t.mu.Lock()
		t.walks++
		slots := *t.slots.Load()
		t.mu.Unlock()
		defer t.walked()
		for i := range slots {
			s := slot(slots[i].Load())
			if s <= removed {
				continue
			}
			ch, p := t.slab.at(s.place())
			c := ch.unpack(p)
			if !yield(&c) {
				return
			}
		}
	}
}

// walked gives up what could not be while somebody went through all clients.
func (t *table) walked() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.walks--
	for number := range t.slab.count {
		t.tidy(number)
	}
}
