package server

import (
	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/token"
)

// inspector shows operators what the endpoints know about a token.
type inspector struct {
	reader *token.Reader
}

// Inspect says what a token says.
func (i inspector) Inspect(text string) admin.Inspection {
	seen := i.reader.Inspect(text)
	return admin.Inspection{
		Kind:       admin.TokenKind(seen.Kind),
		Active:     seen.Active,
		Why:        seen.Why,
		ClientID:   seen.ClientID,
		Scope:      seen.Scope,
		Audience:   seen.Audience,
		ID:         seen.ID,
		Family:     seen.Family,
		KeyID:      seen.KeyID,
		IssuedAt:   seen.IssuedAt,
		ExpiresAt:  seen.ExpiresAt,
		Revocation: seen.Revocation,
	}
}
