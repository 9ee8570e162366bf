package usage

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Outbox keeps what was counted until the store has it. One goroutine at a time
// sends.
type Outbox struct {
	// Node is this run of this process.
	Node store.NodeID
	// Store takes the batches.
	Store interface {
		AddUsage(ctx context.Context, batches ...store.UsageBatch) error
	}

	seq int64
	// sent were given to the store, which may have some of them or all: they are
	// given again as they are.
	sent []store.UsageBatch
	// held come after them. Those of one hour are made one, for an outage may last.
	held []store.UsageBatch

	mu      sync.Mutex
	waiting int
	dropped int
}

// maxWaiting bounds the bytes that wait for the store; beyond it the oldest hour is
// dropped.
const maxWaiting = 64 << 20

// Put takes what was counted until now.
func (o *Outbox) Put(at time.Time, counted map[string]*Counts) {
	if len(counted) > 0 {
		o.held = append(o.coalesce(at, counted), Batches(at, counted)...)
	}
	o.bound()
}

// coalesce takes the held batches of the hour into what was counted, and returns the
// rest. A minute alone need not be told apart: nobody asks for less than an hour.
func (o *Outbox) coalesce(at time.Time, counted map[string]*Counts) []store.UsageBatch {
	var rest []store.UsageBatch
	for _, b := range o.held {
		if !store.Hour.Start(b.At).Equal(store.Hour.Start(at)) {
			rest = append(rest, b)
			continue
		}
		for key, err := range All(b) {
			if err != nil {
				break // never: it was written here
			}
			known := counted[key.ID]
			if known == nil {
				counted[key.ID] = &key.Counts
				continue
			}
			known.Add(&key.Counts)
		}
	}
	return rest
}

func (o *Outbox) bound() {
	bytes, dropped := 0, 0
	for _, b := range slices.Concat(o.sent, o.held) {
		bytes += len(b.Data)
	}
	for bytes > maxWaiting && len(o.held) > 0 {
		bytes -= len(o.held[0].Data)
		o.held = o.held[1:]
		dropped++
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting, o.dropped = len(o.sent)+len(o.held), o.dropped+dropped
}

// Send gives the store what it does not have yet. What it did not take, or may not
// have taken, stays.
func (o *Outbox) Send(ctx context.Context) error {
	defer o.bound()
	for len(o.sent)+len(o.held) > 0 {
		if len(o.sent) == 0 {
			o.sent, o.held = o.held, nil
			for i := range o.sent {
				o.seq++
				o.sent[i].Node, o.sent[i].Seq = o.Node, o.seq
			}
		}
		err := o.Store.AddUsage(ctx, o.sent...)
		if err != nil {
			return err
		}
		o.sent = nil
	}
	return nil
}

// Waiting returns how many batches wait for the store, and how many were dropped
// because too many did.
func (o *Outbox) Waiting() (waiting, dropped int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waiting, o.dropped
}
