package mirror

import (
	"math"
	"time"

	"github.com/grantd/grantd/internal/assertion"
	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// Client is a key as a token request sees it, taken out of the table for that request.
// It never changes: a change of the key puts another one in its place.
type Client struct {
	// ID is the client_id.
	ID string
	// Grants is what the key was granted; keys with equal grants share it.
	Grants *scope.Grants
	// Policy is what its requests must comply with beside that; nil for nearly every
	// key, which then complies.
	Policy *policy.Rules
	// further is what nearly no key has.
	further *further
	// first is a secret that we made and that never expires: nearly every key has
	// one of those and no other.
	first [hashSize]byte
	stamp stamp
}

// further is what takes up no room in a plain key.
type further struct {
	secrets
	// lifetime replaces the API's; zero leaves it.
	lifetime time.Duration
	// policy is what the rules were made of; empty without any.
	policy written
	// keys are what its assertions are signed with; nil when it may not use any.
	// assertions are what they were made of.
	keys       *assertion.Keys
	assertions store.Assertions
}

func (c *Client) more() *further {
	if c.further == nil {
		c.further = &further{}
	}
	return c.further
}

// setKeys makes the keys ready to verify with. Nothing is signed with those of a
// record that cannot be read.
func (f *further) setKeys(a store.Assertions) {
	keys, err := assertion.Compile(a)
	if err != nil || keys == nil {
		keys = assertion.None()
	}
	f.keys, f.assertions = keys, a
}

// stamp is the instant before which the key's tokens were revoked, in
// milliseconds since 1970, above the flags.
type stamp int64

const (
	flagBits = 8
	// lastInstant is the latest that a stamp can hold.
	lastInstant = math.MaxInt64 >> flagBits
)

func (s stamp) instant() int64 { return int64(s) >> flagBits }

func (s stamp) has(f flags) bool { return flags(s&(1<<flagBits-1))&f != 0 }

func (s *stamp) set(f flags) { *s |= stamp(f) }

func (s *stamp) setInstant(ms int64) {
	*s = stamp(min(ms, lastInstant)<<flagBits) | *s&(1<<flagBits-1)
}

type flags uint8

const (
	disabled flags = 1 << iota
	mayClientCredentials
	mayRefreshToken
	mayBasic
	mayPost
	keepsRefreshTokens
	hasFirst
	isTest
)

// newClient makes the compact form of a record.
func newClient(record *store.Client, grants *scope.Grants, rules *policy.Rules) *Client {
	c := &Client{ID: record.ID, Grants: grants, Policy: rules}
	c.stamp.setInstant(later(record.CreatedAt, record.NotBefore).UnixMilli())
	if record.AccessTokenLifetime != 0 {
		c.more().lifetime = record.AccessTokenLifetime.Truncate(time.Second)
	}
	if rules != nil {
		c.more().policy = writePolicy(&record.Policy)
	}
	if record.Disabled {
		c.stamp.set(disabled)
	}
	if record.KeepsRefreshTokens {
		c.stamp.set(keepsRefreshTokens)
	}
	if record.Mode == store.Test {
		c.stamp.set(isTest)
	}
	for _, grant := range record.GrantTypes {
		c.stamp.set(grantFlag(grant))
	}
	for _, method := range record.AuthMethods {
		c.stamp.set(methodFlag(method))
		if method == oauth.PrivateKeyJWT {
			c.more().setKeys(record.Assertions)
		}
	}
	for i := range record.Secrets {
		c.addSecret(&record.Secrets[i])
	}
	return c
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// continues takes over from the key of the same id that was there before, which
// may be nil: what it had revoked, whatever history the store has now, and what
// its limits have counted.
func (c *Client) continues(old *Client) {
	if old == nil {
		return
	}
	c.stamp.setInstant(max(c.stamp.instant(), old.stamp.instant()))
	c.Policy.Continue(old.Policy)
}

// written is the policy as it was written down.
func (c *Client) written() written {
	if c.further == nil {
		return ""
	}
	return c.further.policy
}

// policy is Policy, and nil for a nil Client.
func (c *Client) policy() *policy.Rules {
	if c == nil {
		return nil
	}
	return c.Policy
}

func grantFlag(g oauth.GrantType) flags {
	switch g {
	case oauth.ClientCredentials:
		return mayClientCredentials
	case oauth.RefreshToken:
		return mayRefreshToken
	}
	return 0
}

func methodFlag(m oauth.AuthMethod) flags {
	switch m {
	case oauth.ClientSecretBasic:
		return mayBasic
	case oauth.ClientSecretPost:
		return mayPost
	case oauth.PrivateKeyJWT:
		// It takes keys, and whoever has those may.
	}
	return 0
}

// Disabled reports whether the key was disabled.
func (c *Client) Disabled() bool { return c.stamp.has(disabled) }

// AllowsGrant reports whether the key may use the grant.
func (c *Client) AllowsGrant(g oauth.GrantType) bool { return c.stamp.has(grantFlag(g)) }

// AllowsMethod reports whether the key may authenticate this way.
func (c *Client) AllowsMethod(m oauth.AuthMethod) bool {
	if m == oauth.PrivateKeyJWT {
		return c.Keys() != nil
	}
	return c.stamp.has(methodFlag(m))
}

// Keys are what the key's assertions are signed with; nil, as for a nil Client,
// when it may not authenticate with any.
func (c *Client) Keys() *assertion.Keys {
	if c == nil || c.further == nil {
		return nil
	}
	return c.further.keys
}

// KeepsRefreshTokens reports whether the key's refresh tokens can be used until
// they expire.
func (c *Client) KeepsRefreshTokens() bool { return c.stamp.has(keepsRefreshTokens) }

// NotBefore is when the key was created, or the instant before which its tokens
// were revoked, whichever is later. What was issued before belongs to an earlier
// key of the same id, or has been revoked.
func (c *Client) NotBefore() time.Time { return time.UnixMilli(c.stamp.instant()).UTC() }

// Lifetime is the key's own lifetime of access tokens; zero leaves it to the API.
func (c *Client) Lifetime() time.Duration {
	if c.further == nil {
		return 0
	}
	return c.further.lifetime
}

// Mode is that of the APIs whose tokens the key may get.
func (c *Client) Mode() store.Mode {
	if c.stamp.has(isTest) {
		return store.Test
	}
	return store.Live
}
