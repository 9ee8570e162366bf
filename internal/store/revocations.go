package store

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// TokenID names an access token, or a family of refresh tokens. It holds enough
// randomness never to be given twice.
type TokenID [16]byte

// Revocation ends the token or the family with this id before its time.
type Revocation struct {
	ID TokenID
	// ExpiresAt is when the token or the family would have ended anyway; the
	// revocation is forgotten some time after it. It is the same in every
	// revocation of one id.
	ExpiresAt time.Time
}

// String returns the revocation in the form in which the feed and the audit
// trail name it: the id in base64url, a dot, and ExpiresAt in milliseconds since
// 1970.
func (r Revocation) String() string {
	return base64.RawURLEncoding.EncodeToString(r.ID[:]) + "." + strconv.FormatInt(r.ExpiresAt.UnixMilli(), 10)
}

var errRevocation = errors.New("not the name of a revocation")

// ParseRevocation reads what [Revocation.String] wrote.
func ParseRevocation(text string) (Revocation, error) {
	id, expires, _ := strings.Cut(text, ".")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(id)
	if err != nil || len(raw) != len(TokenID{}) {
		return Revocation{}, errRevocation
	}
	ms, err := strconv.ParseInt(expires, 10, 64)
	if err != nil {
		return Revocation{}, errRevocation
	}
	return Revocation{ID: TokenID(raw), ExpiresAt: time.UnixMilli(ms).UTC()}, nil
}

// Revocations reads what has been revoked.
type Revocations interface {
	// Revocations returns at most limit revocations, beginning after the given
	// one, in an order of the engine's own in which none is left out; the zero
	// Revocation begins at the first.
	Revocations(ctx context.Context, after Revocation, limit int) ([]Revocation, error)
	// NotBefore returns the instant before which every token was revoked by
	// RevokeAllTokens; the zero time when none was.
	NotBefore(ctx context.Context) (time.Time, error)
}
