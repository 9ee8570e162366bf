package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/grantd/grantd/internal/mirror"
)

const (
	// snapshotsEvery is how often the snapshot is looked after.
	snapshotsEvery = 15 * time.Second
	// snapshotRest is how long the writer of a snapshot rests after each piece, in
	// units of what the piece took; and snapshotPause how long after all of it. So it
	// takes a tenth of a processor at most, and a hundredth in the long run.
	snapshotRest, snapshotPause = 9, 100
	// lastSnapshotTime bounds how long the last one holds up the end.
	lastSnapshotTime = 20 * time.Second
)

// snapshots keeps the snapshot of the mirror up to date. All fields are required.
type snapshots struct {
	Snapshot *mirror.Snapshot
	Mirror   *mirror.Mirror
	Logger   *slog.Logger
	Now      func() time.Time
	// MaxAge is how old a snapshot can be used without the store. One is written
	// before half of that, even if it takes more than its share.
	MaxAge time.Duration

	// due is when the next one may be written, and failing whether the last turn failed.
	due     time.Time
	failing bool
}

// run looks after the snapshot until ctx ends, and writes what is new one last time.
func (k *snapshots) run(ctx context.Context) {
	ticker := time.NewTicker(snapshotsEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSnapshotTime)
			defer cancel()
			k.told(last, k.write(last, func(time.Duration) {}))
			return
		case <-ticker.C:
		}
		err := k.turn(ctx)
		if ctx.Err() == nil {
			k.told(ctx, err)
		}
	}
}

// turn writes the snapshot when it is due and something is new, and otherwise notes
// that nothing is.
func (k *snapshots) turn(ctx context.Context) error {
	if k.Snapshot.Behind(k.Mirror) && k.Now().Before(k.due) {
		return nil
	}
	var worked time.Duration
	err := k.write(ctx, func(piece time.Duration) {
		worked += piece
		rest(ctx, piece*snapshotRest)
	})
	k.due = k.Now().Add(min(worked*snapshotPause, k.MaxAge/2))
	return err
}

func (k *snapshots) write(ctx context.Context, pause func(worked time.Duration)) error {
	if !k.Snapshot.Behind(k.Mirror) {
		return k.Snapshot.Touch(k.Mirror)
	}
	return k.Snapshot.Save(ctx, k.Mirror, pause)
}

// rest waits, but not beyond the end of ctx.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// told logs the beginning and the end of a time in which no snapshot can be written.
func (k *snapshots) told(ctx context.Context, err error) {
	if err != nil && !k.failing {
		k.Logger.LogAttrs(ctx, slog.LevelError, "the snapshot cannot be written; a start will take longer, and need the store",
			slog.String("cause", err.Error()))
	}
	if err == nil && k.failing {
		k.Logger.LogAttrs(ctx, slog.LevelInfo, "the snapshot can be written again")
	}
	k.failing = err != nil
}
