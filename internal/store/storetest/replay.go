package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func replayTests() []test {
	return []test{
		{"what is used once is ErrUsed from then on", usedOnce},
		{"kinds, owners and ids are kept apart", usesApart},
		{"of calls at the same time one returns nil", usedAtTheSameTime},
		{"another end does not make it another thing", usedWithAnotherEnd},
		{"what would be remembered for too long is ErrInvalid", usedForTooLong},
		{"ForgetUsed never drops what can still be used", forgetsNothingTooEarly},
		{"what was used before the store was closed is not taken after it", usedBeforeClose},
		{"what can be used from a later moment on is taken after it", usableAfterClose},
	}
}

// newUse is something that can be used from a minute before now to six after it.
func newUse(id string) store.OneTime {
	return store.OneTime{
		Kind: store.UsedAssertion, Owner: "owner", ID: id, At: now,
		From: now.Add(-time.Minute), Until: now.Add(6 * time.Minute),
	}
}

// takes uses what must not have been used.
func (e *env) takes(u store.OneTime) {
	e.Helper()
	fails(e, fmt.Sprintf("use %+v", u), e.store.Use(e.ctx, u), nil)
}

// refuses uses what must have been used.
func (e *env) refuses(u store.OneTime) {
	e.Helper()
	fails(e, fmt.Sprintf("use %+v again", u), e.store.Use(e.ctx, u), store.ErrUsed)
}

func usedOnce(e *env) {
	e.takes(newUse("a"))
	for range 3 {
		e.refuses(newUse("a"))
	}
	later := newUse("a")
	later.At = now.Add(5 * time.Minute)
	e.refuses(later)
}

func usesApart(e *env) {
	other, owner := newUse("a"), newUse("a")
	other.Kind, owner.Owner = "proof", "another"
	// The same letters, with the border elsewhere.
	border := newUse("ra")
	border.Owner = "owne"
	for _, u := range []store.OneTime{newUse("a"), other, owner, newUse("b"), newUse("A"), border, newUse("a\x00\xff")} {
		e.takes(u)
		e.refuses(u)
	}
}

func usedAtTheSameTime(e *env) {
	const calls = 64
	var answers [calls]error
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() { answers[i] = e.store.Use(e.ctx, newUse("a")) })
	}
	all.Wait()
	taken := 0
	for _, answer := range answers {
		if answer == nil {
			taken++
			continue
		}
		fails(e, "use", answer, store.ErrUsed)
	}
	same(e, "calls that returned nil", taken, 1)
}

func usedWithAnotherEnd(e *env) {
	// Ends in each part of the time, in whatever order.
	for i, minutes := range []int{0, 7, 1, 4, 2, 6} {
		u := newUse(fmt.Sprint("a", i))
		u.Until = now.Add(time.Duration(minutes) * time.Minute)
		e.takes(u)
		for left := range 8 {
			u.Until = now.Add(time.Duration(left) * time.Minute)
			e.refuses(u)
		}
	}
}

func usedForTooLong(e *env) {
	u := newUse("a")
	u.Until = now.Add(store.LongestUse + time.Millisecond)
	fails(e, "use", e.store.Use(e.ctx, u), store.ErrInvalid)
	u.Until = now.Add(store.LongestUse)
	e.takes(u)
}

// forgetsNothingTooEarly uses something every 20 seconds for an hour, with an end as
// far away as may be, and wants it to be known up to its end.
func forgetsNothingTooEarly(e *env) {
	const step = 20 * time.Second
	type used struct{ store.OneTime }
	var known []used
	for at := now; at.Before(now.Add(time.Hour)); at = at.Add(step) {
		err := e.store.ForgetUsed(e.ctx, at)
		fails(e, "forget", err, nil)
		u := store.OneTime{
			Kind: store.UsedAssertion, Owner: "owner", ID: at.String(), At: at,
			From: at.Add(-time.Minute), Until: at.Add(store.LongestUse),
		}
		e.takes(u)
		known = append(known, used{u})
		for len(known) > 0 && !known[0].Until.After(at) {
			known = known[1:]
		}
		// The oldest is what would go first.
		e.refuses(known[0].OneTime)
	}
}

func usedBeforeClose(e *env) {
	e.takes(newUse("a"))
	for range 3 {
		e.reopen()
		e.notTaken(newUse("a"))
	}
}

func usableAfterClose(e *env) {
	e.takes(newUse("a"))
	e.reopen()
	later := newUse("b")
	later.From = later.From.Add(time.Millisecond)
	e.takes(later)
	e.refuses(later)
	e.notTaken(newUse("a"))
}

// notTaken uses what was used before a crash or a close.
func (e *env) notTaken(u store.OneTime) {
	e.Helper()
	err := e.store.Use(e.ctx, u)
	_, forgotten := errors.AsType[*store.ForgottenError](err)
	if !forgotten && !errors.Is(err, store.ErrUsed) {
		e.Errorf("use %+v again: got %v, want ErrUsed or a ForgottenError", u, err)
	}
}

// replayNodes has several nodes use one thing at the same time.
func replayNodes(e *env) {
	const nodes, calls = 4, 50
	stores := []store.Store{e.store}
	for range nodes - 1 {
		other := e.db.Open(e.T)
		defer func() { fails(e, "close", other.Close(), nil) }()
		stores = append(stores, other)
	}
	for round := range 5 {
		u := newUse(fmt.Sprint("round ", round))
		answers := make([]error, nodes*calls)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = stores[i%nodes].Use(context.WithoutCancel(e.ctx), u) })
		}
		all.Wait()
		taken := 0
		for _, answer := range answers {
			if answer == nil {
				taken++
				continue
			}
			fails(e, "use", answer, store.ErrUsed)
		}
		same(e, "calls that returned nil", taken, 1)
	}
}
