package mirror

import (
	"time"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// Client is a key as a token request sees it. It never changes: a change of the
// key puts another Client in its place.
type Client struct {
	// ID is the client_id.
	ID string
	// Grants is what the key was granted; keys with equal grants share it.
	Grants *scope.Grants
	// further holds the secrets that first does not; nearly every key has one that
	// we made and that never expires.
	further *secrets
	first   [hashSize]byte
	// notBefore is in milliseconds since 1970.
	notBefore int64
	// lifetime is in seconds; zero leaves it to the API.
	lifetime uint32
	flags    flags
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
)

// newClient makes the compact form of a record.
func newClient(record *store.Client, grants *scope.Grants) *Client {
	c := &Client{
		ID:        record.ID,
		Grants:    grants,
		notBefore: later(record.CreatedAt, record.NotBefore).UnixMilli(),
		lifetime:  uint32(record.AccessTokenLifetime / time.Second), //nolint:gosec // at most a day, checked when it is saved
	}
	if record.Disabled {
		c.flags |= disabled
	}
	if record.KeepsRefreshTokens {
		c.flags |= keepsRefreshTokens
	}
	for _, grant := range record.GrantTypes {
		c.flags |= grantFlag(grant)
	}
	for _, method := range record.AuthMethods {
		c.flags |= methodFlag(method)
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

// keepRevoked keeps what the key of the same id in the table before had revoked,
// whatever history the store has now. The table may be nil.
func (c *Client) keepRevoked(before *table) {
	if before == nil {
		return
	}
	old := before.get(c.ID)
	if old != nil {
		c.notBefore = max(c.notBefore, old.notBefore)
	}
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
	}
	return 0
}

// Disabled reports whether the key was disabled.
func (c *Client) Disabled() bool { return c.flags&disabled != 0 }

// AllowsGrant reports whether the key may use the grant.
func (c *Client) AllowsGrant(g oauth.GrantType) bool { return c.flags&grantFlag(g) != 0 }

// AllowsMethod reports whether the key may authenticate this way.
func (c *Client) AllowsMethod(m oauth.AuthMethod) bool { return c.flags&methodFlag(m) != 0 }

// KeepsRefreshTokens reports whether the key's refresh tokens can be used until
// they expire.
func (c *Client) KeepsRefreshTokens() bool { return c.flags&keepsRefreshTokens != 0 }

// NotBefore is when the key was created, or the instant before which its tokens
// were revoked, whichever is later. What was issued before belongs to an earlier
// key of the same id, or has been revoked.
func (c *Client) NotBefore() time.Time { return time.UnixMilli(c.notBefore).UTC() }

// Lifetime is the key's own lifetime of access tokens; zero leaves it to the API.
func (c *Client) Lifetime() time.Duration { return time.Duration(c.lifetime) * time.Second }
