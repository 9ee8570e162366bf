// Package keys owns the signing keys and the master keys: it generates, seals
// and opens them, knows which one signs when, signs and verifies with them,
// publishes them as a JWKS, and seals the handles that only this server reads. It
// does not know what a token says, nor who writes the keys down.
//
// It implements RFC 7515, RFC 7517, RFC 7518, RFC 7638 and RFC 8725 as far as it
// needs them; what comes from outside is parsed and verified by go-jose.
package keys
