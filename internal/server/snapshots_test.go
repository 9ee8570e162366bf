package server

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/telemetry"
)

// feed is a store of nothing but revocations.
type feed struct {
	mirror.Source
	count int64
}

func at(seq int64) store.Position { return store.Position{Seq: seq} }

func (f *feed) Head(context.Context) (store.Position, error)            { return at(f.count), nil }
func (f *feed) SigningKeys(context.Context) ([]store.SigningKey, error) { return nil, nil }
func (f *feed) APIs(context.Context) ([]store.API, error)               { return nil, nil }
func (f *feed) NotBefore(context.Context) (time.Time, error)            { return time.Time{}, nil }

func (f *feed) Revocations(context.Context, store.Revocation, int) ([]store.Revocation, error) {
	return nil, nil
}

func (f *feed) Clients(context.Context, string, int) ([]store.Client, error) { return nil, nil }

func (f *feed) Changes(_ context.Context, after store.Position, _ int) ([]store.Change, error) {
	var changes []store.Change
	for seq := after.Seq + 1; seq <= f.count; seq++ {
		r := store.Revocation{ID: store.TokenID{15: byte(seq)}, ExpiresAt: time.Now().Add(time.Hour)}
		changes = append(changes, store.Change{Position: at(seq), Kind: store.KindRevocation, ID: r.String()})
	}
	return changes, nil
}

// hanging is a store that answers only when it is not waited for any more.
type hanging struct{ store.Store }

func (hanging) Head(ctx context.Context) (store.Position, error) {
	<-ctx.Done()
	return store.Position{}, errors.Join(store.ErrUnavailable, ctx.Err())
}

// keeping is what a test has of snapshots that are kept.
type keeping struct {
	*snapshots
	source *feed
	log    lockedBuffer
}

func newKeeping(t *testing.T, path string) *keeping {
	t.Helper()
	k := &keeping{source: &feed{count: 1}}
	sealer, err := keys.NewSealer(keys.Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	logger := telemetry.NewLogger(&k.log, telemetry.JSON, 0)
	k.snapshots = &snapshots{
		Snapshot: &mirror.Snapshot{Path: path, Build: hashProgram, Derive: sealer.Derive},
		Mirror:   &mirror.Mirror{Source: k.source, Keyring: &keys.Ring{Sealer: sealer}, Logger: logger, Now: time.Now},
		Logger:   logger,
		Now:      time.Now,
		MaxAge:   5 * time.Minute,
	}
	err = k.Mirror.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// change has the mirror know something new.
func (k *keeping) change(t *testing.T) {
	t.Helper()
	k.source.count++
	err := k.Mirror.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
}

// read returns how old the snapshot is, and how many revocations it holds.
func (k *keeping) read(t *testing.T) (time.Duration, int64) {
	t.Helper()
	m := &mirror.Mirror{Keyring: &keys.Ring{}, Logger: k.Logger, Now: time.Now}
	s := &mirror.Snapshot{Path: k.Snapshot.Path, Build: hashProgram, Derive: k.Snapshot.Derive}
	err := s.Restore(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return m.Staleness(), m.Revocations()
}

func TestTheSnapshotFollowsTheMirror(t *testing.T) {
	path := filepath.Join(t.TempDir(), "snapshot")
	synctest.Test(t, func(t *testing.T) {
		k := newKeeping(t, path)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			k.run(ctx)
			close(ended)
		}()
		expect := func(wantAge time.Duration, wantRevoked int64) {
			t.Helper()
			synctest.Wait()
			age, revoked := k.read(t)
			if age != wantAge || revoked != wantRevoked {
				t.Errorf("the snapshot is %v old and holds %d, want %v and %d", age, revoked, wantAge, wantRevoked)
			}
		}
		time.Sleep(snapshotsEvery)
		expect(snapshotsEvery, 0)
		written, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}

		// Nothing new: a note is enough.
		time.Sleep(time.Hour)
		err = k.Mirror.Sync(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(snapshotsEvery)
		expect(snapshotsEvery, 0)
		still, err := os.Stat(path)
		if err != nil || !os.SameFile(written, still) {
			t.Errorf("it was written again, though nothing was new: %v", err)
		}

		k.change(t)
		time.Sleep(snapshotsEvery)
		expect(snapshotsEvery, 1)

		// What is new at the end is written, too.
		k.change(t)
		stop()
		<-ended
		expect(0, 2)
		if k.log.String() != "" {
			t.Errorf("the log says %s", k.log.String())
		}
	})
}

func TestASnapshotIsWrittenWhenItIsDue(t *testing.T) {
	k := newKeeping(t, filepath.Join(t.TempDir(), "snapshot"))
	for _, step := range []struct {
		name string
		due  time.Duration
		want int64
	}{
		{"at first", 0, 1},
		{"not yet due", time.Hour, 1},
		{"due", -time.Second, 3},
	} {
		k.change(t)
		k.due = time.Now().Add(step.due)
		err := k.turn(t.Context())
		_, revoked := k.read(t)
		if err != nil || revoked != step.want {
			t.Errorf("%s: it holds %d, %v; want %d", step.name, revoked, err, step.want)
		}
	}
}

func TestASnapshotThatCannotBeWrittenIsToldOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "snapshot")
	synctest.Test(t, func(t *testing.T) {
		k := newKeeping(t, path)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			k.run(ctx)
			close(ended)
		}()
		time.Sleep(time.Hour)
		synctest.Wait()
		if strings.Count(k.log.String(), "the snapshot cannot be written") != 1 {
			t.Errorf("the log says %s", k.log.String())
		}
		err := os.Mkdir(filepath.Dir(path), 0o700)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * snapshotsEvery)
		stop()
		<-ended
		if strings.Count(k.log.String(), "the snapshot can be written again") != 1 {
			t.Errorf("the log says %s", k.log.String())
		}
	})
}

func TestAStoreThatHangsIsNotAwaitedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{Store: hanging{}}
		began := time.Now()
		err := s.contact(t.Context())
		if !away(err) || time.Since(began) != patience {
			t.Errorf("got %v after %v, want it to be away after %v", err, time.Since(began), patience)
		}
	})
}

func TestTwoBuildsHaveDifferentNames(t *testing.T) {
	ours, err := hashProgram()
	again, err2 := hashProgram()
	if err != nil || err2 != nil || ours != again || ours == [32]byte{} {
		t.Errorf("got %x, %v and then %x, %v", ours, err, again, err2)
	}
	_, ok := buildID(bytes.NewReader([]byte("#!/bin/sh\n")))
	if ok {
		t.Error("a script has the go command's build id")
	}
}
