package storetest

import (
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func rotationTests() []test {
	return []test{
		{"generation after generation is Renewed, at the time of the write", renewed},
		{"the generation before the last is Repeated within Grace, with the time of the last", repeated},
		{"the generation before the last is Reused after Grace", reusedAfterGrace},
		{"the generation before the last is Reused by a clock more than ClockSkew behind", reusedFromAnotherTime},
		{"any other generation is Reused", reusedOthers},
		{"a generation other than the first of a family without a row is Reused", reusedUnknown},
		{"a reuse revokes the family, with one change and one audit row", reusedRevokes},
		{"a family that was revoked before is Revoked, whatever is presented", revokedBefore},
		{"every other outcome leaves no change and no audit row", rotationLeavesNothing},
		{"families do not disturb each other", familiesApart},
		{"a rotation survives, when the database is opened again", rotationSurvives},
	}
}

func (e *env) rotate(r store.Rotation) store.Rotated {
	e.Helper()
	rotated, err := e.store.Rotate(e.ctx, r)
	e.must(fmt.Sprintf("rotate %+v", r), err)
	return rotated
}

// rotated presents the generation at the time given and checks the outcome.
func (e *env) rotated(r store.Rotation, generation int64, at time.Time, want store.RotationOutcome) store.Rotated {
	e.Helper()
	r.Generation, r.By.At = generation, at
	got := e.rotate(r)
	if got.Outcome != want {
		e.Errorf("generation %d at %v: got outcome %d, want %d", generation, at, got.Outcome, want)
	}
	return got
}

// renewals rotates a family a number of times, a minute apart, and returns when
// the last generation was made.
func (e *env) renewals(r store.Rotation, n int) time.Time {
	e.Helper()
	at := now
	for generation := range n {
		at = now.Add(time.Duration(generation) * time.Minute)
		e.rotated(r, int64(generation), at, store.Renewed)
	}
	return at
}

func renewed(e *env) {
	r := newRotation("f")
	for generation := range int64(5) {
		at := now.Add(time.Duration(generation) * 40 * time.Hour)
		got := e.rotated(r, generation, at.Add(999*time.Microsecond), store.Renewed)
		same(e, "rotated", got, store.Rotated{Outcome: store.Renewed, At: at})
	}
}

func repeated(e *env) {
	for generations := range 3 {
		r := newRotation(fmt.Sprint("f", generations))
		last := e.renewals(r, generations+1)
		for _, later := range []time.Duration{0, time.Second, r.Grace - time.Millisecond, r.Grace, -time.Minute} {
			got := e.rotated(r, int64(generations), last.Add(later), store.Repeated)
			same(e, "rotated", got, store.Rotated{Outcome: store.Repeated, At: last})
		}
		// The child of the repeated one is the last generation as ever.
		e.rotated(r, int64(generations)+1, last.Add(time.Second), store.Renewed)
	}
}

func reusedAfterGrace(e *env) {
	for i, grace := range []time.Duration{0, time.Millisecond, time.Hour} {
		r := newRotation(fmt.Sprint("f", i))
		r.Grace = grace
		last := e.renewals(r, 2)
		e.rotated(r, 1, last.Add(grace), store.Repeated)
		got := e.rotated(r, 1, last.Add(grace+time.Millisecond), store.Reused)
		same(e, "rotated", got, store.Rotated{Outcome: store.Reused})
	}
}

func reusedFromAnotherTime(e *env) {
	r := newRotation("f")
	last := e.renewals(r, 2)
	e.rotated(r, 1, last.Add(-store.ClockSkew), store.Repeated)
	e.rotated(r, 1, last.Add(-store.ClockSkew-time.Millisecond), store.Reused)
}

func reusedOthers(e *env) {
	for i, generation := range []int64{0, 1, 4, 5, 1 << 60, -1} {
		r := newRotation(fmt.Sprint("f", i))
		last := e.renewals(r, 3)
		got := e.rotated(r, generation, last, store.Reused)
		same(e, "rotated", got, store.Rotated{Outcome: store.Reused})
	}
}

func reusedUnknown(e *env) {
	for i, generation := range []int64{1, 2, 1 << 60, -1} {
		r := newRotation(fmt.Sprint("f", i))
		e.rotated(r, generation, now, store.Reused)
		e.rotated(r, 0, now, store.Revoked)
	}
}

func reusedRevokes(e *env) {
	r := newRotation("f")
	last := e.renewals(r, 2)
	e.rotated(r, 0, last.Add(time.Hour), store.Reused)

	revocation := store.Revocation{ID: r.Family, ExpiresAt: r.ExpiresAt}
	same(e, "revocations", e.revocations(), []store.Revocation{revocation})
	changes := e.changes(store.Position{})
	same(e, "number of changes", len(changes), 1)
	same(e, "change", changes[0], store.Change{
		Position: e.head(), Kind: store.KindRevocation, ID: revocation.String(),
	})
	rows := e.auditRows()
	same(e, "number of audit rows", len(rows), 1)
	chained(e, rows)
	same(e, "audit row", rows[0], store.AuditRow{
		Seq: 1, At: last.Add(time.Hour), Actor: "key:c", Event: store.EventFamilyReused,
		Kind: store.KindRevocation, ID: revocation.String(), Hash: rows[0].Hash,
	})
	for generation := range int64(4) {
		got := e.rotated(r, generation, last.Add(time.Hour), store.Revoked)
		same(e, "rotated", got, store.Rotated{Outcome: store.Revoked})
	}
	same(e, "number of changes", len(e.changes(store.Position{})), 1)
}

func revokedBefore(e *env) {
	for generations := range 3 {
		r := newRotation(fmt.Sprint("f", generations))
		e.renewals(r, generations)
		e.write(store.RevokeFamily{Revocation: store.Revocation{ID: r.Family, ExpiresAt: r.ExpiresAt}})
		head := e.head()
		for _, generation := range []int64{int64(generations), 0, 1, 2, 3, -1} {
			got := e.rotated(r, generation, now, store.Revoked)
			same(e, "rotated", got, store.Rotated{Outcome: store.Revoked})
		}
		same(e, "head", e.head(), head)
	}
}

func rotationLeavesNothing(e *env) {
	r := newRotation("f")
	last := e.renewals(r, 3)
	e.rotated(r, 2, last, store.Repeated)
	same(e, "head", e.head(), store.Position{})
	same(e, "audit rows", e.auditRows(), nil)
	same(e, "revocations", e.revocations(), nil)
}

func familiesApart(e *env) {
	a, b, c := newRotation("a"), newRotation("b"), newRotation("c")
	c.Family[15] = 0xff
	last := e.renewals(a, 3)
	e.renewals(b, 2)
	e.renewals(c, 1)
	e.rotated(b, 0, last, store.Reused)
	e.rotated(a, 3, last, store.Renewed)
	e.rotated(c, 1, last, store.Renewed)
	e.rotated(b, 2, last, store.Revoked)
}

func rotationSurvives(e *env) {
	r := newRotation("f")
	last := e.renewals(r, 3)
	e.reopen()
	got := e.rotated(r, 2, last.Add(time.Second), store.Repeated)
	same(e, "time of the last generation", got.At, last)
	e.rotated(r, 3, last.Add(time.Second), store.Renewed)
	e.rotated(r, 2, last.Add(time.Second), store.Reused)
	e.reopen()
	e.rotated(r, 4, last.Add(time.Second), store.Revoked)
}
