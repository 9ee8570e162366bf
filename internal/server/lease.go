package server

import (
	"context"
	"errors"
	"time"

	"github.com/grantd/grantd/internal/store"
)

const (
	upkeepLease = "upkeep"
	// leaseTime is longer than a round, whose context ends by this node's monotonic
	// clock: the holder has stopped by itself before another one may take over.
	leaseTime = upkeepEvery + 30*time.Second
)

// lead reports whether this node does what only one of them should do. In a round
// of its own, the context has been running since before the store was asked.
func (u *upkeep) lead(ctx context.Context) bool {
	leads := false
	u.duty(ctx, takeLease, func(ctx context.Context) error {
		err := u.takeLease(ctx)
		leads = err == nil
		if errors.Is(err, store.ErrNotHolder) {
			return nil
		}
		return err
	})
	return leads
}

func (u *upkeep) takeLease(ctx context.Context) error {
	at := u.Now()
	if u.lease != (store.Lease{}) {
		err := u.Store.RenewLease(ctx, u.lease, at.Add(leaseTime))
		if !errors.Is(err, store.ErrNotHolder) {
			return err
		}
		u.lease = store.Lease{}
	}
	lease, err := u.Store.AcquireLease(ctx, store.LeaseRequest{Name: upkeepLease, Holder: u.Node, At: at, Until: at.Add(leaseTime)})
	if err != nil {
		return err
	}
	u.lease = lease
	return nil
}

// release lets another node begin at once.
func (u *upkeep) release(ctx context.Context) {
	if u.lease == (store.Lease{}) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	// When it fails, the lease ends by itself.
	_ = u.Store.ReleaseLease(ctx, u.lease)
}

const (
	// mergeAfter is how long batches lie before they are merged: the counts of a key
	// that is used all the time are then written once for several of them.
	mergeAfter = 5 * time.Minute
	// mergeTime leaves time for the duties after it.
	mergeTime = upkeepEvery / 2
)

// merge merges in steps, with pauses in which others write.
func (u *upkeep) merge(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, mergeTime)
	defer cancel()
	before := u.Now().Add(-mergeAfter)
	for {
		n, err := u.Merger.Step(ctx, u.lease, before)
		if err != nil && ctx.Err() != nil {
			// The rest of a large backlog can wait for the next round.
			return nil
		}
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(expirePause):
		}
	}
}
