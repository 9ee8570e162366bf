package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Replay remembers what can be used once: the assertions and proofs by which
// requests show who has sent them.
type Replay interface {
	// Use notes that something is used. Of all calls with the same Kind, Owner, ID and
	// Until, on all nodes, at most one returns nil, whatever crashes between them. The
	// others answer ErrUsed, or a *ForgottenError when what was used before a crash is
	// not known any more. ErrUnavailable and ErrUnknown leave open whether it was noted;
	// the caller refuses what it could not have noted. With the same Kind, Owner and ID
	// and another Until, a call that begins after the first one has returned answers
	// ErrUsed, too.
	//
	// Use is ErrInvalid when Until is more than LongestUse after At. The caller refuses
	// by itself what is used before From or from Until on.
	Use(ctx context.Context, u OneTime) error
	// ForgetUsed makes room by dropping what has ended by the instant. Call it once a
	// minute; what can still be used is never dropped.
	ForgetUsed(ctx context.Context, now time.Time) error
}

// OneTime is something that can be used once.
type OneTime struct {
	// Kind keeps apart what has nothing to do with each other.
	Kind UseKind
	// Owner is the key it belongs to, and ID what the owner calls it.
	Owner, ID string
	// At is when it is used, by the clock of the node.
	At time.Time
	// From and Until are since when and until when it can be used, by the same clock.
	From, Until time.Time
}

// UseKind is a kind of thing that can be used once.
type UseKind string

// UsedAssertion is the kind of a JWT by which a key authenticates.
const UsedAssertion UseKind = "assertion"

// What operators sign in with once: a one-time code, and the challenge of a passkey.
const (
	UsedCode      UseKind = "operator code"
	UsedChallenge UseKind = "operator challenge"
)

// LongestUse is the longest time that something can be used for.
const LongestUse = 8 * time.Minute

// ErrUsed says that something was used before.
var ErrUsed = errors.New("used before")

// ForgottenError says that what can have been used before an instant may have been,
// as far as anybody still knows.
type ForgottenError struct {
	// Until is that instant. What can be used from then on only is taken.
	Until time.Time
}

// Error says so.
func (e *ForgottenError) Error() string {
	return fmt.Sprintf("what was used before %s is not known any more", e.Until.UTC().Format(time.RFC3339))
}
