package store

// Assertions say how a key authenticates with JWTs that it signs itself. The zero
// Assertions are those of a key that does not.
type Assertions struct {
	// JWKS are the public keys, a JWK set in JSON, kept byte by byte; empty for none.
	JWKS string
	// Algorithms are those it may sign with, by their JWA names; empty leaves that to
	// its keys.
	Algorithms []string
	// Audience is who the assertions may be made out to; empty is the issuer alone.
	Audience AssertionAudience
}

// AssertionAudience is who an assertion may be made out to.
type AssertionAudience string

// The audiences.
const (
	// IssuerAudience is the issuer, and nobody else.
	IssuerAudience AssertionAudience = "issuer"
	// IssuerOrEndpointAudience is the issuer, or the URL of the token endpoint.
	IssuerOrEndpointAudience AssertionAudience = "issuer_or_token_endpoint"
)
