package mirror_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

// aged restores a snapshot at the instant and returns how stale the mirror is.
func aged(t *testing.T, path string, at time.Time) time.Duration {
	t.Helper()
	m, s := empty(nil), newSnapshot(path)
	m.Now = func() time.Time { return at }
	err := s.Restore(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return m.Staleness()
}

// saved is a mirror with its snapshot, and a clock that stands.
func saved(t *testing.T) (m *mirror.Mirror, s *mirror.Snapshot, db store.Store, now *time.Time) {
	t.Helper()
	engine := open(t)
	populate(t, engine)
	m = empty(engine)
	at := time.Now().UTC().Truncate(time.Millisecond)
	m.Now = func() time.Time { return at }
	err := m.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s = newSnapshot(filepath.Join(t.TempDir(), "snapshot"))
	save(t, s, m)
	return m, s, engine, &at
}

func TestASnapshotIsAsOldAsItsLastTouchWithTheStore(t *testing.T) {
	m, s, _, now := saved(t)
	written := *now
	*now = written.Add(time.Hour)
	m.Source = gone{m.Source}
	err := m.Sync(t.Context())
	if err == nil {
		t.Fatal("the store is not away")
	}
	save(t, s, m)
	err = s.Touch(m)
	if err != nil {
		t.Fatal(err)
	}
	if got := aged(t, s.Path, now.Add(time.Minute)); got != time.Hour+time.Minute {
		t.Errorf("an hour and a minute after the store was lost it is %v old", got)
	}
}

func TestAClockThatWasSetBackMakesNothingYoung(t *testing.T) {
	_, s, _, now := saved(t)
	if got := aged(t, s.Path, now.Add(-time.Millisecond)); got != math.MaxInt64 {
		t.Errorf("before it was written it is %v old, want as old as can be", got)
	}
	if got := aged(t, s.Path, *now); got != 0 {
		t.Errorf("at once it is %v old", got)
	}
	// From the start on, the clock that nobody sets counts.
	m, _ := restored(t, s.Path, nil)
	running := m.Staleness()
	start := time.Now()
	m.Now = func() time.Time { return start.Add(time.Minute) }
	if got := m.Staleness(); got < running+time.Minute-time.Second {
		t.Errorf("a minute later it is %v old, before it was %v", got, running)
	}
}

func TestANoteKeepsASnapshotYoung(t *testing.T) {
	m, s, db, now := saved(t)
	*now = now.Add(time.Hour)
	catchUp(t, m)
	err := s.Touch(m)
	if err != nil {
		t.Fatal(err)
	}
	if got := aged(t, s.Path, *now); got != 0 {
		t.Errorf("after the note it is %v old", got)
	}
	note, err := os.ReadFile(s.Path + ".seen")
	if err != nil {
		t.Fatal(err)
	}

	// With a change the snapshot is not complete any more, and no note says so.
	write(t, db, store.CreateClient{Client: client("new")})
	*now = now.Add(time.Hour)
	catchUp(t, m)
	err = s.Touch(m)
	if got := aged(t, s.Path, *now); err != nil || got != time.Hour {
		t.Errorf("with a change it is %v old, %v; want an hour", got, err)
	}
	save(t, s, m)
	if got := aged(t, s.Path, *now); got != 0 {
		t.Errorf("when it was written again it is %v old", got)
	}

	// The old note says nothing about the new snapshot, and no other one anything.
	*now = now.Add(time.Hour)
	for at := range len(note) + 1 {
		changed := slices.Clone(note)
		if at < len(note) {
			changed[at] ^= 0x10
		}
		for _, text := range [][]byte{changed, changed[:at]} {
			err = os.WriteFile(s.Path+".seen", text, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			if got := aged(t, s.Path, *now); got != time.Hour {
				t.Errorf("with a note of %x it is %v old, want an hour", text, got)
			}
		}
	}
}

func TestANoteOfAnotherProcessGoesOn(t *testing.T) {
	_, s, db, now := saved(t)
	m, again := restored(t, s.Path, db)
	*now = now.Add(time.Hour)
	m.Now = func() time.Time { return *now }
	catchUp(t, m)
	err := again.Touch(m)
	if err != nil || again.Behind(m) {
		t.Fatalf("got %v, behind: %v", err, again.Behind(m))
	}
	if got := aged(t, s.Path, *now); got != 0 {
		t.Errorf("it is %v old", got)
	}
}
