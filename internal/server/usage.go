package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/store"
	counting "github.com/grantd/grantd/internal/usage"
)

// usage writes down what keys were used for, and when their secrets were used last.
type usage struct {
	uses     *clientauth.Uses
	counters *counting.Counters
	outbox   *counting.Outbox
	store    usageStore
	now      func() time.Time
	// turn is held from taking the uses to having written them, so that a second
	// Flush does not return while the first is still on its way.
	turn chan struct{}
}

// usageStore takes what this node has counted.
type usageStore interface {
	RecordUses(ctx context.Context, uses []store.SecretUse) error
	AddUsage(ctx context.Context, batches ...store.UsageBatch) error
}

func newUsage(s usageStore, now func() time.Time, node store.NodeID) *usage {
	return &usage{
		uses:     &clientauth.Uses{},
		counters: counting.NewCounters(),
		outbox:   &counting.Outbox{Node: node, Store: s},
		store:    s,
		now:      now,
		turn:     make(chan struct{}, 1),
	}
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
	u.outbox.Put(u.now(), counting.Together(u.counters.Drain()))
	err := u.outbox.Send(ctx)
	return errors.Join(err, u.recordUses(ctx))
}

func (u *usage) recordUses(ctx context.Context) error {
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

// waiting and dropped are about batches; zero before there is anything to count.
func (u *usage) waiting() int {
	if u == nil {
		return 0
	}
	waiting, _ := u.outbox.Waiting()
	return waiting
}

func (u *usage) dropped() int {
	if u == nil {
		return 0
	}
	_, dropped := u.outbox.Waiting()
	return dropped
}
