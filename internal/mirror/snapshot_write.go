package mirror

import (
	"context"
	"os"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// pieceSize is how much is written before the disk is asked to take it. A commit of
// the database on the same disk would otherwise wait for all of the snapshot.
const pieceSize = 4 << 20

// pacer writes to the file, piece by piece.
type pacer struct {
	file  *os.File
	now   func() time.Time
	pause func(worked time.Duration)

	written int
	since   time.Time
}

func (p *pacer) Write(b []byte) (int, error) {
	if p.since.IsZero() {
		p.since = p.now()
	}
	n, err := p.file.Write(b)
	p.written += n
	if err != nil || p.written < pieceSize {
		return n, err
	}
	err = p.file.Sync()
	p.pause(p.now().Sub(p.since))
	p.written, p.since = 0, p.now()
	return n, err
}

// write writes all of a snapshot and returns the feed's position at its end.
//
// The keys are read while the feed goes on. So the snapshot holds what had changed
// up to the view, and some of what changed since. Whoever reads it applies the feed
// from the view on again; and that the feed is still the one of the end tells it
// that nothing in here is of a history that was lost.
func (s *Snapshot) write(ctx context.Context, to *pacer, m *Mirror, v *view, h *header) (store.Position, error) {
	_, err := to.Write(h.bytes())
	if err != nil {
		return store.Position{}, err
	}
	sealed, err := newSealedWriter(to, s.key(h))
	if err != nil {
		return store.Position{}, err
	}
	c := newWriting(sealed)
	m.writeView(c, v)
	err = writeClients(ctx, c, v.clients)
	if err != nil {
		return store.Position{}, err
	}
	m.revoked.write(c, m.Now())
	until, err := m.settle(v)
	if err != nil {
		return store.Position{}, err
	}
	position(c, &until)
	c.flush()
	if c.err != nil {
		return store.Position{}, c.err
	}
	return until, sealed.Close()
}

// settle returns where the feed is at the end of a snapshot, or errMoved when what
// was written does not belong together.
func (m *Mirror) settle(v *view) (store.Position, error) {
	m.pull.Lock()
	defer m.pull.Unlock()
	if m.loads != v.loads || m.directory.Load() != v.directory {
		return store.Position{}, errMoved
	}
	return m.position, nil
}

func (m *Mirror) writeView(c *coder, v *view) {
	viewRecord(c, &v.position, &v.fresh)
	notBefore, clients := m.notBefore.Load(), int(v.clients.len())
	number(c, &notBefore)
	list(c, &v.signing, signingKey)
	apis := make([]store.API, 0, len(v.directory.list))
	for _, one := range v.directory.list {
		apis = append(apis, one.API)
	}
	list(c, &apis, api)
	c.length(&clients)
	c.flush()
}

func viewRecord(c *coder, p *store.Position, fresh *time.Time) {
	position(c, p)
	c.instant(fresh)
}

// writeClients writes the keys, each after a flag that one comes.
func writeClients(ctx context.Context, c *coder, clients *table) error {
	const often = 1024
	grants := newGrantsWindow(nil)
	count := 0
	for one := range clients.all() {
		another := true
		c.flag(&another)
		client(c, one, grants)
		c.flush()
		count++
		if count%often == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if c.err != nil {
			return c.err
		}
	}
	another := false
	c.flag(&another)
	return nil
}

// write writes the revocations that have not expired, shard by shard.
func (rs *revocations) write(c *coder, at time.Time) {
	now := inSeconds(at)
	for number := range rs.shards {
		table := rs.shards[number].table.Load()
		if table == nil {
			continue
		}
		for i := range table.slots {
			expires := uint64(table.slots[i].expires.Load())
			if expires > uint64(now) {
				c.uint(&expires)
				c.raw(table.slots[i].id[:])
				c.flush()
			}
		}
	}
	var none uint64
	c.uint(&none)
}
