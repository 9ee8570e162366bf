package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
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

// HasSnapshot reports whether a server on this data directory may be able to begin
// without its store.
func HasSnapshot(dataDir string) bool {
	_, err := os.Stat(filepath.Join(dataDir, snapshotName))
	return err == nil
}

// begin opens the secrets and fills the memory: from the snapshot, and from the
// store. One of the two is enough, if the snapshot is young enough.
func (s *Server) begin(ctx context.Context) error {
	restored := s.recall(ctx)
	var err error
	if restored {
		err = s.contact(ctx)
	}
	if err == nil {
		err = s.establish(ctx, restored)
	}
	if err == nil && restored {
		err = s.mirror.Sync(ctx)
	}
	if err == nil && !restored {
		err = s.mirror.Load(ctx)
	}
	s.established.Store(err == nil)
	if err == nil || !restored || ctx.Err() != nil || !away(err) {
		return err
	}
	age := s.mirror.Staleness()
	if age > s.Config.MaxStaleness {
		err = fmt.Errorf("the store cannot be read, and the snapshot of it is too old: %w", err)
		return fault.Hint(err, "see why the store does not answer; the snapshot would do for max_staleness, %s", s.Config.MaxStaleness)
	}
	s.lateHint = fault.HintOf(err)
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
	s.rotated, s.hints = newRotated(), make(chan struct{}, 1)
	s.mirror = &mirror.Mirror{Source: s.Store, Keyring: s.ring, Hints: s.hints, Logger: s.Logger, Now: s.Now}
	s.mirror.Restorer = s.ownStore()
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

// contact asks the store something small.
func (s *Server) contact(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := s.Store.Head(ctx)
	return err
}

// establish makes sure that the database and the secrets belong together, and that
// there is a signing key.
func (s *Server) establish(ctx context.Context, restored bool) error {
	if restored {
		err := s.insistOnUsed(ctx)
		if err != nil {
			return err
		}
	}
	opened, err := openSecrets(ctx, s.Config, s.Store)
	if err != nil {
		return err
	}
	if !restored {
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

// insistOnUsed refuses a database that nobody has used: that of the snapshot was. To make
// it this node's own would take every key away.
func (s *Server) insistOnUsed(ctx context.Context) error {
	name := masterKey(s.Config).fingerprint()
	_, err := s.Store.Setting(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return fault.Hint(
			errors.New("the database is new, but the snapshot in the data directory is of one that was in use"),
			"make sure that it is the right database; to begin anew with an empty one, remove %s first", s.snapshot.Path,
		)
	}
	if err != nil {
		return fmt.Errorf("read the %s: %w", name, err)
	}
	return nil
}

// awaitStore waits until the store answers and everything is as establish has it,
// and reports false when ctx ends before. Until then neither the mirror nor the upkeep
// may use the store: it may be another one than that of the snapshot.
func (s *Server) awaitStore(ctx context.Context) bool {
	if s.established.Load() {
		return true
	}
	const often = time.Second
	ticker := time.NewTicker(often)
	defer ticker.Stop()
	told := s.lateHint
	for {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
		// Not contact: to open the database may mean to wait for the migrations of
		// another node.
		_, err := s.Store.Head(ctx)
		if err == nil {
			err = s.establish(ctx, true)
		}
		if err == nil {
			s.established.Store(true)
			s.Logger.LogAttrs(ctx, slog.LevelInfo, "the store can be read now")
			return true
		}
		if hint := fault.HintOf(err); ctx.Err() == nil && hint != told {
			s.Logger.LogAttrs(ctx, slog.LevelError, "the store cannot be used; it is tried again every second",
				slog.String("cause", err.Error()), slog.String("hint", hint), slog.Bool("answers", !away(err)))
			told = hint
		}
	}
}
