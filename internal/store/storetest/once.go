package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func onceTests() []test {
	return []test{
		{"the answer of a request is there with what it changed, and nothing else tells of it", onceAnswer},
		{"the answer of a write that fails is not kept", onceFailed},
		{"a request that was done before is ErrDone, and changes nothing", onceDone},
		{"a request whose time is over is forgotten, and Expire removes it", onceOver},
		{"of many requests of one id at once, one is done", onceRace},
	}
}

func kept(answer string) store.KeepAnswer {
	return store.KeepAnswer{ID: [32]byte{1}, Body: [32]byte{1, 1}, Answer: []byte(answer), Until: now.Add(24 * time.Hour)}
}

func (e *env) keptAnswer(id byte, at time.Time, want error) store.KeepAnswer {
	e.Helper()
	answer, err := e.store.KeptAnswer(e.ctx, [32]byte{id}, at)
	fails(e, "look for the answer", err, want)
	return answer
}

func onceAnswer(e *env) {
	e.keptAnswer(1, now, store.ErrNotFound)
	want := kept("\x00\xffanswer")
	last := e.write(want, createClient("c"))
	e.reopen()
	same(e, "answer", e.keptAnswer(1, now, nil), want)
	same(e, "changes", len(e.changes(store.Position{})), 1)
	same(e, "head", e.head(), last)
	e.keptAnswer(2, now, store.ErrNotFound)
}

func onceFailed(e *env) {
	e.write(createClient("c"))
	e.refused(store.ErrConflict, kept("a"), createClient("d"), createClient("c"))
	e.keptAnswer(1, now, store.ErrNotFound)
	e.write(kept("b"), createClient("d"))
	same(e, "answer", string(e.keptAnswer(1, now, nil).Answer), "b")
}

func onceDone(e *env) {
	e.write(kept("first"), createClient("c"))
	e.refused(store.ErrDone, kept("second"), createClient("d"))
	_, err := e.store.Client(e.ctx, "d")
	fails(e, "what the second would have made", err, store.ErrNotFound)
	same(e, "answer", string(e.keptAnswer(1, now, nil).Answer), "first")
}

func onceOver(e *env) {
	first := kept("first")
	e.write(first, createClient("c"))
	e.keptAnswer(1, first.Until.Add(-time.Millisecond), nil)
	e.keptAnswer(1, first.Until, store.ErrNotFound)
	late := kept("late")
	late.Until = first.Until.Add(time.Hour)
	e.writeAt(first.Until, late, createClient("d"))
	same(e, "answer", string(e.keptAnswer(1, first.Until, nil).Answer), "late")
	for i, want := range []int{0, 1, 0} {
		removed, err := e.store.Expire(e.ctx, late.Until.Add(time.Duration(i)*time.Millisecond), 10)
		e.must("expire", err)
		same(e, "removed", removed, want)
	}
}

func onceRace(e *env) {
	const many = 8
	done := make(chan error, many)
	for i := range many {
		go func() {
			id := fmt.Sprint("c", i)
			_, err := e.store.Write(e.ctx, origin, kept(id), createClient(id))
			done <- err
		}()
	}
	fresh := 0
	for range many {
		err := <-done
		if err == nil {
			fresh++
		} else if !errors.Is(err, store.ErrDone) {
			e.Errorf("got %v, want %v", err, store.ErrDone)
		}
	}
	same(e, "how many were done", fresh, 1)
	same(e, "changes", len(e.changes(store.Position{})), 1)
}
