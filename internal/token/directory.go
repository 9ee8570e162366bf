package token

import (
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

// Directory is what this node knows: nothing in it opens a connection.
type Directory interface {
	Keys
	APIs
	Endings
	// Staleness is how old the answers may be.
	Staleness() time.Duration
}

// Keys finds keys.
type Keys interface {
	// Client returns the key with this client id, or nil.
	Client(id string) *mirror.Client
}

// APIs finds APIs.
type APIs interface {
	// API returns the API with this audience, or nil.
	API(audience string) *mirror.API
	// Scopes is the index of the catalogues of all APIs of the mode.
	Scopes(mode store.Mode) *scope.Index[*mirror.API]
	// ServedBy returns the first API that the key is a resource server of, or nil.
	ServedBy(clientID string) *mirror.API
}

// Endings knows what has ended before its time.
type Endings interface {
	// NotBefore is the instant before which every token was ended; zero when none
	// was.
	NotBefore() time.Time
	// Revoked reports whether the token or the family was revoked.
	Revoked(id store.TokenID) bool
	// Revoke applies a revocation on this node at once.
	Revoke(r store.Revocation)
}
