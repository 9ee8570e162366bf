package admin

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/store"
)

// Inspector reads the tokens of this server.
type Inspector interface {
	// Inspect says what a token says. Its Kind is empty when the token is none of
	// this server, or none that it can still read, and then Why is a sentence that
	// holds no part of it.
	Inspect(token string) Inspection
}

// TokenKind is what kind of token it is.
type TokenKind string

// The kinds of tokens, named as in RFC 7009.
const (
	AccessToken  TokenKind = "access_token"
	RefreshToken TokenKind = "refresh_token"
)

// Inspection is what a token says, and whether it is good for anything.
type Inspection struct {
	Kind TokenKind `json:"kind"`
	// Active says that it is accepted now.
	Active bool `json:"active"`
	// Why says why it is not; absent when it is.
	Why      string   `json:"why,omitempty"`
	ClientID string   `json:"client_id,omitempty"`
	Scope    string   `json:"scope,omitempty"`
	Audience []string `json:"aud,omitempty"`
	// ID is the jti of an access token.
	ID string `json:"jti,omitempty"`
	// Family is the family of a refresh token, or the one that an access token
	// came with.
	Family string `json:"family,omitempty"`
	// Mode is live or test.
	Mode store.Mode `json:"mode,omitempty"`
	// Claims are the static claims of the key when it was issued.
	Claims jsontext.Value `json:"claims,omitempty"`
	// KeyID is the kid of the key that signed it.
	KeyID     string    `json:"kid,omitempty"`
	IssuedAt  time.Time `json:"issued_at,omitzero"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// Header and Members are all that a JWT says, in the order of the names.
	Header  []TokenMember `json:"-"`
	Members []TokenMember `json:"-"`
	// Revocation is what is written to revoke it.
	Revocation store.Revocation `json:"-"`
}

// TokenMember is a member of the header or of the claims of a JWT; its value is JSON.
type TokenMember struct{ Name, Value string }

// RevokedToken is a token as it is now that it was to be revoked.
type RevokedToken struct {
	Inspection
	// Revoked says that it was; otherwise it had expired, and nothing was changed.
	Revoked bool `json:"revoked"`
}

// pastedToken carries a token in the body of a call: a path would be logged.
type pastedToken struct {
	Token string `json:"token"`
}
