package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// CreateAPI adds an API, and the first signing key of its algorithm when there
// is none yet.
func (u *UseCases) CreateAPI(ctx context.Context, actor string, in NewAPI) (API, error) {
	record, catalogue, err := in.record()
	if err != nil {
		return API{}, err
	}
	defer u.lockAPIs()()
	others, err := u.Store.APIs(ctx)
	if err != nil {
		return API{}, storeProblem(err)
	}
	for _, other := range others {
		if other.Audience == record.Audience {
			return API{}, audienceTaken(record.Audience)
		}
	}
	err = checkOverlaps([]catalogued{{record: record, catalogue: catalogue}}, others)
	if err != nil {
		return API{}, err
	}
	at := u.now()
	record.ID = rand.Text()
	record.CreatedAt, record.UpdatedAt = at, at
	mutations, err := u.firstSigningKey(ctx, record.Algorithm, at)
	if err != nil {
		return API{}, err
	}
	servers, err := u.addResourceServers(ctx, record.ID, record.ResourceServers)
	if err != nil {
		return API{}, err
	}
	mutations = append(mutations, store.CreateAPI{API: record})
	created := apiFrom(record)
	err = u.writeAnswered(ctx, actor, at, created, append(mutations, servers...)...)
	if err != nil {
		return API{}, apiProblem(record.Audience, err)
	}
	return created, nil
}

// lockAPIs keeps the APIs and the signing keys as they are until the function it
// returns is called.
func (u *UseCases) lockAPIs() func() {
	u.apis.Lock()
	u.signing.Lock()
	return func() {
		u.signing.Unlock()
		u.apis.Unlock()
	}
}

// apiProblem says what the store found in the way, which another process may
// have put there since we looked.
func apiProblem(audience string, err error) error {
	refused, ok := errors.AsType[*store.MutationError](err)
	switch {
	case ok && refused.Field == "audience":
		return audienceTaken(audience)
	case ok && refused.Field == "scope":
		return conflict("scopes", "scope "+refused.Value+" belongs to another API already", "a scope belongs to one API; rename it")
	default:
		return err
	}
}

func audienceTaken(audience string) error {
	return conflict("audience", "there is an API "+audience+" already", "list the APIs to see it, or choose another audience")
}

// firstSigningKey returns what must be written so that there is a signing key
// of the algorithm.
func (u *UseCases) firstSigningKey(ctx context.Context, algorithm string, at time.Time) ([]store.Mutation, error) {
	_, have, err := u.signingKeys(ctx, at)
	if err != nil {
		return nil, err
	}
	if hasActive(algorithm, have) {
		return nil, nil
	}
	made, err := u.newSigningKey(algorithm, at, at)
	if err != nil {
		return nil, err
	}
	return []store.Mutation{store.CreateSigningKey{SigningKey: made}}, nil
}
