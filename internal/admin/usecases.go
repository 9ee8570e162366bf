package admin

import (
	"context"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// Store is what the use-cases read and write.
type Store interface {
	store.Writer
	store.APIs
	store.Clients
	store.SigningKeys
	store.Revocations
	store.Trail
	store.Search
	Nodes(ctx context.Context) ([]store.NodeReport, error)
	WriteUnder(ctx context.Context, l store.Lease, by store.Origin, mutations ...store.Mutation) (store.Position, error)
}

// UsageReader reads what keys were used for.
type UsageReader interface {
	UsageOf(
		ctx context.Context, clientID string, span store.UsageSpan, from, to time.Time,
	) ([]store.UsageCount, []store.UsageBatch, error)
}

// Generator makes signing keys, sealed and ready to be stored.
type Generator interface {
	New(algorithm string, created, activates time.Time) (store.SigningKey, error)
}

// Syncer returns when this node works by everything that was committed before
// the call.
type Syncer interface {
	Sync(ctx context.Context) error
}

// Flusher writes down when secrets were last used, as far as this node knows.
type Flusher interface {
	Flush(ctx context.Context) error
}

// UseCases are the things an operator can do. All fields are required.
type UseCases struct {
	// Store keeps what is created.
	Store Store
	// UsageCounts are what keys were used for.
	UsageCounts UsageReader
	// Keys makes signing keys.
	Keys Generator
	// Schedule says when signing keys take over from each other.
	Schedule keys.Schedule
	// Mirror is waited for after each change, so that a key works the moment its
	// creation is answered.
	Mirror Syncer
	// Pepper hashes the secrets of keys.
	Pepper *clientauth.Pepper
	// Uses is flushed before anyone is told when a secret was last used.
	Uses Flusher
	// Tokens reads tokens that an operator pastes.
	Tokens Inspector
	// Explainer answers why requests would be granted or refused.
	Explainer Explainer
	// Operators are the people who use the console, and ConsoleURL is where it is,
	// without a slash at its end.
	Operators  OperatorReader
	ConsoleURL string
	// Node is the node that this is.
	Node store.NodeID
	// AdminAudience is the audience of the Admin API.
	AdminAudience string
	// Derive is a keyed hash that only the nodes of this server can make; cursors carry
	// it.
	Derive func(label string, data []byte) [32]byte
	// Now is the clock.
	Now func() time.Time

	// apis is held from the look at the APIs and keys to the write of a change of
	// them: the store refuses the same definition twice, but not two templates that
	// could match one string, nor a resource server too many, nor a grant whose
	// definition is gone. New keys only keep the APIs as they are meanwhile.
	apis sync.RWMutex
	// secrets is held from the look at the secrets of a key to the write, so that
	// nobody takes the last one that works by retiring two at once.
	secrets sync.Mutex
	// signing is held from the look at the signing keys to the write, so that an
	// algorithm does not get two new ones. Whoever holds apis, too, took that first.
	signing sync.Mutex
	// operators is held from the look at the operators to the write, so that one admin
	// is left.
	operators sync.Mutex
	// verifying is held while the audit trail is read as a whole.
	verifying sync.Mutex
}

// now is the time in the store's precision, so that what is answered equals
// what is read back.
func (u *UseCases) now() time.Time { return u.Now().UTC().Truncate(time.Millisecond) }

// flush makes the store know of every use of a secret until now. Whether it does
// in the end or not, nothing that was asked for has been changed.
func (u *UseCases) flush(ctx context.Context) error {
	err := u.Uses.Flush(ctx)
	if err != nil {
		return unavailable(err)
	}
	return nil
}

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
