package store

import (
	"context"
	"time"
)

// Upkeep is what a running server writes beside its work. It leaves no audit row
// and no change in the feed.
type Upkeep interface {
	// RecordUses notes when and from where secrets were used. An earlier use never
	// replaces a later one, and a use of a secret that is gone is skipped.
	RecordUses(ctx context.Context, uses []SecretUse) error
	// Expire removes revocations and families that ended before the instant, answers
	// that were kept until then, and changes of the feed but the last KeptChanges; at
	// most limit rows of each. It returns how many rows it removed. Nothing is removed
	// that ends at the instant or later; what ended more than an hour before it is gone
	// once Expire has returned 0. A limit below one removes nothing. A thousand rows
	// keep other writes waiting for some milliseconds.
	Expire(ctx context.Context, before time.Time, limit int) (int, error)
}

// KeptChanges is how many changes the feed keeps at least.
const KeptChanges = 100_000

// SecretUse is the last use of a secret.
type SecretUse struct {
	// ClientID and Hash name the secret.
	ClientID string
	Hash     []byte
	At       time.Time
	// From is the address of the caller.
	From string
}
