package keys

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Schedule says when the keys of an algorithm take over from each other.
type Schedule struct {
	// PublishAhead is how long a key is in the JWKS before it signs: until every
	// verifier has fetched a set that holds it.
	PublishAhead time.Duration
	// RotateEvery is how long a key signs.
	RotateEvery time.Duration
	// Retain is how long a key stays in the JWKS after it has signed last: the
	// longest lifetime of a token, and twice what clocks may be apart.
	Retain time.Duration
	// MaxAge is how long verifiers may keep the JWKS.
	MaxAge time.Duration
}

// State is where a signing key is in its life. It follows from the clock; no
// write is needed to go from one to the next.
type State string

// The states of a signing key, in order; a key of any state can be revoked.
const (
	// StatePending: published, but does not sign yet.
	StatePending State = "pending"
	// StateActive: signs.
	StateActive State = "active"
	// StateRetiring: published for the sake of the tokens that it signed.
	StateRetiring State = "retiring"
	// StateGone: its last token has expired.
	StateGone State = "gone"
	// StateRevoked: nothing it signed is valid, and it is not published.
	StateRevoked State = "revoked"
)

// Status is a signing key as the schedule sees it. A time that does not apply,
// or is not known yet, is zero.
type Status struct {
	ID        string
	Algorithm string
	State     State
	CreatedAt time.Time
	// ActivatesAt is from when on it signs.
	ActivatesAt time.Time
	// RetiresAt is when the next key takes over.
	RetiresAt time.Time
	// GoneAt is when it leaves the JWKS.
	GoneAt    time.Time
	RevokedAt time.Time
}

// Statuses returns the state of each key at an instant, in the order of the
// records.
//
// Of an algorithm's keys the last one to be activated is active, and exactly one
// is: while no key's time has come, the first signs, because there is nothing
// else to sign with. A revoked key counts as if it had never been: its revocation
// can make the others stay longer, never shorter.
func (s Schedule) Statuses(records []store.SigningKey, at time.Time) []Status {
	order := make([]int, len(records))
	for i := range records {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return byActivation(records[a], records[b]) })
	statuses := make([]Status, len(records))
	// previous is the last key of each algorithm, on the way through all in the
	// order in which they are activated.
	previous := map[string]*Status{}
	for _, i := range order {
		record, status := records[i], &statuses[i]
		*status = Status{
			ID:          record.ID,
			Algorithm:   record.Algorithm,
			State:       StateActive,
			CreatedAt:   record.CreatedAt,
			ActivatesAt: activation(record),
			RevokedAt:   record.RevokedAt,
		}
		if !record.RevokedAt.IsZero() {
			status.State = StateRevoked
			continue
		}
		before := previous[record.Algorithm]
		previous[record.Algorithm] = status
		if before == nil {
			continue
		}
		before.RetiresAt = status.ActivatesAt
		before.GoneAt = status.ActivatesAt.Add(s.Retain)
		switch {
		case at.Before(before.RetiresAt):
			status.State = StatePending
		case at.Before(before.GoneAt):
			before.State = StateRetiring
		default:
			before.State = StateGone
		}
	}
	return statuses
}

// activation is from when on a key signs. A release that does not know that keys
// wait leaves ActivatesAt empty: the key signs from its creation on.
func activation(record store.SigningKey) time.Time {
	if record.ActivatesAt.Before(record.CreatedAt) {
		return record.CreatedAt
	}
	return record.ActivatesAt
}

// byActivation orders keys by when they sign.
func byActivation(a, b store.SigningKey) int {
	return cmp.Or(
		activation(a).Compare(activation(b)),
		a.CreatedAt.Compare(b.CreatedAt),
		strings.Compare(a.ID, b.ID),
	)
}
