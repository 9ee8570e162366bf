// Package clientauth answers who is calling: it reads the client's credentials
// from a request, compares them with the key's record, and refuses unknown ids
// and wrong secrets alike. Which methods are allowed comes from the record. It
// also knows the hashes of other servers, and when each secret was used last. What
// a JWT must be to prove the same is in package assertion.
//
// It implements RFC 6749 §2.3, the Basic scheme of RFC 7617 and RFC 7521 §4.2.
package clientauth
