package store

import (
	"context"
	"time"
)

// Search reads parts of long lists. It looks at a bounded number of records a call,
// so a page may be short, or empty, and have another after it.
type Search interface {
	// FindClients returns at most Limit keys that the query asks for, in its order.
	FindClients(ctx context.Context, q ClientQuery) (FoundClients, error)
	// FindAuditRows returns at most Limit rows that the query asks for, the latest
	// first by their At; those of the same instant by their number.
	FindAuditRows(ctx context.Context, q AuditQuery) (FoundAuditRows, error)
	// EndingSecrets returns at most limit secrets of enabled keys that end at the first
	// instant or later and before the second, the soonest first.
	EndingSecrets(ctx context.Context, from, before time.Time, limit int) ([]KeySecret, error)
	// LastingSecrets returns at most limit secrets of enabled live keys that never end
	// and were created before the instant, the oldest first.
	LastingSecrets(ctx context.Context, createdBefore time.Time, limit int) ([]KeySecret, error)
}

// KeySecret is a secret with the key that it is of.
type KeySecret struct {
	ClientID, ClientName string
	// Name is that of the secret. ExpiresAt is zero when it never ends.
	Name                 string
	CreatedAt, ExpiresAt time.Time
}

// ClientOrder is the order of a list of keys.
type ClientOrder string

// The orders. Keys that are alike in what is ordered come in the byte order of their
// ids, after Newest in the reverse.
const (
	ByID ClientOrder = "id"
	// ByName takes capital ASCII letters for small ones.
	ByName ClientOrder = "name"
	// Newest is by when they were created, the latest first.
	Newest ClientOrder = "newest"
	// LongestUnused is by the day of UTC on which they were used last, as far as usage
	// is merged; those that never were come first.
	LongestUnused ClientOrder = "unused"
)

// ClientQuery asks for keys. What is empty asks for nothing.
type ClientQuery struct {
	Order ClientOrder
	// After is where a page begins: Next of the one before.
	After ClientPlace
	// Prefix is how the ids, or with ByName the names, begin; no other order takes it.
	Prefix string
	// Contains is in the name, the id or the owner; ASCII letters in either case.
	Contains string
	// Owner is whose they are; only ByID takes it.
	Owner string
	Mode  Mode
	// Disabled and Expired say whether they are; nil asks for both.
	Disabled, Expired *bool
	// At is when they are expired, see [Client.ExpiredAt].
	At time.Time
	// UsedFrom and UsedBefore bound the day of their last use, the latter exclusively;
	// a key that was never used was used before all days.
	UsedFrom, UsedBefore time.Time
	// CreatedBefore bounds when they were created, exclusively.
	CreatedBefore time.Time
	Limit         int
}

// ClientPlace is a place in a list of keys: what the list is ordered by, and an id. After
// LongestUnused the Number is a day of UTC since 1970, and zero without a use. The zero
// ClientPlace is before the first.
type ClientPlace struct {
	Name   string
	Number int64
	ID     string
}

// FoundClients is a part of a list of keys.
type FoundClients struct {
	Clients []Client
	// Places are theirs in the list, one for each.
	Places []ClientPlace
	// Next is where the list goes on; zero at its end.
	Next ClientPlace
}

// AuditQuery asks for rows of the audit trail. What is empty asks for nothing.
type AuditQuery struct {
	After AuditPlace
	Actor string
	Event string
	// Kind and ID are of the record; ID goes with a Kind only.
	Kind Kind
	ID   string
	// From and To bound At, the latter exclusively.
	From, To time.Time
	Limit    int
}

// AuditPlace is a place in the audit trail. The zero AuditPlace is before the latest
// row.
type AuditPlace struct {
	At  int64
	Seq int64
}

// FoundAuditRows is a part of the audit trail.
type FoundAuditRows struct {
	Rows []AuditRow
	// Next is where the list goes on; zero at its end.
	Next AuditPlace
}

// ExpiredAt reports whether nobody can use the key any more at the instant: its
// policy has ended, or each of its secrets has.
func (c Client) ExpiredAt(at time.Time) bool {
	end := c.Policy.ValidUntil
	if !end.IsZero() && !at.Before(end) {
		return true
	}
	for _, s := range c.Secrets {
		if s.ExpiresAt.IsZero() || at.Before(s.ExpiresAt) {
			return false
		}
	}
	return len(c.Secrets) > 0
}
