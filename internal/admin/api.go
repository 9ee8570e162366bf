package admin

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Seconds is a lifetime on the wire.
type Seconds int64

// Duration returns the lifetime as a duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

func seconds(d time.Duration) Seconds { return Seconds(d / time.Second) }

// API is a resource server, as it is shown.
type API struct {
	ID                   string            `json:"id"`
	Audience             string            `json:"audience"`
	Scopes               []string          `json:"scopes"`
	TokenFormat          store.TokenFormat `json:"token_format"`
	Algorithm            string            `json:"alg"`
	Type                 string            `json:"typ"`
	AccessTokenLifetime  Seconds           `json:"access_token_lifetime"`
	RefreshTokenLifetime Seconds           `json:"refresh_token_lifetime"`
	// RefreshTokenIdleLifetime is absent when there is no such limit.
	RefreshTokenIdleLifetime Seconds `json:"refresh_token_idle_lifetime,omitzero"`
	// ResourceServers are the client ids of the keys that may introspect its tokens.
	ResourceServers []string `json:"resource_servers"`
	// TokensNotBefore is the instant before which every token of it has ended;
	// absent when none was revoked that way.
	TokensNotBefore time.Time `json:"tokens_not_before,omitzero"`
	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
}

// NewAPI asks for an API. Empty members take their defaults.
type NewAPI struct {
	// Audience is the absolute URI in the aud claim. Required.
	Audience string `json:"audience"`
	// Scopes is the catalogue. Required.
	Scopes []string `json:"scopes"`
	// TokenFormat is jwt, the default, or opaque.
	TokenFormat store.TokenFormat `json:"token_format,omitempty"`
	// Algorithm signs its tokens; the default is ES256.
	Algorithm string `json:"alg,omitempty"`
	// Type is the typ header of its JWTs: at+jwt, the default, or JWT.
	Type string `json:"typ,omitempty"`
	// AccessTokenLifetime is 3600 unless given.
	AccessTokenLifetime Seconds `json:"access_token_lifetime,omitzero"`
	// RefreshTokenLifetime is 30 days unless given.
	RefreshTokenLifetime Seconds `json:"refresh_token_lifetime,omitzero"`
	// RefreshTokenIdleLifetime is within what time a refresh token must be used;
	// without it there is no such limit.
	RefreshTokenIdleLifetime Seconds `json:"refresh_token_idle_lifetime,omitzero"`
	// ResourceServers are the client ids of the keys that may introspect its tokens.
	ResourceServers []string `json:"resource_servers,omitempty"`
}

func apiFrom(a store.API) API {
	return API{
		ID:                       a.ID,
		Audience:                 a.Audience,
		Scopes:                   a.Scopes,
		TokenFormat:              a.TokenFormat,
		Algorithm:                a.Algorithm,
		Type:                     a.Type,
		AccessTokenLifetime:      seconds(a.AccessTokenLifetime),
		RefreshTokenLifetime:     seconds(a.RefreshTokenLifetime),
		RefreshTokenIdleLifetime: seconds(a.RefreshTokenIdleLifetime),
		ResourceServers:          a.ResourceServers,
		TokensNotBefore:          a.NotBefore,
		CreatedAt:                a.CreatedAt,
		UpdatedAt:                a.UpdatedAt,
	}
}
