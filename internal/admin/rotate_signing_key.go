package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// ListSigningKeys returns all signing keys, the oldest first.
func (u *UseCases) ListSigningKeys(ctx context.Context) (Page[SigningKey], error) {
	_, statuses, err := u.signingKeys(ctx, u.now())
	if err != nil {
		return Page[SigningKey]{}, err
	}
	items := make([]SigningKey, 0, len(statuses))
	for _, status := range statuses {
		items = append(items, signingKeyFrom(status))
	}
	return Page[SigningKey]{Items: items}, nil
}

// RotateSigningKey makes a new signing key and returns it. It signs once every
// cache of the JWKS has it, or with Now at once.
func (u *UseCases) RotateSigningKey(ctx context.Context, actor string, in SigningKeyRotation) (SigningKey, error) {
	u.signing.Lock()
	defer u.signing.Unlock()
	at := u.now()
	apis, err := u.Store.APIs(ctx)
	if err != nil {
		return SigningKey{}, storeProblem(err)
	}
	records, statuses, err := u.signingKeys(ctx, at)
	if err != nil {
		return SigningKey{}, err
	}
	algorithm, err := algorithmToRotate(in.Algorithm, apis, statuses)
	if err != nil {
		return SigningKey{}, err
	}
	pending, waiting := pendingOf(algorithm, statuses)
	if waiting && !in.Now {
		return SigningKey{}, conflict("now", fmt.Sprintf("the new %s key %s is published already and signs from %s on",
			algorithm, pending.ID, pending.ActivatesAt.Format(time.RFC3339)), "wait until it does; now has yet another one sign at once")
	}
	activates := at.Add(u.Schedule.PublishAhead)
	if in.Now {
		activates = at
	}
	made, err := u.newSigningKey(algorithm, at, activates)
	if err != nil {
		return SigningKey{}, err
	}
	created := u.shown(append(records, made), made.ID, at)
	err = u.writeAnswered(ctx, actor, at, created, store.CreateSigningKey{SigningKey: made})
	if err != nil {
		return SigningKey{}, err
	}
	return created, nil
}

func (u *UseCases) newSigningKey(algorithm string, at, activates time.Time) (store.SigningKey, error) {
	made, err := u.Keys.New(algorithm, at, activates)
	if err != nil {
		return store.SigningKey{}, fmt.Errorf("make a signing key for %s: %w", algorithm, err)
	}
	return made, nil
}

// signingKeys returns the signing keys and how they are at an instant.
func (u *UseCases) signingKeys(ctx context.Context, at time.Time) ([]store.SigningKey, []keys.Status, error) {
	records, err := u.Store.SigningKeys(ctx)
	if err != nil {
		return nil, nil, storeProblem(err)
	}
	return records, u.Schedule.Statuses(records, at), nil
}

// shown returns one of the signing keys as it is at an instant.
func (u *UseCases) shown(records []store.SigningKey, id string, at time.Time) SigningKey {
	for _, status := range u.Schedule.Statuses(records, at) {
		if status.ID == id {
			return signingKeyFrom(status)
		}
	}
	return SigningKey{}
}
