package store

import "time"

// Position is a place in the change feed. The zero Position is before the
// first change.
type Position struct {
	// Seq is the number of a change, from 1 on without holes.
	Seq int64
	// Tag is random and belongs to this one change; a reader that remembers it
	// notices when history was replaced.
	Tag [16]byte
}

// Kind is what kind of record changed.
type Kind string

// The kinds of records in the feed.
const (
	KindAPI        Kind = "api"
	KindClient     Kind = "client"
	KindSigningKey Kind = "signing_key"
	// KindRevocation is one revocation; its id says all there is to it, see
	// ParseRevocation.
	KindRevocation Kind = "revocation"
	// KindNotBefore is the instant of RevokeAllTokens; there is one, with the id
	// "all".
	KindNotBefore Kind = "not_before"
	// KindOperator is a person who uses the console.
	KindOperator Kind = "operator"
)

// Change says that a record was created, changed or removed; its present state
// is in the record itself.
type Change struct {
	Position
	Kind Kind
	ID   string
	// FormerOwner is whose the key was that was removed or given to another one; empty
	// with any other change.
	FormerOwner string
}

// AuditRow is one row of the audit trail. Hash covers the row's own fields and
// Previous, the hash of the row before it (32 zero bytes for the first), so a
// row that is changed or removed later breaks the chain.
type AuditRow struct {
	// Seq is the number of the row, from 1 on without holes.
	Seq int64
	// At is when it happened, by the clock of the one who wrote.
	At time.Time
	// Actor is who did it.
	Actor string
	// Event is what was done, one of the Event constants.
	Event string
	// Kind and ID are of the record it was done to.
	Kind           Kind
	ID             string
	Previous, Hash [32]byte
}
