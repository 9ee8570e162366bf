package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

// snapshotName is the file in the data directory that holds the mirror.
const snapshotName = "mirror.snapshot"

// begin opens the secrets and fills the memory: from the snapshot, and from the
// store. One of the two is enough, if the snapshot is young enough.
func (s *Server) begin(ctx context.Context) error {
	restored := s.recall(ctx)
	err := s.contact(ctx, restored)
	if err == nil {
		err = s.establish(ctx, restored)
	}
	if err == nil && restored {
		err = s.mirror.Sync(ctx)
	}
	if err == nil && !restored {
		err = s.mirror.Load(ctx)
	}
	s.established = err == nil
	if err == nil || !restored || ctx.Err() != nil || !away(err) {
		return err
	}
	age := s.mirror.Staleness()
	if age > s.Config.MaxStaleness {
		err = fmt.Errorf("the store cannot be read, and the snapshot of it is too old: %w", err)
		return fault.Hint(err, "see why the store does not answer; the snapshot would do for max_staleness, %s", s.Config.MaxStaleness)
	}
	s.Logger.LogAttrs(ctx, slog.LevelError, "the store cannot be read; serving from the snapshot",
		slog.String("age", age.Truncate(time.Second).String()), slog.String("cause", err.Error()))
	return nil
}

// away reports whether it was only that the store does not answer.
func away(err error) bool {
	return errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown)
}

// recall fills the memory from the snapshot, without asking the store anything, and
// reports whether it could. A snapshot that cannot be used is replaced later on.
func (s *Server) recall(ctx context.Context) bool {
	known, err := configuredSecrets(s.Config)
	if err == nil {
		err = s.unlock(known)
	}
	if err != nil {
		// Most likely it is the first start. If not, establish says what is wrong.
		return false
	}
	err = s.snapshot.Restore(ctx, s.mirror)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.Logger.LogAttrs(ctx, slog.LevelWarn, "the snapshot cannot be used; loading everything from the store",
			slog.String("file", s.snapshot.Path), slog.String("cause", err.Error()))
	}
	return err == nil
}

// unlock makes what depends on the secrets, all of it empty yet.
func (s *Server) unlock(opened secrets) error {
	s.secrets = opened
	var err error
	s.sealer, err = keys.NewSealer(opened.masters[0], opened.masters[1:]...)
	if err != nil {
		return err
	}
	s.ring = &keys.Ring{Sealer: s.sealer, Schedule: s.schedule, Now: s.Now}
	s.mirror = &mirror.Mirror{Source: s.Store, Keyring: s.ring, Logger: s.Logger, Now: s.Now}
	s.snapshot = &mirror.Snapshot{
		Path:  filepath.Join(s.Config.DataDir, snapshotName),
		Build: sync.OnceValues(hashProgram),
		// With another pepper none of the keys in it could authenticate.
		Owner:  keys.Fingerprint(opened.pepper),
		Derive: s.sealer.Derive,
	}
	return nil
}

// patience is how long a store may take for its first answer when the server could
// do without it.
const patience = 5 * time.Second

// contact asks the store something small. A server that cannot do without it waits
// as long as it takes.
func (s *Server) contact(ctx context.Context, restored bool) error {
	if !restored {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := s.Store.Head(ctx)
	return err
}

// establish makes sure that the database and the secrets belong together, and that
// there is a signing key.
func (s *Server) establish(ctx context.Context, unlocked bool) error {
	opened, err := openSecrets(ctx, s.Config, s.Store)
	if err != nil {
		return err
	}
	if !unlocked {
		err = s.unlock(opened)
		if err != nil {
			return err
		}
	}
	err = s.takeUpMasterKey(ctx, opened.newMaster)
	if err != nil {
		return err
	}
	return s.firstSigningKey(ctx)
}

// awaitStore waits until the store answers and everything is as establish has it,
// and reports false when ctx ends before. Until then neither the mirror nor the upkeep
// may use the store: it may be another one than that of the snapshot.
func (s *Server) awaitStore(ctx context.Context) bool {
	if s.established {
		return true
	}
	const often = time.Second
	ticker := time.NewTicker(often)
	defer ticker.Stop()
	told := false
	for {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
		err := s.contact(ctx, true)
		if err == nil {
			err = s.establish(ctx, true)
		}
		if err == nil {
			s.Logger.LogAttrs(ctx, slog.LevelInfo, "the store can be read now")
			return true
		}
		if !told && !away(err) && ctx.Err() == nil {
			s.Logger.LogAttrs(ctx, slog.LevelError, "the store answers, but cannot be used; it is tried again every second",
				slog.String("cause", err.Error()))
			told = true
		}
	}
}
