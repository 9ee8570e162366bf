package oauth

// TokenResponse is the successful answer of the token endpoint (RFC 6749 §5.1).
// The members are written in this order.
type TokenResponse struct {
	// AccessToken is the token; treat it as opaque.
	AccessToken string `json:"access_token"`
	// TokenType is [Bearer].
	TokenType TokenType `json:"token_type"`
	// ExpiresIn is the lifetime in seconds from now, never a point in time.
	ExpiresIn int64 `json:"expires_in"`
	// RefreshToken is there only when the key may use the refresh_token grant.
	RefreshToken string `json:"refresh_token,omitempty"`
	// Scope is the space-delimited set that was granted, in request order.
	Scope string `json:"scope,omitempty"`
}
