// Package policy decides what a key may do beside its scopes: from which web
// origins and networks, between which instants and how often it may be used, and
// which static claims its tokens carry. It also counts failed authentications.
//
// It does not know how a request arrives nor where a policy is kept. The fields
// that tell a client its limits are those of
// draft-ietf-httpapi-ratelimit-headers.
package policy
