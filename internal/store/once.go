package store

import (
	"context"
	"time"
)

// Once remembers requests that are to be done once, with their answers. What they say is
// not a store's business. It leaves no audit row and no change.
type Once interface {
	// BeginOnce notes that a request was begun, unless one of this id is known, and
	// returns what is known of it. Those whose time is over are forgotten.
	BeginOnce(ctx context.Context, r OnceRequest) (OnceState, error)
	// FinishOnce keeps the answer of a request that was begun; one that is not known, or
	// has an answer, is left as it is.
	FinishOnce(ctx context.Context, id [32]byte, answer []byte) error
	// ForgetOnce forgets a request that was begun and has no answer: nothing was done.
	ForgetOnce(ctx context.Context, id [32]byte) error
}

// OnceRequest is a request that is to be done once.
type OnceRequest struct {
	// ID names it, and Body is a hash of what it asks.
	ID, Body [32]byte
	// At is the caller's clock, and Until when it is forgotten.
	At, Until time.Time
}

// OnceState is what is known of a request.
type OnceState struct {
	// Begun says that it was before; the others are of that time.
	Begun bool
	Body  [32]byte
	// Answer is empty until there is one.
	Answer []byte
}
