package store

import "time"

// Policy is what the requests of a key must comply with, beside its scopes. The
// zero Policy allows everything.
type Policy struct {
	// Origins are the web origins that may use the key, such as
	// https://app.example.com, in ASCII and lower case; empty allows all, and
	// requests without one.
	Origins []string
	// Networks are the networks that may use it, in CIDR notation; empty allows all.
	Networks []string
	// ValidFrom and ValidUntil bound when it may be used, the latter exclusively;
	// a zero time sets no bound.
	ValidFrom, ValidUntil time.Time
	// RequestsPerSecond is how many requests it may make in the long run, and Burst
	// how many at once; zero sets no limit. A node counts for itself.
	RequestsPerSecond, Burst int
	// TokensPerHour and TokensPerDay are how many access tokens it may get in a
	// whole hour and a whole day of UTC; zero sets no limit. A node counts for
	// itself.
	TokensPerHour, TokensPerDay int
	// Claims are the static claims of its access tokens, a JSON object, kept byte
	// by byte; empty for none.
	Claims string
}
