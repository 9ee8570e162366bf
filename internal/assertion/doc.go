// Package assertion knows the JWTs with which keys authenticate: what public keys an
// operator may register for one, whether a JWT is signed with such a key, and whether
// its claims are those of an assertion that is good here and now.
//
// It knows no HTTP and no store, and it does not know which assertions were used
// before; it says from when on and until when each of them can be.
//
// It implements RFC 7523 §3 for client authentication, and the audience of
// draft-ietf-oauth-rfc7523bis.
package assertion
