package token

import (
	"context"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/telemetry"
)

// grace is for how long a refresh token that was used may be presented again, by
// a client that lost the answer. It gets the same answer.
const grace = 10 * time.Second

// rotate uses up the refresh token that was presented, and returns when the one
// after it was made; without one, that is now. Two of the same token can never
// both go on: whoever comes too late ends the family.
//
// RFC 6749 §6: the refresh token may be replaced, and the old one revoked.
func (e *Endpoint) rotate(ctx context.Context, client *mirror.Client, allowed authorization, now time.Time) (time.Time, error) {
	if allowed.presented == nil {
		return now, nil
	}
	if !allowed.rotates {
		e.Metrics.Refresh(telemetry.RefreshKept)
		return now, nil
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	ending := allowed.presented.revocation()
	rotated, err := e.Families.Rotate(ctx, store.Rotation{
		Family:     allowed.presented.family,
		Generation: allowed.presented.generation,
		ExpiresAt:  ending.ExpiresAt,
		Grace:      grace,
		By:         origin(client, now),
	})
	if err != nil {
		e.Metrics.Refresh(telemetry.RefreshFailed)
		return time.Time{}, storeFailed("rotate a refresh token", err)
	}
	switch rotated.Outcome {
	case store.Renewed:
		e.Metrics.Refresh(telemetry.RefreshRenewed)
		return rotated.At, nil
	case store.Repeated:
		e.Metrics.Refresh(telemetry.RefreshRepeated)
		return rotated.At, nil
	case store.Reused:
		// RFC 6749 §10.4: a refresh token that is used twice is in two hands, and
		// nobody knows which is the right one.
		e.Directory.Revoke(ending)
		e.Metrics.Refresh(telemetry.RefreshReused)
		return time.Time{}, badRefreshToken("it was used before; its family is revoked now")
	case store.Revoked:
		e.Directory.Revoke(ending)
		e.Metrics.Refresh(telemetry.RefreshRevoked)
		return time.Time{}, badRefreshToken(familyRevoked.String())
	}
	return time.Time{}, fmt.Errorf("rotate a refresh token: unknown outcome %d", rotated.Outcome)
}
