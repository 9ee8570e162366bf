package admin

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// Key is an API key, as it is shown.
type Key struct {
	ClientID string `json:"client_id"`
	Name     string `json:"name"`
	// Owner is whose key it is: your own name of a customer; absent without one.
	Owner string `json:"owner,omitempty"`
	// Mode is live or test: that of the APIs whose tokens it can get.
	Mode        store.Mode         `json:"mode"`
	GrantTypes  []oauth.GrantType  `json:"grant_types"`
	AuthMethods []oauth.AuthMethod `json:"auth_methods"`
	// JWKS are the public keys that its assertions are signed with; absent unless it
	// authenticates with private_key_jwt.
	JWKS jsontext.Value `json:"jwks,omitzero"`
	// AssertionAlgorithms are those it may sign with; absent when its keys decide.
	AssertionAlgorithms []string `json:"assertion_algorithms,omitempty"`
	// AssertionAudience is issuer or issuer_or_token_endpoint: who its assertions may be
	// made out to.
	AssertionAudience store.AssertionAudience `json:"assertion_audience,omitempty"`
	Scopes            []string                `json:"scopes"`
	// AccessTokenLifetime is absent when the API decides.
	AccessTokenLifetime Seconds         `json:"access_token_lifetime,omitzero"`
	RefreshRotation     RefreshRotation `json:"refresh_rotation"`
	// Origins are the web origins that may use the key, such as
	// https://app.example.com; without them every request may.
	Origins []string `json:"origins,omitempty"`
	// Networks are the networks that may use it, such as 192.0.2.0/24; without them
	// all may.
	Networks []string `json:"networks,omitempty"`
	// RequestsPerSecond is how many requests it may make in the long run, and Burst
	// how many at once; zero sets no limit.
	RequestsPerSecond int `json:"requests_per_second,omitzero"`
	Burst             int `json:"burst,omitzero"`
	// TokensPerHour and TokensPerDay are how many access tokens it may get; zero
	// sets no limit.
	TokensPerHour int `json:"tokens_per_hour,omitzero"`
	TokensPerDay  int `json:"tokens_per_day,omitzero"`
	// Claims are the static claims of its access tokens, a JSON object.
	Claims jsontext.Value `json:"claims,omitzero"`
	// ValidFrom and ValidUntil bound when it may be used; absent without a bound.
	ValidFrom  time.Time `json:"valid_from,omitzero"`
	ValidUntil time.Time `json:"valid_until,omitzero"`
	Secrets    []Secret  `json:"secrets"`
	// LastUsedAt is when one of its secrets was used last, up to a minute ago; absent
	// when none that it still has ever was.
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
	// TokensNotBefore is the instant before which every token of it has ended;
	// absent when none was revoked that way.
	TokensNotBefore time.Time `json:"tokens_not_before,omitzero"`
	Disabled        bool      `json:"disabled"`
	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
	// Version names the state of what an update can change; see UpdateKeyIf.
	Version string `json:"-"`
}

// CreatedKey is a new key with its secret, which is shown here and never again.
type CreatedKey struct {
	Key
	// ClientSecret is absent when the secret was imported.
	ClientSecret string `json:"client_secret,omitempty"`
}

// RefreshRotation says whether each use of a refresh token gives a new one.
type RefreshRotation string

// The settings of the rotation.
const (
	RotationOn  RefreshRotation = "on"
	RotationOff RefreshRotation = "off"
)

