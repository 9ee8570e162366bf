// Package token is the token endpoint: it authenticates the client, lets the
// grant say what may be had, narrows scope and audience, and issues the token.
// Each grant has a file of its own; what all grants share is in endpoint.go.
//
// It implements RFC 6749 §4.4, §5 and §6, RFC 8707 and, for the access tokens,
// RFC 9068. It opens no connection and writes no row.
package token
