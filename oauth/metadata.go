package oauth

// Metadata describes an authorization server (RFC 8414 §2).
type Metadata struct {
	// Issuer is the server's identifier, compared character by character.
	Issuer string `json:"issuer"`
	// TokenEndpoint is the URL that issues tokens.
	TokenEndpoint string `json:"token_endpoint"`
	// JWKSURI is the URL of the signing keys (RFC 7517 §5).
	JWKSURI string `json:"jwks_uri"`
	// ResponseTypesSupported is empty, not absent: grantd has no authorization
	// endpoint, and RFC 8414 §2 requires the member.
	ResponseTypesSupported []string `json:"response_types_supported"`
	// GrantTypesSupported lists the grants of the token endpoint.
	GrantTypesSupported []GrantType `json:"grant_types_supported"`
	// TokenEndpointAuthMethodsSupported lists how clients may authenticate.
	TokenEndpointAuthMethodsSupported []AuthMethod `json:"token_endpoint_auth_methods_supported"`
}