// NewKey asks for a key. Empty members take their defaults.
type NewKey struct {
	// Name is for people. Required.
	Name string `json:"name"`
	// Owner is whose key it is: your own name of a customer, up to 128 bytes.
	Owner string `json:"owner,omitempty"`
	// Mode is live, the default, or test.
	Mode store.Mode `json:"mode,omitempty"`
	// API is the audience or id of the API whose scopes are granted; empty
	// looks in all of them.
	API string `json:"api,omitempty"`
	// Scopes are granted as they stand: a template grants every value. Required
	// unless the key is a resource server.
	Scopes []string `json:"scopes"`
	// ResourceServerOf names the APIs, by audience or id, whose tokens it may
	// introspect.
	ResourceServerOf []string `json:"resource_server_of,omitempty"`
	// GrantTypes is client_credentials unless given.
	GrantTypes []oauth.GrantType `json:"grant_types,omitempty"`
	// AuthMethods is client_secret_basic and client_secret_post unless given, and
	// private_key_jwt with JWKS, which goes with no other.
	AuthMethods []oauth.AuthMethod `json:"auth_methods,omitempty"`
	// JWKS are the public keys that its assertions are signed with, a JWK set or one JWK.
	JWKS jsontext.Value `json:"jwks,omitzero"`
	// AssertionAlgorithms are those it may sign with; without them all that its keys can.
	AssertionAlgorithms []string `json:"assertion_algorithms,omitempty"`
	// AssertionAudience is issuer, the default, or issuer_or_token_endpoint.
	AssertionAudience store.AssertionAudience `json:"assertion_audience,omitempty"`
	// AccessTokenLifetime replaces the API's.
	AccessTokenLifetime Seconds `json:"access_token_lifetime,omitzero"`
	// RefreshRotation is on unless given.
	RefreshRotation RefreshRotation `json:"refresh_rotation,omitempty"`
	// Origins are the web origins that may use the key, such as
	// https://app.example.com; without them every request may.
	Origins []string `json:"origins,omitempty"`
	// Networks are the networks that may use it, such as 192.0.2.0/24; without them
	// all may.
	Networks []string `json:"networks,omitempty"`
	// RequestsPerSecond is how many requests it may make in the long run, and Burst
	// how many at once; zero sets no limit.
	RequestsPerSecond int `json:"requests_per_second,omitzero"`
	Burst             int `json:"burst,omitzero"`
	// TokensPerHour and TokensPerDay are how many access tokens it may get; zero
	// sets no limit.
	TokensPerHour int `json:"tokens_per_hour,omitzero"`
	TokensPerDay  int `json:"tokens_per_day,omitzero"`
	// Claims are the static claims of its access tokens, a JSON object.
	Claims jsontext.Value `json:"claims,omitzero"`
	// ValidFrom and ValidUntil bound when it may be used, the latter exclusively.
	ValidFrom  *time.Time `json:"valid_from,omitempty"`
	ValidUntil *time.Time `json:"valid_until,omitempty"`
	// ClientID imports an existing pair, together with ClientSecret or
	// ClientSecretHash, the hash that another server made of it as a PHC string.
	ClientID         string `json:"client_id,omitempty"`
	ClientSecret     string `json:"client_secret,omitempty"`
	ClientSecretHash string `json:"client_secret_hash,omitempty"`
	// SecretExpiresAt or SecretExpiresIn is when its secret ends; without either
	// it never does.
	SecretExpiresAt *time.Time `json:"secret_expires_at,omitempty"`
	SecretExpiresIn Seconds    `json:"secret_expires_in,omitzero"`
}

func keyFrom(c store.Client, now time.Time) Key {
	return Key{
		ClientID:            c.ID,
		Name:                c.Name,
		Owner:               c.Owner,
		Mode:                c.Mode,
		GrantTypes:          c.GrantTypes,
		AuthMethods:         c.AuthMethods,
		JWKS:                objectFrom(c.Assertions.JWKS),
		AssertionAlgorithms: c.Assertions.Algorithms,
		AssertionAudience:   c.Assertions.Audience,
		Scopes:              c.Scopes,
		AccessTokenLifetime: seconds(c.AccessTokenLifetime),
		RefreshRotation:     rotationOf(c),
		Origins:             c.Policy.Origins,
		Networks:            c.Policy.Networks,
		RequestsPerSecond:   c.Policy.RequestsPerSecond,
		Burst:               c.Policy.Burst,
		TokensPerHour:       c.Policy.TokensPerHour,
		TokensPerDay:        c.Policy.TokensPerDay,
		Claims:              objectFrom(c.Policy.Claims),
		ValidFrom:           c.Policy.ValidFrom,
		ValidUntil:          c.Policy.ValidUntil,
		Secrets:             secretsFrom(c.Secrets, now),
		LastUsedAt:          lastUse(c.Secrets),
		TokensNotBefore:     c.NotBefore,
		Disabled:            c.Disabled,
		CreatedAt:           c.CreatedAt,
		UpdatedAt:           c.UpdatedAt,
		Version:             versionOf(keyFields(c)),
	}
}

func lastUse(secrets []store.Secret) time.Time {
	var last time.Time
	for _, s := range secrets {
		if s.LastUsedAt.After(last) {
			last = s.LastUsedAt
		}
	}
	return last
}

// objectFrom is a JSON object that was kept as text.
func objectFrom(text string) jsontext.Value {
	if text == "" {
		return nil
	}
	return jsontext.Value(text)
}
