package admin

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// APIChange asks for a change of an API. What is nil stays as it is. The audience
// cannot change: an API with another one is another API.
type APIChange struct {
	Mode *store.Mode `json:"mode,omitzero"`
	// Scopes, Parameters, Routes and ResourceServers replace all there are.
	Scopes               *[]string          `json:"scopes,omitzero"`
	Parameters           *map[string]string `json:"parameters,omitzero"`
	Routes               *[]Route           `json:"routes,omitzero"`
	TokenFormat          *store.TokenFormat `json:"token_format,omitzero"`
	Algorithm            *string            `json:"alg,omitzero"`
	Type                 *string            `json:"typ,omitzero"`
	AccessTokenLifetime  *Seconds           `json:"access_token_lifetime,omitzero"`
	RefreshTokenLifetime *Seconds           `json:"refresh_token_lifetime,omitzero"`
	// RefreshTokenIdleLifetime of zero takes that limit away.
	RefreshTokenIdleLifetime *Seconds  `json:"refresh_token_idle_lifetime,omitzero"`
	ResourceServers          *[]string `json:"resource_servers,omitzero"`
	// Force makes the change even if keys keep grants that mean nothing any more.
	Force bool `json:"force,omitzero"`
}

// KeyChange asks for a change of a key. What is nil stays as it is.
type KeyChange struct {
	Name *string `json:"name,omitzero"`
	// Owner that is empty takes it away.
	Owner *string     `json:"owner,omitzero"`
	Mode  *store.Mode `json:"mode,omitzero"`
	// Scopes, GrantTypes, AuthMethods, Origins and Networks replace all there are.
	Scopes      *[]string           `json:"scopes,omitzero"`
	GrantTypes  *[]oauth.GrantType  `json:"grant_types,omitzero"`
	AuthMethods *[]oauth.AuthMethod `json:"auth_methods,omitzero"`
	// JWKS replace all there are; an empty object takes them away, and the two after
	// them with it.
	JWKS                *jsontext.Value          `json:"jwks,omitzero"`
	AssertionAlgorithms *[]string                `json:"assertion_algorithms,omitzero"`
	AssertionAudience   *store.AssertionAudience `json:"assertion_audience,omitzero"`
	// AccessTokenLifetime of zero leaves it to the API.
	AccessTokenLifetime *Seconds         `json:"access_token_lifetime,omitzero"`
	RefreshRotation     *RefreshRotation `json:"refresh_rotation,omitzero"`
	Origins             *[]string        `json:"origins,omitzero"`
	Networks            *[]string        `json:"networks,omitzero"`
	// Zero takes a limit away.
	RequestsPerSecond *int `json:"requests_per_second,omitzero"`
	Burst             *int `json:"burst,omitzero"`
	TokensPerHour     *int `json:"tokens_per_hour,omitzero"`
	TokensPerDay      *int `json:"tokens_per_day,omitzero"`
	// Claims replace all there are; an empty object takes them away.
	Claims *jsontext.Value `json:"claims,omitzero"`
	// The zero time, 0001-01-01T00:00:00Z, takes a bound away; omitzero would leave
	// it out.
	ValidFrom  *time.Time `json:"valid_from,omitempty"`
	ValidUntil *time.Time `json:"valid_until,omitempty"`
	// Force makes the change even if grants that the key has mean nothing any more.
	Force bool `json:"force,omitzero"`
}
