package admin

import (
	"context"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/store"
)

// Store is what the use-cases read and write.
type Store interface {
	store.Writer
	store.APIs
	store.Clients
	store.SigningKeys
	store.Trail
}

// Generator makes signing keys, sealed and ready to be stored.
type Generator interface {
	New(algorithm string, at time.Time) (store.SigningKey, error)
}

// Syncer returns when this node works by everything that was committed before
// the call.
type Syncer interface {
	Sync(ctx context.Context) error
}

// UseCases are the things an operator can do. All fields are required.
type UseCases struct {
	// Store keeps what is created.
	Store Store
	// Keys makes the signing key of an algorithm that is used for the first time.
	Keys Generator
	// Mirror is waited for after each change, so that a key works the moment its
	// creation is answered.
	Mirror Syncer
	// Pepper hashes the secrets of keys.
	Pepper *clientauth.Pepper
	// Now is the clock.
	Now func() time.Time

	// apis is held from the look at the other APIs to the write of a new one:
	// the store refuses the same definition twice, but not two templates that
	// could match one string.
	apis sync.Mutex
}

// now is the time in the store's precision, so that what is answered equals
// what is read back.
func (u *UseCases) now() time.Time { return u.Now().UTC().Truncate(time.Millisecond) }

// write applies the mutations and waits until this node works by them.
func (u *UseCases) write(ctx context.Context, actor string, at time.Time, mutations ...store.Mutation) error {
	_, err := u.Store.Write(ctx, store.Origin{Actor: actor, At: at}, mutations...)
	if err != nil {
		return storeProblem(err)
	}
	err = u.Mirror.Sync(ctx)
	if err != nil {
		return notTakenIn(err)
	}
	return nil
}
