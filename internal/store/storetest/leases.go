package storetest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func leaseTests() []test {
	return []test{
		{"a lease has one holder until its time is over", leaseOneHolder},
		{"fencing numbers of a name only grow, also for one holder", leaseFencesGrow},
		{"a lease that was released is free at once, and releasing it again does nothing", leaseReleased},
		{"a lease that was renewed lasts longer, and never shorter", leaseRenewed},
		{"a renewal after the time is over holds unless another took over", leaseRenewedLate},
		{"what a holder writes that was frozen while another took over is refused, and nothing is changed", leaseFrozenHolder},
		{"WriteUnder is Write while the lease is the last one", leaseWrite},
		{"StartEpoch ends leases, and what was written under them before is refused", leaseEpoch},
		{"leases are for one name each", leaseNames},
	}
}

func node(n byte) store.NodeID { return store.NodeID{n} }

func leaseRequest[N byte | int](holder N, at time.Time) store.LeaseRequest {
	return store.LeaseRequest{Name: "upkeep", Holder: node(byte(holder)), At: at, Until: at.Add(time.Minute)}
}

// acquire gets a lease that must be free.
func (e *env) acquire(holder byte, at time.Time) store.Lease {
	e.Helper()
	lease, err := e.store.AcquireLease(e.ctx, leaseRequest(holder, at))
	if err != nil || lease.Name != "upkeep" {
		e.Fatalf("acquire: got %+v, %v", lease, err)
	}
	return lease
}

// held asks for a lease that must be another's.
func (e *env) held(holder byte, at time.Time) {
	e.Helper()
	lease, err := e.store.AcquireLease(e.ctx, leaseRequest(holder, at))
	fails(e, "acquire what another holds", err, store.ErrNotHolder)
	same(e, "lease", lease, store.Lease{})
}

func leaseOneHolder(e *env) {
	e.acquire(1, now)
	e.held(2, now)
	e.held(2, now.Add(time.Minute-time.Millisecond))
	e.acquire(2, now.Add(time.Minute))
	e.held(1, now.Add(time.Minute))
	e.reopen()
	e.held(1, now.Add(time.Minute))
}

func leaseFencesGrow(e *env) {
	last := int64(0)
	for i := range 9 {
		at := now.Add(time.Duration(i) * time.Hour)
		lease := e.acquire(byte(i/2), at)
		if lease.Fence <= last {
			e.Errorf("lease %d has the number %d after %d", i, lease.Fence, last)
		}
		last = lease.Fence
	}
}

func leaseReleased(e *env) {
	lease := e.acquire(1, now)
	e.must("release", e.store.ReleaseLease(e.ctx, lease))
	e.must("release again", e.store.ReleaseLease(e.ctx, lease))
	next := e.acquire(2, now)
	e.must("release what another has", e.store.ReleaseLease(e.ctx, lease))
	e.held(1, now)
	if next.Fence <= lease.Fence {
		e.Errorf("after %d came %d", lease.Fence, next.Fence)
	}
}

func leaseRenewed(e *env) {
	lease := e.acquire(1, now)
	e.must("renew", e.store.RenewLease(e.ctx, lease, now.Add(time.Hour)))
	e.must("renew for less", e.store.RenewLease(e.ctx, lease, now))
	e.held(2, now.Add(time.Hour-time.Millisecond))
	e.acquire(2, now.Add(time.Hour))
}

func leaseRenewedLate(e *env) {
	lease := e.acquire(1, now)
	e.must("renew late", e.store.RenewLease(e.ctx, lease, now.Add(2*time.Hour)))
	e.held(2, now.Add(time.Hour))
	e.acquire(2, now.Add(2*time.Hour))
	fails(e, "renew too late", e.store.RenewLease(e.ctx, lease, now.Add(3*time.Hour)), store.ErrNotHolder)
}

