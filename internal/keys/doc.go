// Package keys owns the signing keys and the master key: it generates, seals
// and opens them, signs with them, publishes them as a JWKS, and seals the
// handles that only this server reads. It does not know what a token says.
//
// It implements RFC 7515, RFC 7517, RFC 7518 and RFC 7638 as far as issuing
// needs them; what comes from outside is parsed and verified by go-jose.
package keys
