package usage

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// Kind is what a key was used for.
type Kind uint8

// The kinds of uses.
const (
	// Tokens are access tokens issued, also those for a refresh token.
	Tokens Kind = iota
	// Introspections are those that the key asked for.
	Introspections
	// Refreshes are tokens issued for a refresh token.
	Refreshes

	kinds
)

// Reason is why a request of a key was refused.
type Reason uint8

// The reasons.
const (
	WrongSecret Reason = iota
	ScopeRefused
	RateLimited
	// PolicyRefused: the origin, the network or the time was not one of the key's.
	PolicyRefused
	Disabled
	GrantNotAllowed
	Other

	reasons
)

// names are those of the reasons for programs.
func names() [reasons]string {
	return [...]string{"wrong_secret", "scope_refused", "rate_limited", "policy_refused", "disabled", "grant_not_allowed", "other"}
}

// String returns the name of the reason.
func (r Reason) String() string { return names()[min(r, Other)] }

// Counts is what one key was used for in some time.
type Counts struct {
	Uses     [kinds]uint64
	Failures [reasons]uint64
	// Recent are the latest failures, the last first, at most MaxRecent. What
	// Failures counts beyond them came from elsewhere.
	Recent []Failure
}

// MaxRecent is how many failures are kept apart.
const MaxRecent = 8

// Failure is a number of refusals for one reason from one address.
type Failure struct {
	Reason Reason
	// From is an address, or empty when it is not known.
	From  string
	Count uint64
	Last  time.Time
}

// Used reports whether the key got what it asked for at least once.
func (c *Counts) Used() bool { return c.Uses != [kinds]uint64{} }

// Add adds what was counted elsewhere, or at another time.
func (c *Counts) Add(o *Counts) {
	for i, n := range o.Uses {
		c.Uses[i] = sum(c.Uses[i], n)
	}
	for i, n := range o.Failures {
		c.Failures[i] = sum(c.Failures[i], n)
	}
	for _, failure := range o.Recent {
		c.addRecent(failure)
	}
	slices.SortFunc(c.Recent, func(a, b Failure) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason), strings.Compare(a.From, b.From))
	})
	c.Recent = c.Recent[:min(len(c.Recent), MaxRecent)]
}

func (c *Counts) addRecent(failure Failure) {
	at := slices.IndexFunc(c.Recent, func(f Failure) bool { return f.Reason == failure.Reason && f.From == failure.From })
	if at < 0 {
		c.Recent = append(c.Recent, failure)
		return
	}
	same := &c.Recent[at]
	same.Count = sum(same.Count, failure.Count)
	if failure.Last.After(same.Last) {
		same.Last = failure.Last
	}
}

// sum stays at the largest number rather than begin anew.
func sum(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}
