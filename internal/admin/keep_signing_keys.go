package admin

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/store"
)

// systemActor stands in the audit trail for what the server does by itself.
const systemActor = "system"

// KeepSigningKeys makes a new signing key for each algorithm whose own has
// served its time, and removes those of which no token can be alive. It can be
// called as often as one likes; most calls write nothing. It writes under the lease,
// so that two nodes do not both make one.
func (u *UseCases) KeepSigningKeys(ctx context.Context, lease store.Lease) error {
	u.signing.Lock()
	defer u.signing.Unlock()
	at := u.now()
	// Nobody is asking, so errors go to the log as they are.
	records, err := u.Store.SigningKeys(ctx)
	if err != nil {
		return fmt.Errorf("read the signing keys: %w", err)
	}
	statuses := u.Schedule.Statuses(records, at)
	var mutations []store.Mutation
	for _, algorithm := range due(statuses, u.Schedule.RotateEvery, at) {
		made, err := u.newSigningKey(algorithm, at, at.Add(u.Schedule.PublishAhead))
		if err != nil {
			return err
		}
		mutations = append(mutations, store.CreateSigningKey{SigningKey: made})
	}
	for _, id := range spent(statuses, u.Schedule, at) {
		mutations = append(mutations, store.DeleteSigningKey{ID: id})
	}
	if len(mutations) == 0 {
		return nil
	}
	_, err = u.Store.WriteUnder(ctx, lease, store.Origin{Actor: systemActor, At: at}, mutations...)
	if err != nil {
		return fmt.Errorf("write the signing keys: %w", err)
	}
	return u.Mirror.Sync(ctx)
}
