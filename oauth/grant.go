package oauth

// GrantType is the value of the grant_type parameter (RFC 6749 §4).
type GrantType string

// The grant types grantd knows.
const (
	// ClientCredentials obtains a token in the client's own name (RFC 6749 §4.4).
	ClientCredentials GrantType = "client_credentials"
	// RefreshToken obtains a new access token for an earlier grant (RFC 6749 §6).
	RefreshToken GrantType = "refresh_token"
)

// AuthMethod is how a client proves who it is at the token endpoint, by the
// names registered for token_endpoint_auth_method (RFC 7591 §2).
type AuthMethod string

// The client authentication methods grantd knows.
const (
	// ClientSecretBasic sends id and secret in the Authorization header (RFC 6749 §2.3.1).
	ClientSecretBasic AuthMethod = "client_secret_basic"
	// ClientSecretPost sends id and secret in the request body (RFC 6749 §2.3.1).
	ClientSecretPost AuthMethod = "client_secret_post"
	// PrivateKeyJWT sends a JWT that the client signs with a key of its own (RFC 7523 §2.2).
	PrivateKeyJWT AuthMethod = "private_key_jwt"
)

// JWTBearerAssertion is the client_assertion_type of a JWT (RFC 7523 §2.2).
const JWTBearerAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" //nolint:gosec // G101: a name, not a credential

// TokenType is the value of token_type (RFC 6749 §7.1).
type TokenType string

// Bearer is the token type of RFC 6750; grantd always spells it this way,
// because several clients compare it exactly.
const Bearer TokenType = "Bearer"
