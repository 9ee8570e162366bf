package admin

import (
	"context"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// RetireSecret ends the secret with this name or id, now or at a time to come.
// One that still seems to be needed it ends only by force.
func (u *UseCases) RetireSecret(ctx context.Context, actor, clientID, nameOrID string, in Retirement) (RetiredSecret, error) {
	at := u.now()
	end, err := parseEnd(at, "at", in.At, "in", in.In)
	if err != nil {
		return RetiredSecret{}, err
	}
	err = checkUnusedFor(in.UnusedFor)
	if err != nil {
		return RetiredSecret{}, err
	}
	// From the look at the other secrets to the write: of two that are retired at
	// once, the second must see that the first is gone.
	u.secrets.Lock()
	defer u.secrets.Unlock()
	err = u.flush(ctx)
	if err != nil {
		return RetiredSecret{}, err
	}
	key, err := u.Store.Client(ctx, clientID)
	if err != nil {
		return RetiredSecret{}, keyProblem(clientID, err)
	}
	i := findSecret(key.Secrets, nameOrID)
	if i < 0 {
		return RetiredSecret{}, notFound("secret", nameOrID, "list the secrets of the key to see their names")
	}
	err = checkRetirement(key, i, at, end, in)
	if err != nil {
		return RetiredSecret{}, err
	}
	return u.retire(ctx, actor, clientID, key.Secrets[i], at, end)
}

// retire removes the secret, or with an end has it expire then.
func (u *UseCases) retire(ctx context.Context, actor, clientID string, s store.Secret, at, end time.Time) (RetiredSecret, error) {
	var mutation store.Mutation = store.RemoveSecret{ClientID: clientID, ID: s.ID}
	if !end.IsZero() {
		mutation = store.SetSecretExpiry{ClientID: clientID, ID: s.ID, ExpiresAt: end}
		s.ExpiresAt = end
	}
	err := u.write(ctx, actor, at, mutation)
	if err != nil {
		return RetiredSecret{}, keyProblem(clientID, err)
	}
	return RetiredSecret{Secret: secretFrom(s, at), Removed: end.IsZero()}, nil
}
