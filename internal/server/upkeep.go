package server

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/grantd/grantd/internal/store"
)

const (
	// upkeepEvery is how often the upkeep's duties come round.
	upkeepEvery = time.Minute
	// expireChunk rows are removed in one transaction, with a pause after it, so
	// that a refresh waits for milliseconds behind it and not for seconds.
	expireChunk = 1000
	expirePause = 20 * time.Millisecond
	// expireLate keeps what has ended for the clocks of nodes that are behind.
	expireLate = time.Minute
)

// upkeep is what a server does beside answering. All fields are required.
type upkeep struct {
	Store interface {
		store.Upkeep
		store.Leases
		ForgetUsed(ctx context.Context, now time.Time) error
		ExpireUsage(ctx context.Context, span store.UsageSpan, before time.Time, limit int) (int, error)
	}
	// Node asks for the lease of what only one node does.
	Node store.NodeID
	// Usage is written down.
	Usage *usage
	// Merger merges what all nodes have written down.
	Merger interface {
		Step(ctx context.Context, lease store.Lease, before time.Time) (int, error)
	}
	// Mirror forgets revocations of tokens that have ended.
	Mirror interface{ Sweep() }
	// SigningKeys are rotated when their time has come.
	SigningKeys interface {
		KeepSigningKeys(ctx context.Context, lease store.Lease) error
	}
	// Reports tells the other nodes how this one is, and last that it is gone.
	Reports interface {
		Report(ctx context.Context) error
		Leave(ctx context.Context) error
	}
	Logger *slog.Logger
	Now    func() time.Time

	// failing are the duties whose last turn failed, so that an outage is one line
	// in the log.
	failing map[string]bool
	// lease is the last one that this node had.
	lease store.Lease
}

// run does every duty at once and then every minute until ctx ends, and last
// writes down the uses of the last minute.
func (u *upkeep) run(ctx context.Context) {
	u.failing = map[string]bool{}
	ticker := time.NewTicker(upkeepEvery)
	defer ticker.Stop()
	for {
		u.round(ctx)
		select {
		case <-ctx.Done():
			// Flush bounds itself, so a store that hangs does not hold up the end.
			u.duty(context.WithoutCancel(ctx), recordUses, u.Usage.Flush)
			u.leave(context.WithoutCancel(ctx))
			u.release(context.WithoutCancel(ctx))
			return
		case <-ticker.C:
		}
	}
}

// The duties, as the log names them.
const (
	recordUses      = "record the uses of secrets"
	reportNode      = "report how this node is"
	forgetUsed      = "forget which assertions were used"
	takeLease       = "take the lease of the upkeep"
	keepSigningKeys = "keep the signing keys"
	mergeUsage      = "merge what keys were used for"
	removeExpired   = "remove what has expired"
)

// round takes no longer than the time to the next one.
func (u *upkeep) round(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, upkeepEvery)
	defer cancel()
	u.Mirror.Sweep()
	u.duty(ctx, recordUses, u.Usage.Flush)
	u.duty(ctx, reportNode, u.Reports.Report)
	u.duty(ctx, forgetUsed, func(ctx context.Context) error { return u.Store.ForgetUsed(ctx, u.Now()) })
	if !u.lead(ctx) {
		return
	}
	u.duty(ctx, keepSigningKeys, func(ctx context.Context) error { return u.SigningKeys.KeepSigningKeys(ctx, u.lease) })
	u.duty(ctx, mergeUsage, u.merge)
	u.duty(ctx, removeExpired, u.expire)
}

// duty runs f. What fails is tried again in the next round anyway, so only the
// beginning and the end of an outage are told.
func (u *upkeep) duty(ctx context.Context, name string, f func(ctx context.Context) error) {
	err := f(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		// The server is being stopped, which is not the store's fault.
		return
	}
	if err != nil && !u.failing[name] {
		u.Logger.LogAttrs(ctx, slog.LevelError, "upkeep fails; it is tried again every minute", slog.String("duty", name), slog.String("cause", err.Error()))
	}
	if err == nil && u.failing[name] {
		u.Logger.LogAttrs(ctx, slog.LevelInfo, "upkeep works again", slog.String("duty", name))
	}
	u.failing[name] = err != nil
}

// expire removes in chunks until nothing is left to remove, or the round is over:
// the rest of a large backlog can wait for the next one.
func (u *upkeep) expire(ctx context.Context) error {
	before := u.Now().Add(-expireLate)
	removed := 0
	defer func() { u.tellRemoved(ctx, removed) }()
	for {
		n, err := u.expireSome(ctx, before)
		removed += n
		if err != nil && removed > 0 && ctx.Err() != nil {
			return nil
		}
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(expirePause):
		}
	}
}

// What was used when is kept for this long.
const (
	keptHours = 31 * 24 * time.Hour
	keptDays  = 400 * 24 * time.Hour
)

func (u *upkeep) expireSome(ctx context.Context, before time.Time) (int, error) {
	n, err := u.Store.Expire(ctx, before, expireChunk)
	if err != nil {
		return n, err
	}
	hours, err := u.Store.ExpireUsage(ctx, store.Hour, before.Add(-keptHours), expireChunk)
	if err != nil {
		return n, err
	}
	days, err := u.Store.ExpireUsage(ctx, store.Day, before.Add(-keptDays), expireChunk)
	return n + hours + days, err
}

func (u *upkeep) tellRemoved(ctx context.Context, rows int) {
	if rows > 0 {
		u.Logger.LogAttrs(ctx, slog.LevelDebug, "removed what has expired", slog.Int("rows", rows))
	}
}
