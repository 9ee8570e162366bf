package token

import (
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

// flaw is why a token of ours is not good; zero while it is.
type flaw int

// The flaws.
const (
	sound flaw = iota
	expired
	unused
	keyDeleted
	keyDisabled
	tokenRevoked
	familyRevoked
	endedWithKey
	endedWithAPI
	endedWithAll
	apiUnknown
	outsideOfValidity
	otherModeOfKey
	testAtLive
	liveAtTest
)

// flaw judges what was read.
//
// RFC 7662 §4: every check that applies to the token is made: it has not expired,
// it was not revoked, and it was issued by us.
func (r *Reader) flaw(c *contents, now time.Time) flaw {
	d := r.Directory
	client := d.Client(c.clientID)
	switch {
	case client == nil:
		return keyDeleted
	case client.Disabled():
		return keyDisabled
	case !client.Policy.Valid(now):
		return outsideOfValidity
	// What was tried out with a test key does not become live with it, nor the other way.
	case client.Mode() != c.mode:
		return otherModeOfKey
	case !now.Before(c.expires):
		return expired
	case c.refresh != nil && c.refresh.idle > 0 && !now.Before(c.refresh.issued.Add(c.refresh.idle)):
		return unused
	case c.id.inFamily && d.Revoked(c.id.family):
		return familyRevoked
	case c.refresh == nil && d.Revoked(c.id.token):
		return tokenRevoked
	}
	return r.ended(c, client)
}

// ended judges by the instants that end everything from before them. A key that
// was deleted and made again is another one: its instant is its creation.
func (r *Reader) ended(c *contents, client *mirror.Client) flaw {
	began := c.began()
	if began.Before(r.Directory.NotBefore()) {
		return endedWithAll
	}
	if began.Before(client.NotBefore()) {
		return endedWithKey
	}
	for _, audience := range c.audience {
		api := r.Directory.API(audience)
		if api == nil {
			return apiUnknown
		}
		if began.Before(api.NotBefore) {
			return endedWithAPI
		}
		if api.Mode != c.mode {
			return otherMode(c.mode)
		}
	}
	return sound
}

// otherMode is the flaw of a token whose API has the other mode by now.
func otherMode(mode store.Mode) flaw {
	if mode == store.Test {
		return testAtLive
	}
	return liveAtTest
}

// issueTime is the time that a token issued now bears. It is no earlier than the
// instants that end older tokens, so that a new token is never dead.
func issueTime(now time.Time, d Directory, client *mirror.Client, apis []*mirror.API) time.Time {
	at := later(now, d.NotBefore())
	at = later(at, client.NotBefore())
	for _, api := range apis {
		at = later(at, api.NotBefore)
	}
	return at
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// String says what is wrong, for operators and the log.
func (f flaw) String() string {
	switch f {
	case sound:
		return "nothing is wrong with it"
	case expired:
		return "it has expired"
	case unused:
		return "it was not used in time"
	case keyDeleted:
		return "its key was deleted"
	case keyDisabled:
		return "its key is disabled"
	case tokenRevoked:
		return "it was revoked"
	case familyRevoked:
		return "the family of its refresh token was revoked"
	case endedWithKey:
		return "it was issued before all tokens of its key were revoked, or before its key was made"
	case endedWithAPI:
		return "it was issued before all tokens of its API were revoked"
	case endedWithAll:
		return "it was issued before all tokens were revoked"
	case apiUnknown:
		return "its API is unknown"
	case outsideOfValidity:
		return "its key is not valid now, by its policy"
	case otherModeOfKey:
		return "its key had the other mode when it was issued"
	case testAtLive:
		return "it is a test token and its API is live; get a token with a live key"
	case liveAtTest:
		return "it is a live token and its API is a test API; get a token with a test key"
	}
	return "unknown"
}
