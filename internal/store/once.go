package store

import (
	"context"
	"time"
)

// Once finds the answers of requests that were done, see [KeepAnswer]. What they say is
// not a store's business.
type Once interface {
	// KeptAnswer returns what is kept of the request of this id. ErrNotFound when it was
	// not done, or when its time is over by then.
	KeptAnswer(ctx context.Context, id [32]byte, at time.Time) (KeepAnswer, error)
}

// KeepAnswer keeps the answer of a request with what the request changes, in the same
// Write: a request whose answer got lost can be sent again and is done once. ErrDone when
// there is an answer to a request of this id, unless its time is over; see [Upkeep] for when
// those are removed. It leaves no audit row and no change.
type KeepAnswer struct {
	// ID names the request, and Body is a hash of what it asks.
	ID, Body [32]byte
	Answer   []byte
	// Until is when it is forgotten.
	Until time.Time
}

func (KeepAnswer) mutation() {}

// Subject returns nothing: no record is changed.
func (KeepAnswer) Subject() (Kind, string) { return "", "" }

// Event returns nothing: there is no audit row.
func (KeepAnswer) Event() string { return "" }
