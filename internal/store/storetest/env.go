package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/store"
)

// now is the time of all writes that do not say another.
var now = time.Date(2026, 5, 4, 3, 2, 1, 987_000_000, time.UTC)

var origin = store.Origin{Actor: "uid:0", At: now}

// env is one test with its database, and the steps that tests have in common.
type env struct {
	*testing.T
	ctx   context.Context
	db    Database
	store store.Store
}

func newEnv(t *testing.T, engine Engine) *env {
	e := &env{T: t, ctx: t.Context(), db: engine.New(t)}
	e.store = e.db.Open(t)
	t.Cleanup(func() {
		err := e.store.Close()
		if err != nil {
			t.Errorf("close at the end: %v", err)
		}
	})
	return e
}

// reopen closes the store and opens its database again.
func (e *env) reopen() {
	e.Helper()
	err := e.store.Close()
	if err != nil {
		e.Fatalf("close: %v", err)
	}
	e.store = e.db.Open(e.T)
}

// write writes what must succeed.
func (e *env) write(mutations ...store.Mutation) store.Position {
	e.Helper()
	p, err := e.store.Write(e.ctx, origin, mutations...)
	if err != nil {
		e.Fatalf("write %+v: %v", mutations, err)
	}
	return p
}

// writeAt writes at another time than now what must succeed.
func (e *env) writeAt(at time.Time, mutations ...store.Mutation) {
	e.Helper()
	_, err := e.store.Write(e.ctx, store.Origin{Actor: "uid:0", At: at}, mutations...)
	if err != nil {
		e.Fatalf("write %+v: %v", mutations, err)
	}
}

// refused writes what must fail with the error, and changes nothing.
func (e *env) refused(want error, mutations ...store.Mutation) store.MutationError {
	e.Helper()
	before := e.head()
	p, err := e.store.Write(e.ctx, origin, mutations...)
	if !errors.Is(err, want) {
		e.Fatalf("write %+v: got %v, want %v", mutations, err, want)
	}
	if p != (store.Position{}) {
		e.Errorf("write %+v: got position %v with an error", mutations, p)
	}
	if e.head() != before {
		e.Errorf("write %+v: refused, but the head moved from %v to %v", mutations, before, e.head())
	}
	refusal, ok := errors.AsType[*store.MutationError](err)
	if !ok {
		e.Fatalf("write %+v: %v does not say which mutation", mutations, err)
	}
	return *refusal
}

// same fails the test when the two differ.
func same[T any](e *env, what string, got, want T) {
	e.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// fails fails the test when a call did not end with the error.
func fails(e *env, call string, got, want error) {
	e.Helper()
	if !errors.Is(got, want) {
		e.Errorf("%s: got error %v, want %v", call, got, want)
	}
}
