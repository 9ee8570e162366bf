package admin

import (
	"context"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// RevokeKeyTokens ends every token of a key that was issued before an instant.
func (u *UseCases) RevokeKeyTokens(ctx context.Context, actor, clientID string, in TokenRevocation) (RevokedTokens, error) {
	at := u.now()
	before, err := in.instant(at)
	if err != nil {
		return RevokedTokens{}, err
	}
	key, err := u.Store.Client(ctx, clientID)
	if err != nil {
		return RevokedTokens{}, keyProblem(clientID, err)
	}
	err = u.write(ctx, actor, at, store.RevokeClientTokens{ID: clientID, Before: before})
	if err != nil {
		return RevokedTokens{}, keyProblem(clientID, err)
	}
	return RevokedTokens{later(key.NotBefore, before)}, nil
}

// RevokeAPITokens ends every token of the API with this id or audience that was
// issued before an instant.
func (u *UseCases) RevokeAPITokens(ctx context.Context, actor, idOrAudience string, in TokenRevocation) (RevokedTokens, error) {
	at := u.now()
	before, err := in.instant(at)
	if err != nil {
		return RevokedTokens{}, err
	}
	api, err := u.findAPI(ctx, idOrAudience)
	if err != nil {
		return RevokedTokens{}, err
	}
	err = u.write(ctx, actor, at, store.RevokeAPITokens{ID: api.ID, Before: before})
	if err != nil {
		return RevokedTokens{}, err
	}
	return RevokedTokens{later(api.NotBefore, before)}, nil
}

// RevokeAllTokens ends every token of this server that was issued before an
// instant.
func (u *UseCases) RevokeAllTokens(ctx context.Context, actor string, in TokenRevocation) (RevokedTokens, error) {
	at := u.now()
	before, err := in.instant(at)
	if err != nil {
		return RevokedTokens{}, err
	}
	set, err := u.Store.NotBefore(ctx)
	if err != nil {
		return RevokedTokens{}, storeProblem(err)
	}
	err = u.write(ctx, actor, at, store.RevokeAllTokens{Before: before})
	if err != nil {
		return RevokedTokens{}, err
	}
	return RevokedTokens{later(set, before)}, nil
}

// instant returns the instant before which tokens end. Tokens know when they
// were issued to the millisecond, so those of this one end with the next.
func (in TokenRevocation) instant(now time.Time) (time.Time, error) {
	next := now.Add(time.Millisecond)
	if in.Before == nil {
		return next, nil
	}
	before := in.Before.UTC().Truncate(time.Millisecond)
	if before.Before(*in.Before) {
		// A part of a millisecond ends all of it.
		before = before.Add(time.Millisecond)
	}
	const hint = "leave it out to end every token there is"
	if before.After(next) {
		return time.Time{}, invalid("before", "before is in the future", "it is "+now.Format(time.RFC3339)+" now; send an earlier time, or "+hint)
	}
	if before.Before(time.Unix(0, 0)) {
		return time.Time{}, invalid("before", "before is earlier than any token", hint)
	}
	return before, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
