package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func rotationRaceTests() []test {
	return []test{
		{"of many who present one generation, one gets Renewed and the rest Repeated with its time", oneRenews},
		{"of many who present a generation too late, one gets Reused and revokes the family", oneReuses},
		{"many families rotate beside each other without loss", manyFamilies},
		{"a rotation begun after a revocation returned is Revoked", revokedBeside},
		{"a rotation whose context ends has happened, or not, as its answer says", contextEndsDuringRotation},
	}
}

// present has many present the same rotation at the same moment, each by a clock
// of its own, and returns what they got, by outcome.
func (e *env) present(r store.Rotation, callers int, apart time.Duration) map[store.RotationOutcome][]store.Rotated {
	e.Helper()
	results := make([]store.Rotated, callers)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range callers {
		own := r
		own.By.At = r.By.At.Add(time.Duration(i) * apart)
		wg.Go(func() {
			<-begin
			rotated, err := e.store.Rotate(e.ctx, own)
			fails(e, "rotate", err, nil)
			results[i] = rotated
		})
	}
	close(begin)
	wg.Wait()
	outcomes := make(map[store.RotationOutcome][]store.Rotated)
	for _, rotated := range results {
		outcomes[rotated.Outcome] = append(outcomes[rotated.Outcome], rotated)
	}
	return outcomes
}

func oneRenews(e *env) {
	const callers = 200
	r := newRotation("f")
	for generation := range int64(4) {
		r.Generation = generation
		r.By.At = now.Add(time.Duration(generation) * time.Minute)
		got := e.present(r, callers, time.Millisecond)
		if len(got[store.Renewed]) != 1 || len(got[store.Repeated]) != callers-1 {
			e.Fatalf("generation %d: got %v, want one Renewed, the rest Repeated", generation, got)
		}
		at := got[store.Renewed][0].At
		for _, rotated := range got[store.Repeated] {
			same(e, "time of the generation", rotated.At, at)
		}
	}
	same(e, "head", e.head(), store.Position{})
}

func oneReuses(e *env) {
	const callers = 50
	r := newRotation("f")
	last := e.renewals(r, 2)
	r.Generation, r.By.At = 1, last.Add(r.Grace+time.Millisecond)
	got := e.present(r, callers, time.Millisecond)
	if len(got[store.Reused]) != 1 || len(got[store.Revoked]) != callers-1 {
		e.Errorf("got %v, want one Reused, the rest Revoked", got)
	}
	same(e, "number of revocations", len(e.revocations()), 1)
	same(e, "number of changes", e.head().Seq, 1)
	same(e, "number of audit rows", len(e.auditRows()), 1)
}

func manyFamilies(e *env) {
	const families, generations = 32, 20
	var wg sync.WaitGroup
	for i := range families {
		wg.Go(func() {
			r := newRotation(fmt.Sprint("f", i))
			r.ExpiresAt = now.Add(time.Duration(i%3) * time.Hour)
			for range generations {
				rotated, err := e.store.Rotate(e.ctx, r)
				if err != nil || rotated.Outcome != store.Renewed {
					e.Errorf("family %d, generation %d: got %v (%v), want it renewed", i, r.Generation, rotated, err)
					return
				}
				r.Generation++
			}
		})
	}
	wg.Wait()
	same(e, "head", e.head(), store.Position{})
}

func revokedBeside(e *env) {
	const families = 8
	var wg sync.WaitGroup
	for i := range families {
		r := newRotation(fmt.Sprint("f", i))
		var returned atomic.Bool
		var rotations atomic.Int64
		wg.Go(func() {
			for {
				late := returned.Load()
				rotated, err := e.store.Rotate(e.ctx, r)
				fails(e, "rotate", err, nil)
				rotations.Add(1)
				if late && rotated.Outcome != store.Revoked {
					e.Errorf("family %d: got %v after the revocation returned, want it revoked", i, rotated)
				}
				if err != nil || rotated.Outcome != store.Renewed {
					return
				}
				r.Generation++
			}
		})
		wg.Go(func() {
			for rotations.Load() < int64(i) && !e.Failed() {
				_, err := e.store.Head(e.ctx)
				fails(e, "head", err, nil)
			}
			revocation := store.Revocation{ID: r.Family, ExpiresAt: r.ExpiresAt}
			_, err := e.store.Write(e.ctx, origin, store.RevokeFamily{Revocation: revocation})
			fails(e, "revoke", err, nil)
			returned.Store(true)
		})
	}
	wg.Wait()
	same(e, "number of revocations", len(e.revocations()), families)
	same(e, "number of changes", e.head().Seq, families)
	chained(e, e.auditRows())
}

func contextEndsDuringRotation(e *env) {
	answers := make(map[string]error)
	for i := range 64 {
		family := fmt.Sprint("family ", i)
		ctx, cancel := context.WithCancel(e.ctx)
		var canceled sync.WaitGroup
		canceled.Go(cancel)
		_, answers[family] = e.store.Rotate(ctx, newRotation(family))
		canceled.Wait()
	}
	e.reopen() // what was begun has ended after this
	for family, answer := range answers {
		rotated := e.rotate(newRotation(family))
		switch {
		case answer == nil:
			same(e, "outcome after a rotation that was acknowledged", rotated.Outcome, store.Repeated)
		case errors.Is(answer, store.ErrUnavailable):
			same(e, "outcome after ErrUnavailable", rotated.Outcome, store.Renewed)
			fails(e, "the rotation's error", answer, context.Canceled)
		default:
			fails(e, "the rotation's error", answer, store.ErrUnknown)
			fails(e, "the rotation's error", answer, context.Canceled)
		}
	}
}
