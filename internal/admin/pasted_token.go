package admin

import (
	"context"
	"fmt"
	"strings"

	"github.com/grantd/grantd/internal/store"
)

// maxTokenBytes is more than any token of ours has.
const maxTokenBytes = 16 << 10

// InspectToken says what a token says, and whether it is good for anything.
func (u *UseCases) InspectToken(_ context.Context, pasted string) (Inspection, error) {
	_, seen, err := u.inspect(pasted)
	return seen, err
}

// RevokeToken ends one access token, or the whole family of a refresh token. One
// that has expired is left as it is.
func (u *UseCases) RevokeToken(ctx context.Context, actor, pasted string) (RevokedToken, error) {
	token, seen, err := u.inspect(pasted)
	if err != nil {
		return RevokedToken{}, err
	}
	at := u.now()
	if !at.Before(seen.Revocation.ExpiresAt) {
		return RevokedToken{Inspection: seen}, nil
	}
	var mutation store.Mutation = store.RevokeToken{Revocation: seen.Revocation}
	if seen.Kind == RefreshToken {
		mutation = store.RevokeFamily{Revocation: seen.Revocation}
	}
	err = u.write(ctx, actor, at, mutation)
	if err != nil {
		return RevokedToken{}, err
	}
	return RevokedToken{Inspection: u.Tokens.Inspect(token), Revoked: true}, nil
}

// inspect reads a token as it was pasted. No error ever holds a part of it: the
// token may be good, and errors are logged.
func (u *UseCases) inspect(pasted string) (string, Inspection, error) {
	token := strings.TrimSpace(pasted)
	if token == "" {
		return "", Inspection{}, invalid("token", "the token is missing", "paste an access token or a refresh token")
	}
	if len(token) > maxTokenBytes {
		return "", Inspection{}, invalid("token", fmt.Sprintf("the token is longer than %d bytes", maxTokenBytes), "check that it is one token alone")
	}
	seen := u.Tokens.Inspect(token)
	if seen.Kind == "" {
		return "", Inspection{}, invalid("token", seen.Why, "check that it is one whole token alone, and that it came from this server")
	}
	return token, seen, nil
}
