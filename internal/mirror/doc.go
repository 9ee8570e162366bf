// Package mirror is what a node knows by heart: every key, API, scope and
// revocation, kept in memory and brought up to date by the change feed of the
// store. Reading it takes no lock and no query; a token request reads nothing
// else. A sealed snapshot of it is where the next start begins.
//
// It does not know HTTP, and of secrets only their hashes.
package mirror
