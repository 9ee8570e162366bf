package server

import (
	"github.com/go-json-experiment/json/jsontext"

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
	out := admin.Inspection{
		Kind:       admin.TokenKind(seen.Kind),
		Active:     seen.Active,
		Why:        seen.Why,
		ClientID:   seen.ClientID,
		Scope:      seen.Scope,
		Audience:   seen.Audience,
		ID:         seen.ID,
		Family:     seen.Family,
		Mode:       seen.Mode,
		KeyID:      seen.KeyID,
		IssuedAt:   seen.IssuedAt,
		ExpiresAt:  seen.ExpiresAt,
		Header:     members(seen.Header),
		Members:    members(seen.Members),
		Revocation: seen.Revocation,
	}
	if seen.Claims != "" {
		out.Claims = jsontext.Value(seen.Claims)
	}
	return out
}

func members(list []token.Member) []admin.TokenMember {
	var shown []admin.TokenMember
	for _, m := range list {
		shown = append(shown, admin.TokenMember(m))
	}
	return shown
}
