package mirror

import (
	"crypto/subtle"
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
	// further holds the hashes after the first; nearly every key has one secret.
	further *[][hashSize]byte
	first   [hashSize]byte
	// created is in seconds since 1970.
	created uint32
	// lifetime is in seconds; zero leaves it to the API.
	lifetime uint32
	flags    flags
}

const hashSize = 32

type flags uint8

const (
	disabled flags = 1 << iota
	mayClientCredentials
	mayRefreshToken
	mayBasic
	mayPost
	hasSecret
)

// newClient makes the compact form of a record.
func newClient(record *store.Client, grants *scope.Grants) *Client {
	c := &Client{
		ID:       record.ID,
		Grants:   grants,
		created:  uint32(record.CreatedAt.Unix()),                  //nolint:gosec // good until 2106
		lifetime: uint32(record.AccessTokenLifetime / time.Second), //nolint:gosec // at most a day, checked when it is saved
	}
	if record.Disabled {
		c.flags |= disabled
	}
	for _, grant := range record.GrantTypes {
		c.flags |= grantFlag(grant)
	}
	for _, method := range record.AuthMethods {
		c.flags |= methodFlag(method)
	}
	for _, secret := range record.Secrets {
		if len(secret.Hash) != hashSize {
			continue
		}
		if c.flags&hasSecret == 0 {
			c.first = [hashSize]byte(secret.Hash)
			c.flags |= hasSecret
			continue
		}
		if c.further == nil {
			c.further = &[][hashSize]byte{}
		}
		*c.further = append(*c.further, [hashSize]byte(secret.Hash))
	}
	return c
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

// Matches reports in constant time whether the hash is that of one of the key's
// secrets. On a nil Client it does the same work and reports false.
func (c *Client) Matches(hash *[hashSize]byte) bool {
	var nobody Client
	record := c
	if record == nil {
		record = &nobody
	}
	found := record.matches(hash)
	return found && c != nil
}

func (c *Client) matches(hash *[hashSize]byte) bool {
	found := subtle.ConstantTimeCompare(c.first[:], hash[:])
	if c.further != nil {
		for i := range *c.further {
			found |= subtle.ConstantTimeCompare((*c.further)[i][:], hash[:])
		}
	}
	return found == 1 && c.flags&hasSecret != 0
}

// Disabled reports whether the key was disabled.
func (c *Client) Disabled() bool { return c.flags&disabled != 0 }

// AllowsGrant reports whether the key may use the grant.
func (c *Client) AllowsGrant(g oauth.GrantType) bool { return c.flags&grantFlag(g) != 0 }

// AllowsMethod reports whether the key may authenticate this way.
func (c *Client) AllowsMethod(m oauth.AuthMethod) bool { return c.flags&methodFlag(m) != 0 }

// Created is when the key was created, in whole seconds. What was issued before
// belongs to an earlier key of the same id.
func (c *Client) Created() time.Time { return time.Unix(int64(c.created), 0) }

// Lifetime is the key's own lifetime of access tokens; zero leaves it to the API.
func (c *Client) Lifetime() time.Duration { return time.Duration(c.lifetime) * time.Second }
