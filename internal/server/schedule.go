package server

import (
	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// longestToken is how long an access token may be found good, by clocks that are
// apart.
const longestToken = store.LongestAccessToken + store.ClockSkew

// scheduleOf says when signing keys replace each other.
func scheduleOf(c config.Config) keys.Schedule {
	return keys.Schedule{
		// A node that has lost its store serves the JWKS it knows for as long as it
		// issues tokens, and verifiers keep that one for the maximum age.
		PublishAhead: c.SigningKeys.JWKSMaxAge + c.MaxStaleness,
		RotateEvery:  c.SigningKeys.RotateEvery,
		// And as long it may sign with the key that the others have replaced.
		Retain: longestToken + c.MaxStaleness,
		MaxAge: c.SigningKeys.JWKSMaxAge,
	}
}
