package oauth

import "net/url"

// TokenRequest asks the token endpoint for an access token (RFC 6749 §4.4.2, §6).
// Its JSON encoding is the body that the JSON dialect of grantd reads; [TokenRequest.Form]
// is the encoding every OAuth 2.0 server reads.
type TokenRequest struct {
	// ClientID is the public id of the key. Leave it empty when the credentials
	// travel in Authorization: Basic (RFC 6749 §2.3.1).
	ClientID string `json:"client_id,omitempty"`
	// ClientSecret is the secret of the key. Leave it empty when the credentials
	// travel in Authorization: Basic (RFC 6749 §2.3.1).
	ClientSecret string `json:"client_secret,omitempty"`
	// GrantType is required: [ClientCredentials] or [RefreshToken] (RFC 6749 §4.4.2, §6).
	GrantType GrantType `json:"grant_type"`
	// RefreshToken is required with grant_type refresh_token and has no meaning
	// otherwise (RFC 6749 §6).
	RefreshToken string `json:"refresh_token,omitempty"`
	// Scope is a list of scopes, each separated by one space (RFC 6749 §3.3).
	// Empty asks for everything that was granted.
	Scope string `json:"scope,omitempty"`
	// Resource is the absolute URI of the API the token is for (RFC 8707 §2).
	// Empty means the API whose scopes are asked for.
	Resource string `json:"resource,omitempty"`
}

// Form returns the request as form parameters, to be sent as
// application/x-www-form-urlencoded (RFC 6749 §4.4.2). Empty fields are left out.
func (r TokenRequest) Form() url.Values {
	form := url.Values{}
	add := func(name, value string) {
		if value != "" {
			form.Set(name, value)
		}
	}
	add("client_id", r.ClientID)
	add("client_secret", r.ClientSecret)
	add("grant_type", string(r.GrantType))
	add("refresh_token", r.RefreshToken)
	add("scope", r.Scope)
	add("resource", r.Resource)
	return form
}
