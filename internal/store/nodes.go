package store

import (
	"context"
	"time"
)

// Nodes keeps what the nodes say of themselves. It leaves no audit row and no change
// in the feed.
type Nodes interface {
	// ReportNode stores what a node says, in place of what it said before, and removes
	// those that have said nothing since the instant. A Name or a Version that is no text
	// is ErrInvalid.
	ReportNode(ctx context.Context, r NodeReport, silentSince time.Time) error
	// RemoveNode removes what a node has said. One that has said nothing is no error.
	RemoveNode(ctx context.Context, node NodeID) error
	// Nodes returns what all nodes have said last, those that began first in front;
	// those that began at once by their id.
	Nodes(ctx context.Context) ([]NodeReport, error)
}

// NodeReport is what a node says of itself. Times are by its own clock.
type NodeReport struct {
	// Node is one run of the process.
	Node NodeID
	// Name is for people: that of the machine.
	Name, Version string
	// StartedAt is when the node began, ReportedAt when it said this.
	StartedAt, ReportedAt time.Time
	// Staleness is how old what it knows may be.
	Staleness time.Duration
	// Keys is how many keys it knows.
	Keys int64
	// Period is what the numbers after it are about, up to ReportedAt.
	Period time.Duration
	// Tokens and Failures are token requests that got one, and that did not.
	Tokens, Failures int64
	// Mean and P99 are how long token requests took, in microseconds at the finest; zero
	// when there was none.
	Mean, P99 time.Duration
}
