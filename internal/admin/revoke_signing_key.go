package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// RevokeSigningKey ends a signing key and everything it has signed. If it is the
// one that signs, another takes its place in the same transaction.
func (u *UseCases) RevokeSigningKey(ctx context.Context, actor, kid string) (RevokedSigningKey, error) {
	u.signing.Lock()
	defer u.signing.Unlock()
	at := u.now()
	records, statuses, err := u.signingKeys(ctx, at)
	if err != nil {
		return RevokedSigningKey{}, err
	}
	i := slices.IndexFunc(statuses, func(s keys.Status) bool { return s.ID == kid })
	if i < 0 {
		return RevokedSigningKey{}, unknownSigningKey(kid)
	}
	before := statuses[i]
	if before.State == keys.StateRevoked {
		return RevokedSigningKey{SigningKey: signingKeyFrom(before), Effect: effect(before, nil, u.Schedule)}, nil
	}
	mutations := []store.Mutation{store.RevokeSigningKey{ID: kid}}
	records[i].RevokedAt = at
	var replacement string
	if before.State == keys.StateActive {
		made, err := u.newSigningKey(before.Algorithm, at, at)
		if err != nil {
			return RevokedSigningKey{}, err
		}
		// First the new one: there is no moment without a key that signs.
		mutations = slices.Insert(mutations, 0, store.Mutation(store.CreateSigningKey{SigningKey: made}))
		records = append(records, made)
		replacement = made.ID
	}
	err = u.write(ctx, actor, at, mutations...)
	if errors.Is(err, store.ErrNotFound) {
		return RevokedSigningKey{}, unknownSigningKey(kid)
	}
	if err != nil {
		return RevokedSigningKey{}, err
	}
	answer := RevokedSigningKey{SigningKey: u.shown(records, kid, at)}
	if replacement != "" {
		answer.ReplacedBy = new(u.shown(records, replacement, at))
	}
	answer.Effect = effect(before, answer.ReplacedBy, u.Schedule)
	return answer, nil
}

func unknownSigningKey(kid string) error {
	return notFound("signing key", kid, "list the signing keys to see their kids")
}

// effect says what revoking a key did, by how it was before.
func effect(before keys.Status, replacement *SigningKey, schedule keys.Schedule) string {
	switch before.State {
	case keys.StateRevoked:
		return fmt.Sprintf("it had been revoked at %s; nothing was changed", before.RevokedAt.Format(time.RFC3339))
	case keys.StateActive:
		return fmt.Sprintf("every token it signed has ended, and %s signs from now on; "+
			"verifiers that work offline go by the old key set for up to %s", replacement.ID, span(schedule.MaxAge))
	case keys.StatePending:
		return "it was published and had not signed anything yet; it never will"
	case keys.StateRetiring, keys.StateGone:
	}
	return fmt.Sprintf("every token it signed has ended; verifiers that work offline go by the old key set for up to %s", span(schedule.MaxAge))
}
