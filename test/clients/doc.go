// Package clients holds no code but tests: published clients, unmodified, obtain
// tokens from the real binary, and verifiers that are not ours check them through
// the published key set. A client is judged by the token it got, never by its
// exit code.
package clients
