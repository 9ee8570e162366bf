package admin

import (
	"time"

	"github.com/grantd/grantd/oauth"
)

// Explainer answers why requests would be granted or refused, by the rules of
// the endpoints themselves.
type Explainer interface {
	// ExplainRequest says what would become of a token request of the key. It is
	// false when there is no such key. GrantType and At are set, and Address is an
	// IP address or empty.
	ExplainRequest(clientID string, q ExplainQuestion) (Explanation, bool)
	// ExplainAccess says whether the token is good for a request to an API; an
	// empty audience means the only one of the token. No sentence holds a part of
	// the token.
	ExplainAccess(token, method, path, audience string) Explanation
}

// ExplainQuestion asks why a token request of a key, or a request to an API with a token,
// would be granted or refused.
type ExplainQuestion struct {
	// ClientID is the key whose token request is asked about; the members up to At
	// are for it.
	ClientID string `json:"client_id,omitempty"`
	// GrantType is client_credentials unless given.
	GrantType oauth.GrantType `json:"grant_type,omitempty"`
	// Scope is the scope parameter.
	Scope string `json:"scope,omitempty"`
	// Resources are the resource parameters.
	Resources []string `json:"resources,omitempty"`
	// Origin and Referer are the header fields.
	Origin  string `json:"origin,omitempty"`
	Referer string `json:"referer,omitempty"`
	// Address is the client's IP address; empty when it is not known.
	Address string `json:"address,omitempty"`
	// At is when; without it, now.
	At time.Time `json:"at,omitzero"`
	// Token is the access token of a request to an API.
	Token string `json:"token,omitempty"`
	// Method and Path are those of a request to an API: with the token, or with the one
	// that the key would get.
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	// Audience is the API; without it, the only one of the token.
	Audience string `json:"audience,omitempty"`
}

// Explanation says what would become of a request, and why.
type Explanation struct {
	Granted bool `json:"granted"`
	// Sentence sums it up.
	Sentence string `json:"sentence"`
	// Steps are the rules in the order in which they were looked at.
	Steps []ExplainedStep `json:"steps"`
	// Scopes and Audience are what the token would hold.
	Scopes   []string `json:"scopes,omitempty"`
	Audience []string `json:"audience,omitempty"`
}

// ExplainedStep is one rule and what it said.
type ExplainedStep struct {
	// Rule is its short name, such as scope or origin.
	Rule   string `json:"rule"`
	Passed bool   `json:"passed"`
	// Sentence says what was looked at and found.
	Sentence string `json:"sentence"`
}
