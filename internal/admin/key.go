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
	AccessTokenLifetime Seconds   `json:"access_token_lifetime,omitzero"`
	Disabled            bool      `json:"disabled"`
	CreatedAt           time.Time `json:"created_at"`
	UpdatedAt           time.Time `json:"updated_at"`
}

// CreatedKey is a new key with its secret, which is shown here and never again.
type CreatedKey struct {
	Key
	ClientSecret string `json:"client_secret"`
}

// NewKey asks for a key. Empty members take their defaults.
type NewKey struct {
	// Name is for people. Required.
	Name string `json:"name"`
	// API is the audience or id of the API whose scopes are granted; empty
	// looks in all of them.
	API string `json:"api,omitempty"`
	// Scopes are granted as they stand: a template grants every value. Required.
	Scopes []string `json:"scopes"`
	// GrantTypes is client_credentials unless given.
	GrantTypes []oauth.GrantType `json:"grant_types,omitempty"`
	// AuthMethods is client_secret_basic and client_secret_post unless given.
	AuthMethods []oauth.AuthMethod `json:"auth_methods,omitempty"`
	// AccessTokenLifetime replaces the API's.
	AccessTokenLifetime Seconds `json:"access_token_lifetime,omitzero"`
	// ClientID and ClientSecret import an existing pair; both or none.
	ClientID     string `json:"client_id,omitempty"`
	ClientSecret string `json:"client_secret,omitempty"`
}

func keyFrom(c store.Client) Key {
	return Key{
		ClientID:            c.ID,
		Name:                c.Name,
		GrantTypes:          c.GrantTypes,
		AuthMethods:         c.AuthMethods,
		Scopes:              c.Scopes,
		AccessTokenLifetime: seconds(c.AccessTokenLifetime),
		Disabled:            c.Disabled,
		CreatedAt:           c.CreatedAt,
		UpdatedAt:           c.UpdatedAt,
	}
}
