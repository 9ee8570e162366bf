package store

import (
	"context"
	"time"
)

// Leases say which node does what only one of them should do.
//
// A lease is not a lock: its holder may be frozen while its time runs out and
// another node takes over. What must not be written then is written under the
// lease, with its fencing number. A holder begins to count the time by its own
// monotonic clock before it asks for the lease, and stops before the time is over.
type Leases interface {
	// AcquireLease gives the lease to the holder and returns it with a fencing
	// number higher than any that this name has had. ErrNotHolder when another
	// holder has it and its time is not over by the caller's clock, At. The holder
	// that has it gets it anew.
	AcquireLease(ctx context.Context, r LeaseRequest) (Lease, error)
	// RenewLease moves the end of the lease to the instant, if that is later, also
	// when its time was over. ErrNotHolder when a later lease of this name was given.
	RenewLease(ctx context.Context, l Lease, until time.Time) error
	// ReleaseLease ends the lease, so that another holder need not wait for its
	// time to be over. A lease that has been followed by a later one is left alone,
	// and that is no error.
	ReleaseLease(ctx context.Context, l Lease) error
	// WriteUnder is Write as long as no later lease of this name was given, which is
	// seen in the same transaction; ErrNotHolder otherwise, and nothing is changed.
	WriteUnder(ctx context.Context, l Lease, by Origin, mutations ...Mutation) (Position, error)
}

// LeaseRequest asks for a lease.
type LeaseRequest struct {
	// Name is what the lease is for.
	Name string
	// Holder is who asks; random, and never used by two.
	Holder NodeID
	// At is the caller's clock, and Until when the lease is to end.
	At, Until time.Time
}

// Lease is a lease that was given.
type Lease struct {
	Name string
	// Fence is the fencing number.
	Fence int64
}

// NodeID names one run of one process.
type NodeID [16]byte
