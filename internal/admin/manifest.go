package admin

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// Manifest is what APIs and keys there are to be, as a file says it. A section
// that is nil is left alone.
type Manifest struct {
	APIs *[]ManifestAPI `json:"apis,omitzero"`
	Keys *[]ManifestKey `json:"keys,omitzero"`
}

// ManifestAPI is an API in a manifest; its audience says which. It is complete:
// what is left out has its default.
type ManifestAPI = NewAPI

// ManifestKey is a key in a manifest, without its secrets; its client id says
// which. It is complete: what is left out has its default.
type ManifestKey struct {
	// ClientID names the key. Required.
	ClientID string `json:"client_id"`
	// Name is for people. Required.
	Name string `json:"name"`
	// Owner is whose key it is: your own name of a customer, up to 128 bytes.
	Owner string `json:"owner,omitempty"`
	// Mode is live, the default, or test.
	Mode store.Mode `json:"mode,omitempty"`
	// Scopes are granted as they stand: a template grants every value. Required
	// unless the key is a resource server.
	Scopes []string `json:"scopes,omitempty"`
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
	// Disabled disables or enables the key. Without it the key stays as it is: a
	// file does not bring a key back that was disabled in a hurry.
	Disabled *bool `json:"disabled,omitzero"`
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
}

// Apply asks that the APIs and keys be as a manifest says.
type Apply struct {
	Manifest
	// DryRun plans and writes nothing.
	DryRun bool `json:"dry_run,omitzero"`
	// Prune deletes what is not in a section of the manifest that is there.
	Prune bool `json:"prune,omitzero"`
}

// Action is what is done to a record.
type Action string

// The actions.
const (
	ActionCreate Action = "create"
	ActionUpdate Action = "update"
	ActionDelete Action = "delete"
)

// Kind is what kind of record a planned change is about.
type Kind string

// The kinds of records in a manifest.
const (
	KindAPI Kind = "api"
	KindKey Kind = "key"
)

// Plan is what makes the APIs and keys as a manifest says: first what is deleted,
// then the rest in the order of the manifest.
type Plan struct {
	// Changes is empty when everything is so already.
	Changes []PlannedChange `json:"changes"`
	// Applied says that they were made.
	Applied bool `json:"applied"`
}

// PlannedChange is one change of a plan.
type PlannedChange struct {
	Action Action `json:"action"`
	Kind   Kind   `json:"kind"`
	// Name is the audience of the API, or the client id of the key.
	Name string `json:"name"`
	// Differences are what an update changes, sorted by field.
	Differences []Difference `json:"differences,omitempty"`
	// WithoutSecret says that the key needs a secret and has none, and cannot be used
	// until it is given one.
	WithoutSecret bool `json:"without_secret,omitzero"`
}

// Difference is one member that changes. From and To are for people: long values
// are cut.
type Difference struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}
