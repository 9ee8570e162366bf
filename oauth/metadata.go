package oauth

// Metadata describes an authorization server (RFC 8414 §2).
type Metadata struct {
	// Issuer is the server's identifier, compared character by character.
	Issuer string `json:"issuer"`
	// AuthorizationEndpoint is the URL where flows begin that need a browser. RFC 8414 §2
	// wants it only of servers that have such a flow, but many clients want it of all.
	AuthorizationEndpoint string `json:"authorization_endpoint,omitempty"`
	// TokenEndpoint is the URL that issues tokens.
	TokenEndpoint string `json:"token_endpoint"`
	// RevocationEndpoint is the URL that ends tokens before their time (RFC 7009 §2).
	RevocationEndpoint string `json:"revocation_endpoint,omitempty"`
	// IntrospectionEndpoint is the URL that says whether a token is good (RFC 7662 §2).
	IntrospectionEndpoint string `json:"introspection_endpoint,omitempty"`
	// JWKSURI is the URL of the signing keys (RFC 7517 §5).
	JWKSURI string `json:"jwks_uri"`
	// ResponseTypesSupported is empty, not absent: grantd has no flow that needs a
	// browser, and RFC 8414 §2 requires the member.
	ResponseTypesSupported []string `json:"response_types_supported"`
	// GrantTypesSupported lists the grants of the token endpoint.
	GrantTypesSupported []GrantType `json:"grant_types_supported"`
	// TokenEndpointAuthMethodsSupported lists how clients may authenticate.
	TokenEndpointAuthMethodsSupported []AuthMethod `json:"token_endpoint_auth_methods_supported"`
	// TokenEndpointAuthSigningAlgValuesSupported lists the algorithms with which clients
	// may sign what they authenticate with.
	TokenEndpointAuthSigningAlgValuesSupported []string `json:"token_endpoint_auth_signing_alg_values_supported,omitempty"`
	// RevocationEndpointAuthMethodsSupported lists the same for revocation.
	RevocationEndpointAuthMethodsSupported []AuthMethod `json:"revocation_endpoint_auth_methods_supported,omitempty"`
	// RevocationEndpointAuthSigningAlgValuesSupported lists the algorithms for revocation.
	RevocationEndpointAuthSigningAlgValuesSupported []string `json:"revocation_endpoint_auth_signing_alg_values_supported,omitempty"`
	// IntrospectionEndpointAuthMethodsSupported lists the same for introspection.
	IntrospectionEndpointAuthMethodsSupported []AuthMethod `json:"introspection_endpoint_auth_methods_supported,omitempty"`
	// IntrospectionEndpointAuthSigningAlgValuesSupported lists the algorithms for introspection.
	IntrospectionEndpointAuthSigningAlgValuesSupported []string `json:"introspection_endpoint_auth_signing_alg_values_supported,omitempty"`
	// IntrospectionSigningAlgValuesSupported lists the algorithms of introspection
	// responses that are asked for as a JWT (RFC 9701 §7).
	IntrospectionSigningAlgValuesSupported []string `json:"introspection_signing_alg_values_supported,omitempty"`
	// SubjectTypesSupported and IDTokenSigningAlgValuesSupported are required of OpenID
	// providers (OpenID Connect Discovery 1.0, section 3). grantd issues no ID tokens; clients that
	// read such documents take none without these members.
	SubjectTypesSupported            []string `json:"subject_types_supported,omitempty"`
	IDTokenSigningAlgValuesSupported []string `json:"id_token_signing_alg_values_supported,omitempty"`
}
