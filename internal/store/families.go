package store

import (
	"context"
	"time"
)

// Families keeps what refresh tokens cannot say themselves: which generation of
// a family is the last. A family has a row from its first rotation on.
type Families interface {
	// Rotate makes the next generation of a family, unless the generation that is
	// presented is not its last one. It decides and writes in one transaction:
	// however many present the same generation at once, one of them gets Renewed,
	// and what it wrote survives a crash once it has returned.
	//
	// A rotation that ends in Reused revokes the family, with one row in the audit
	// trail (EventFamilyReused) and one change in the feed. Every other outcome
	// leaves neither.
	Rotate(ctx context.Context, r Rotation) (Rotated, error)
	// RestoreFamilies brings families to the generations given, for a database that was
	// put back to an earlier state. One that is at this generation or a later one stays
	// as it is. It leaves no audit row and no change.
	RestoreFamilies(ctx context.Context, families []Family) error
}

// Family is how far a family of refresh tokens has come.
type Family struct {
	ID         TokenID
	ExpiresAt  time.Time
	Generation int64
	// RotatedAt is when the generation was made.
	RotatedAt time.Time
}

// Rotation presents one generation of a family.
type Rotation struct {
	// Family is presented with Generation, which is 0 for the first token of it.
	Family     TokenID
	Generation int64
	// ExpiresAt is when the family ends; the same in every rotation of it. The
	// caller refuses tokens from then on: once Expire has removed a family, its
	// first generation would be new again.
	ExpiresAt time.Time
	// Grace is for how long the generation before the last one may be presented
	// again.
	Grace time.Duration
	// By says who presents it and when.
	By Origin
}

// ClockSkew is how far the clocks of two nodes may be apart.
const ClockSkew = time.Minute

// Rotated is how a rotation ended.
type Rotated struct {
	Outcome RotationOutcome
	// At is when the generation after the presented one was made: now for Renewed,
	// then for Repeated, zero otherwise.
	At time.Time
}

// RotationOutcome is what a rotation came to.
type RotationOutcome int

// The outcomes of a rotation.
const (
	// Renewed: the presented generation was the last; the next one is made.
	Renewed RotationOutcome = iota + 1
	// Repeated: the presented generation is one behind, and the last one was made
	// no longer ago than Grace, and no more than ClockSkew after By.At.
	Repeated
	// Reused: any other generation was presented, or one of a family without a row
	// that is not its first. The family is revoked now.
	Reused
	// Revoked: the family had been revoked before; nothing is written.
	Revoked
)
