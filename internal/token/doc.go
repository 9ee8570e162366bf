// Package token is the token endpoint, revocation and introspection: it
// authenticates the client, lets the grant say what may be had, narrows scope
// and audience, issues tokens, and says later whether one of them is still good.
// Each grant has a file of its own; what all grants share is in endpoint.go.
//
// It implements RFC 6749 §4.4, §5 and §6, RFC 7009, RFC 7662, RFC 8707, RFC 9068
// and RFC 9701. It writes no row for a token: only a rotation and a revocation do.
package token
