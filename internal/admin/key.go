package admin

import (
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// Key is an API key, as it is shown.
type Key struct {
	ClientID    string             `json:"client_id"`
	Name        string             `json:"name"`
	GrantTypes  []oauth.GrantType  `json:"grant_types"`
	AuthMethods []oauth.AuthMethod `json:"auth_methods"`
	Scopes      []string           `json:"scopes"`
	// AccessTokenLifetime is absent when the API decides.
	AccessTokenLifetime Seconds         `json:"access_token_lifetime,omitzero"`
	RefreshRotation     RefreshRotation `json:"refresh_rotation"`
	Secrets             []Secret        `json:"secrets"`
	// TokensNotBefore is the instant before which every token of it has ended;
	// absent when none was revoked that way.
	TokensNotBefore time.Time `json:"tokens_not_before,omitzero"`
	Disabled        bool      `json:"disabled"`
	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
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
	// AuthMethods is client_secret_basic and client_secret_post unless given.
	AuthMethods []oauth.AuthMethod `json:"auth_methods,omitempty"`
	// AccessTokenLifetime replaces the API's.
	AccessTokenLifetime Seconds `json:"access_token_lifetime,omitzero"`
	// RefreshRotation is on unless given.
	RefreshRotation RefreshRotation `json:"refresh_rotation,omitempty"`
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
	rotation := RotationOn
	if c.KeepsRefreshTokens {
		rotation = RotationOff
	}
	return Key{
		ClientID:            c.ID,
		Name:                c.Name,
		GrantTypes:          c.GrantTypes,
		AuthMethods:         c.AuthMethods,
		Scopes:              c.Scopes,
		AccessTokenLifetime: seconds(c.AccessTokenLifetime),
		RefreshRotation:     rotation,
		Secrets:             secretsFrom(c.Secrets, now),
		TokensNotBefore:     c.NotBefore,
		Disabled:            c.Disabled,
		CreatedAt:           c.CreatedAt,
		UpdatedAt:           c.UpdatedAt,
	}
}
