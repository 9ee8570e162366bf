package storetest

import (
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func expiryTests() []test {
	return []test{
		{"revocations that end at the instant or later stay", expiryKeepsRevocations},
		{"families that end at the instant or later stay", expiryKeepsFamilies},
		{"what ended more than an hour before is gone once it has returned 0", expiryRemoves},
		{"it removes at most limit rows of each and returns how many", expiryLimit},
		{"it keeps the last changes", expiryKeepsChanges},
		{"it leaves no audit row and no change", expiryLeavesNothing},
		{"writes go on beside it", expiryBeside},
	}
}

func (e *env) expire(before time.Time, limit int) int {
	e.Helper()
	n, err := e.store.Expire(e.ctx, before, limit)
	e.must("expire", err)
	return n
}

// expireAll calls Expire until it returns 0.
func (e *env) expireAll(before time.Time) {
	e.Helper()
	for e.expire(before, 7) > 0 {
	}
}

// boundaries are instants around which a store that counts in hours, or in local
// days, could be wrong.
var boundaries = []time.Time{
	now, now.Truncate(time.Hour), now.Truncate(time.Hour).Add(-time.Millisecond), now.Truncate(24 * time.Hour),
	time.UnixMilli(0).Add(-30 * time.Minute), time.UnixMilli(0).Add(30 * time.Minute),
}

func expiryKeepsRevocations(e *env) {
	for i, before := range boundaries {
		var want []store.Revocation
		for n, later := range []time.Duration{0, time.Millisecond, time.Minute, time.Hour, 1000 * time.Hour} {
			r := newRevocation(fmt.Sprint(i, " ", n), before.Add(later).Sub(now))
			want = append(want, r)
			e.write(store.RevokeToken{Revocation: r})
		}
		e.expireAll(before)
		got := e.revocations()
		have := make(map[string]bool)
		for _, r := range got {
			have[r.String()] = true
		}
		for _, r := range want {
			if !have[r.String()] {
				e.Errorf("expired before %v: the revocation that ends at %v is gone", before, r.ExpiresAt)
			}
		}
	}
}

func expiryKeepsFamilies(e *env) {
	for i, before := range boundaries {
		var kept []store.Rotation
		for n, later := range []time.Duration{0, time.Millisecond, time.Minute, time.Hour, 1000 * time.Hour} {
			r := newRotation(fmt.Sprint(i, " ", n))
			r.ExpiresAt = before.Add(later)
			e.renewals(r, 2)
			kept = append(kept, r)
		}
		e.expireAll(before)
		for _, r := range kept {
			e.rotated(r, 2, now, store.Renewed)
		}
	}
}

func expiryRemoves(e *env) {
	for i, before := range boundaries {
		var gone []store.Rotation
		for n, earlier := range []time.Duration{time.Hour + time.Millisecond, 2 * time.Hour, 1000 * time.Hour} {
			r := newRotation(fmt.Sprint(i, " ", n))
			r.ExpiresAt = before.Add(-earlier)
			e.renewals(r, 2)
			gone = append(gone, r)
			e.write(store.RevokeToken{Revocation: newRevocation(fmt.Sprint("t", i, n), r.ExpiresAt.Sub(now))})
		}
		e.expireAll(before)
		same(e, "revocations", e.revocations(), nil)
		for _, r := range gone {
			e.rotated(r, 2, now, store.Reused) // as any generation of a family without a row
		}
		e.expireAll(before)
	}
}

func expiryLimit(e *env) {
	for i := range 10 {
		r := newRotation(fmt.Sprint("f", i))
		r.ExpiresAt = now.Add(-time.Duration(i+2) * time.Hour)
		e.renewals(r, 1)
		e.write(store.RevokeToken{Revocation: newRevocation(fmt.Sprint("t", i), r.ExpiresAt.Sub(now))})
	}
	kept := newRevocation("kept", 0)
	e.write(store.RevokeToken{Revocation: kept})
	for _, test := range []struct{ limit, removed, left int }{
		{0, 0, 11}, {-1, 0, 11}, {1, 2, 10}, {4, 8, 6}, {4, 8, 2}, {4, 2, 1}, {4, 0, 1},
	} {
		got := e.expire(now, test.limit)
		same(e, fmt.Sprint("removed with limit ", test.limit), got, test.removed)
		same(e, "number of revocations left", len(e.revocations()), test.left)
	}
	same(e, "revocations", e.revocations(), []store.Revocation{kept})
}

func expiryKeepsChanges(e *env) {
	const written, more = 26, 25
	var positions []store.Position
	for _, m := range createClients(written) {
		positions = append(positions, e.write(m))
	}
	e.db.AddChanges(e.T, store.KeptChanges-written)
	same(e, "removed while there are few", e.expire(now, 1000), 0)
	same(e, "changes that are left", len(e.changePage(store.Position{}, 3)), 3)

	e.db.AddChanges(e.T, more)
	head := e.head()
	for _, test := range []struct{ limit, removed int }{{0, 0}, {20, 20}, {20, 5}, {20, 0}} {
		same(e, "removed", e.expire(now, test.limit), test.removed)
	}
	forked(e, "the beginning", store.Position{}, 1)
	forked(e, "the youngest change that is gone", positions[more-1], 1)
	same(e, "changes after the oldest that is kept", len(e.changePage(positions[more], 3)), 3)
	same(e, "head", e.head(), head)
	next := e.write(createAPI("a"))
	same(e, "changes after the head of then", e.changes(head), []store.Change{
		{Position: next, Kind: store.KindAPI, ID: "a"},
	})
	same(e, "number of audit rows", len(e.auditRows()), written+1)
}

func expiryLeavesNothing(e *env) {
	head := e.write(store.RevokeToken{Revocation: newRevocation("t", -5*time.Hour)})
	same(e, "removed", e.expire(now, 10), 1)
	same(e, "head", e.head(), head)
	same(e, "number of audit rows", len(e.auditRows()), 1)
}

func expiryBeside(e *env) {
	for i := range 60 {
		e.write(store.RevokeToken{Revocation: newRevocation(fmt.Sprint("old", i), -5*time.Hour)})
	}
	wg, want := writeBeside(e)
	for e.expire(now, 3) > 0 {
		e.write(store.RevokeToken{Revocation: newRevocation("new", time.Hour)})
	}
	wg.Wait()
	same(e, "revocations", e.revocations(), []store.Revocation{newRevocation("new", time.Hour)})
	same(e, "number of changes", e.head().Seq, want+80)
	chained(e, e.auditRows())
}
