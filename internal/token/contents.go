package token

import (
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Kind is what kind of token something is, by the names of RFC 7009 §2.1.
type Kind string

// The kinds of tokens.
const (
	AccessToken  Kind = "access_token"
	RefreshToken Kind = "refresh_token"
)

// contents are what a token of ours says, once it was opened or verified.
type contents struct {
	kind     Kind
	clientID string
	scope    string
	audience []string
	// id is that of an access token; of a refresh token it has the family only.
	id identity
	// issued and expires are those of the token; a refresh token is judged by the
	// start of its family, too.
	issued, expires time.Time
	// keyID is the signing key of a JWT.
	keyID string
	mode  store.Mode
	// static are the static claims, each with a comma before it.
	static string
	// refresh is there for a refresh token.
	refresh *refreshHandle
	// first keeps the one audience that nearly every token has.
	first [1]string
}

// began is the time that is compared with the not-before instants.
func (c *contents) began() time.Time {
	if c.refresh != nil {
		return c.refresh.started
	}
	return c.issued
}

// revocation ends the token: an access token alone, a refresh token with its
// family.
func (c *contents) revocation() store.Revocation {
	if c.refresh != nil {
		return c.refresh.revocation()
	}
	return store.Revocation{ID: c.id.token, ExpiresAt: c.expires}
}

// setRefresh fills in what a refresh token says. Its audience is that of its
// scopes, as they are now.
func (c *contents) setRefresh(h *refreshHandle, apis APIs) {
	c.kind = RefreshToken
	c.refresh = h
	c.clientID = h.clientID
	c.scope = strings.Join(h.scopes, " ")
	c.id = identity{family: h.family, inFamily: true}
	c.issued, c.expires = h.issued, h.expires
	c.mode = h.mode
	index := apis.Scopes(h.mode)
	for _, scope := range h.scopes {
		owner, _, found := index.Find(scope)
		if found && !slices.Contains(c.audience, owner.Audience) {
			c.audience = append(c.audience, owner.Audience)
		}
	}
}
