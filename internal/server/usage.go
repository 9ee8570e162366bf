package server

import (
	"context"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/store"
)

// usage writes down when the secrets of keys were used last.
type usage struct {
	uses  *clientauth.Uses
	store store.Upkeep
	// turn is held from taking the uses to having written them, so that a second
	// Flush does not return while the first is still on its way.
	turn chan struct{}
}

func newUsage(s store.Upkeep) *usage {
	return &usage{uses: &clientauth.Uses{}, store: s, turn: make(chan struct{}, 1)}
}

// flushTime bounds how long a store that hangs may hold up those who wait.
const flushTime = 5 * time.Second

// Flush writes down every use there was before the call. What could not be
// written is kept for the next one.
func (u *usage) Flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	select {
	case u.turn <- struct{}{}:
		defer func() { <-u.turn }()
	case <-ctx.Done():
		return fmt.Errorf("record the uses of secrets: %w: %w", store.ErrUnavailable, ctx.Err())
	}
	uses := u.uses.Drain()
	if len(uses) == 0 {
		return nil
	}
	err := u.store.RecordUses(ctx, uses)
	if err != nil {
		u.uses.Return(uses)
		return fmt.Errorf("record the uses of secrets: %w", err)
	}
	return nil
}
