package server

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

// ownStore is the store as the handlers have it: it takes no write before the database
// was found to be this node's own: another one would acknowledge what it then does not
// have. And it notes what was acknowledged, for a database that loses it.
type ownStore struct {
	store.Store
	established *atomic.Bool
	mirror      *mirror.Mirror
	rotated     *rotated
}

func (s *Server) ownStore() ownStore {
	return ownStore{Store: s.Store, established: &s.established, mirror: s.mirror, rotated: s.rotated}
}

// ready is for calls that write.
func (o ownStore) ready() error {
	if o.established.Load() {
		return nil
	}
	return fmt.Errorf("%w: it has not been seen since the start", store.ErrUnavailable)
}

// Write implements [store.Writer].
func (o ownStore) Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	err := o.ready()
	if err != nil {
		return store.Position{}, err
	}
	last, err := o.Store.Write(ctx, by, mutations...)
	if err == nil {
		o.mirror.Acknowledged(last)
	}
	return last, err
}

// Rotate implements [store.Families].
func (o ownStore) Rotate(ctx context.Context, r store.Rotation) (store.Rotated, error) {
	err := o.ready()
	if err != nil {
		return store.Rotated{}, err
	}
	rotated, err := o.Store.Rotate(ctx, r)
	if err == nil && rotated.Outcome == store.Renewed {
		o.rotated.add(store.Family{
			ID: r.Family, ExpiresAt: r.ExpiresAt, Generation: r.Generation + 1, RotatedAt: rotated.At,
		}, r.By.At)
	}
	return rotated, err
}

// RestoreRotated implements [mirror.Restorer].
func (o ownStore) RestoreRotated(ctx context.Context) error {
	return o.RestoreFamilies(ctx, o.rotated.all())
}

// Use implements [store.Replay].
func (o ownStore) Use(ctx context.Context, u store.OneTime) error {
	err := o.ready()
	if err != nil {
		return err
	}
	return o.Store.Use(ctx, u)
}

// RecordUses implements [store.Upkeep].
func (o ownStore) RecordUses(ctx context.Context, uses []store.SecretUse) error {
	err := o.ready()
	if err != nil {
		return err
	}
	return o.Store.RecordUses(ctx, uses)
}

// AddUsage implements [store.Usage].
func (o ownStore) AddUsage(ctx context.Context, batches ...store.UsageBatch) error {
	err := o.ready()
	if err != nil {
		return err
	}
	return o.Store.AddUsage(ctx, batches...)
}
