package admin

import "time"

// TokenRevocation asks to end every token that was issued before an instant.
type TokenRevocation struct {
	// Before is the instant, which cannot be in the future; without it, every
	// token there is now.
	Before *time.Time `json:"before,omitempty"`
}

// RevokedTokens says which tokens have ended.
type RevokedTokens struct {
	// TokensNotBefore is the instant in force: every token that was issued before
	// it has ended. It is later than the one that was asked for when one that had
	// been set before is.
	TokensNotBefore time.Time `json:"tokens_not_before"`
}