func leaseFrozenHolder(e *env) {
	frozen := e.acquire(1, now)
	e.addUsage(usageBatch(1, 1, now))
	later := e.acquire(2, now.Add(time.Hour))
	head := e.head()
	_, err := e.store.WriteUnder(e.ctx, frozen, origin, createClient("late"))
	fails(e, "write under a lease that another has", err, store.ErrNotHolder)
	err = e.store.MergeUsage(e.ctx, frozen, store.UsageMerge{Batches: e.usageBatches(), Counts: []store.UsageCount{usageCount("c", store.Hour, now, "1")}})
	fails(e, "merge under a lease that another has", err, store.ErrNotHolder)
	same(e, "head", e.head(), head)
	same(e, "clients", len(e.clients()), 0)
	same(e, "batches", len(e.usageBatches()), 1)
	same(e, "counts", e.usageCounts(store.Hour, now, "c"), nil)
	_, err = e.store.WriteUnder(e.ctx, later, origin, createClient("timely"))
	fails(e, "write under the last lease", err, nil)
	_, err = e.store.WriteUnder(e.ctx, store.Lease{Name: "never given"}, origin, createClient("never"))
	fails(e, "write under no lease", err, store.ErrNotHolder)
	_, err = e.store.WriteUnder(e.ctx, store.Lease{Name: "no \x00 text"}, origin, createClient("never"))
	fails(e, "write under what is no name", err, store.ErrNotHolder)
}

func leaseWrite(e *env) {
	lease := e.acquire(1, now)
	p, err := e.store.WriteUnder(e.ctx, lease, origin, createClient("a"), createClient("b"))
	fails(e, "write under a lease", err, nil)
	same(e, "position", p, e.head())
	same(e, "clients", ids(e.clients()), []string{"a", "b"})
	same(e, "audit rows", len(e.auditRows()), 2)
	_, err = e.store.WriteUnder(e.ctx, lease, origin, createClient("a"))
	fails(e, "create it again", err, store.ErrConflict)
}

func leaseEpoch(e *env) {
	lease := e.acquire(1, now)
	e.write(store.StartEpoch{Before: now})
	same(e, "not before", e.notBefore(), now.Truncate(time.Millisecond))
	_, err := e.store.WriteUnder(e.ctx, lease, origin, createClient("late"))
	fails(e, "write under a lease of the last epoch", err, store.ErrNotHolder)
	next := e.acquire(2, now)
	if next.Fence < lease.Fence+1_000_000 {
		e.Errorf("the history that was lost may have given number %d, too", next.Fence)
	}
	e.write(store.StartEpoch{})
	same(e, "not before", e.notBefore(), now.Truncate(time.Millisecond))
	rows := e.auditRows()
	same(e, "event", rows[len(rows)-1].Event, store.EventRestored)
	chained(e, rows)
}

func leaseNames(e *env) {
	e.acquire(1, now)
	other := leaseRequest(2, now)
	other.Name = "another"
	_, err := e.store.AcquireLease(e.ctx, other)
	fails(e, "acquire another name", err, nil)
	other.Name = "no \x00 text"
	_, err = e.store.AcquireLease(e.ctx, other)
	fails(e, "acquire what is no name", err, store.ErrInvalid)
}

// nodesLease lets all nodes ask for one lease at once, over and over, and write
// under what they get.
func nodesLease(e *env) {
	nodes := e.nodes()
	for i := range 10 {
		at := now.Add(time.Duration(i) * time.Hour)
		var won atomic.Int64
		var mu sync.Mutex
		fences := map[int64]bool{}
		e.onAll(nodes, 4, func(s store.Store, n int) {
			lease, err := s.AcquireLease(e.ctx, leaseRequest(n+1, at))
			if err != nil {
				fails(e, "acquire", err, store.ErrNotHolder)
				return
			}
			won.Add(1)
			mu.Lock()
			fences[lease.Fence] = true
			mu.Unlock()
		})
		same(e, "how many got the lease", won.Load(), 1)
		same(e, "how many numbers it has", len(fences), 1)
	}
}

// nodesTakeOver lets one node write under its lease while another takes it over:
// what it writes is there before the other has the lease, or never.
func nodesTakeOver(e *env) {
	nodes := e.nodes()
	for i := range 10 {
		at := now.Add(time.Duration(i) * time.Hour)
		lease := e.acquire(1, at)
		var written atomic.Int64
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				_, err := nodes[1].WriteUnder(e.ctx, lease, origin, store.RevokeAllTokens{Before: at})
				if err != nil {
					fails(e, "write under a lease that ends", err, store.ErrNotHolder)
					return
				}
				written.Add(1)
			}
		})
		for written.Load() == 0 && !e.Failed() {
			_ = e.head()
		}
		_, err := nodes[2].AcquireLease(e.ctx, leaseRequest(2, at.Add(time.Hour-time.Second)))
		fails(e, "take over", err, nil)
		head := e.head()
		wg.Wait()
		same(e, "head after the take-over", e.head(), head)
		later := leaseRequest(2, at.Add(time.Hour-time.Second))
		later.Until = later.At
		_, err = nodes[2].AcquireLease(e.ctx, later)
		fails(e, "end it", err, nil)
	}
}
