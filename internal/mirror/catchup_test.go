package mirror_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

// counting counts what is read from a store.
type counting struct {
	mirror.Source
	keys, pages, feeds int
}

func (c *counting) Client(ctx context.Context, id string) (store.Client, error) {
	c.keys++
	return c.Source.Client(ctx, id)
}

func (c *counting) Clients(ctx context.Context, after string, limit int) ([]store.Client, error) {
	c.pages++
	return c.Source.Clients(ctx, after, limit)
}

func (c *counting) Changes(ctx context.Context, after store.Position, limit int) ([]store.Change, error) {
	c.feeds++
	return c.Source.Changes(ctx, after, limit)
}

func TestWhatChangedSinceTheSnapshotComesFromTheFeed(t *testing.T) {
	db := open(t)
	populate(t, db)
	path := filepath.Join(t.TempDir(), "snapshot")
	m, _ := newMirror(t, db)
	save(t, newSnapshot(path), m)
	write(t, db,
		store.CreateClient{Client: client("new")},
		store.SetClientDisabled{ID: "plain", Disabled: true},
		store.SetClientDisabled{ID: "plain"},
		store.SetClientDisabled{ID: "plain", Disabled: true},
		store.DeleteClient{ID: "rich"},
		store.CreateAPI{API: api("new")},
		store.DeleteAPI{ID: "plain"},
		store.RevokeSigningKey{ID: "kid"},
		store.RevokeToken{Revocation: revocation(3)},
		store.RevokeFamily{Revocation: revocation(4)},
		store.RevokeAllTokens{Before: time.Now()},
		store.DeleteClient{ID: "test"},
		store.CreateClient{Client: client("test")},
	)
	source := &counting{Source: db}
	again, s := restored(t, path, source)
	if s.Behind(again) {
		t.Error("before the store was asked, the snapshot is said to hold less than the mirror")
	}
	if again.Client("new") != nil || again.Revoked(revocation(3).ID) {
		t.Fatal("the snapshot holds what came after it")
	}
	catchUp(t, again)
	expectSame(t, db, again)
	if source.keys != 4 || source.pages != 0 {
		t.Errorf("%d keys were read alone, want 4, and %d pages, want none", source.keys, source.pages)
	}
	if !s.Behind(again) {
		t.Error("the snapshot is said to hold what came after it")
	}
	// From now on the feed is read as ever.
	source.feeds = 0
	catchUp(t, again)
	if source.feeds != 1 {
		t.Errorf("the feed was read %d times, want once", source.feeds)
	}
}

// A refused start is not needed for an old snapshot: the store says what it misses.
func TestAnOlderSnapshotBringsNothingBack(t *testing.T) {
	db := open(t)
	populate(t, db)
	path := filepath.Join(t.TempDir(), "snapshot")
	m, _ := newMirror(t, db)
	s := newSnapshot(path)
	save(t, s, m)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, store.RevokeToken{Revocation: revocation(3)}, store.DeleteClient{ID: "plain"}, store.RevokeSigningKey{ID: "kid"})
	catchUp(t, m)
	save(t, s, m)
	err = os.WriteFile(path, old, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := restored(t, path, db)
	catchUp(t, again)
	expectSame(t, db, again)
	if !again.Revoked(revocation(3).ID) || again.Client("plain") != nil {
		t.Error("what was revoked is back")
	}
}

func TestManyChangesAreLoadedAltogether(t *testing.T) {
	db := open(t)
	populate(t, db)
	path := filepath.Join(t.TempDir(), "snapshot")
	m, _ := newMirror(t, db)
	save(t, newSnapshot(path), m)
	var add []store.Mutation
	for i := range 2500 {
		add = append(add, store.CreateClient{Client: client(fmt.Sprint("many", i))})
	}
	write(t, db, add...)
	source := &counting{Source: db}
	again, _ := restored(t, path, source)
	catchUp(t, again)
	expectSame(t, db, again)
	if source.keys != 0 || source.pages != 2 {
		t.Errorf("%d keys were read alone, want none, and %d pages, want 2", source.keys, source.pages)
	}
}

// openFile is a database with its path.
func openFile(t *testing.T) (*sqlstore.Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "grantd.db")
	return openAt(t, path), path
}

func TestAnotherHistoryIsLoadedAltogether(t *testing.T) {
	db, file := openFile(t)
	populate(t, db)
	restoredFrom := copyOf(t, db, file)
	db = openAt(t, file)
	write(t, db, store.CreateClient{Client: client("lost")}, store.RevokeToken{Revocation: revocation(3)}, store.DeleteClient{ID: "plain"})
	path := filepath.Join(t.TempDir(), "snapshot")
	m, _ := newMirror(t, db)
	save(t, newSnapshot(path), m)
	histories := map[string][]store.Mutation{
		"that is shorter":       nil,
		"of the same length":    {store.CreateClient{Client: client("a")}, store.CreateClient{Client: client("b")}, store.CreateClient{Client: client("c")}},
		"that is longer by one": {store.CreateClient{Client: client("d")}},
	}
	for _, name := range []string{"that is shorter", "of the same length", "that is longer by one"} {
		write(t, restoredFrom, histories[name]...)
		t.Run(name, func(t *testing.T) {
			again, _ := restored(t, path, restoredFrom)
			catchUp(t, again)
			if again.Client("lost") != nil || again.Client("plain") == nil {
				t.Errorf("the key that was lost is there: %v; the one that was not deleted: %v", again.Client("lost") != nil, again.Client("plain") != nil)
			}
			if !again.Revoked(revocation(3).ID) {
				t.Error("what was revoked is back")
			}
		})
	}
}

// meanwhile is a clock that has something happen when it is first asked.
func meanwhile(something func()) func() time.Time {
	return func() time.Time {
		now := something
		something = nil
		if now != nil {
			now()
		}
		return time.Now()
	}
}

func TestWhatChangesWhileASnapshotIsWritten(t *testing.T) {
	db, file := openFile(t)
	populate(t, db)
	// The history in which what happens meanwhile did not.
	other := copyOf(t, db, file)
	db = openAt(t, file)
	path := filepath.Join(t.TempDir(), "snapshot")
	m, _ := newMirror(t, db)
	s := newSnapshot(path)
	m.Now = meanwhile(func() {
		write(t, db, store.SetClientDisabled{ID: "rich", Disabled: true}, store.CreateClient{Client: client("meanwhile")}, store.RevokeToken{Revocation: revocation(3)})
		catchUp(t, m)
	})
	save(t, s, m)
	if !s.Behind(m) {
		t.Error("the snapshot is said to be of one moment")
	}
	again, _ := restored(t, path, db)
	catchUp(t, again)
	expectSame(t, db, again)

	write(t, other, store.CreateClient{Client: client("instead")}, store.CreateClient{Client: client("of")}, store.CreateClient{Client: client("that")}, store.CreateClient{Client: client("and more")})
	again, _ = restored(t, path, other)
	catchUp(t, again)
	if again.Client("meanwhile") != nil || again.Client("rich").Disabled() || again.Client("instead") == nil {
		t.Errorf("of a history that was lost: the new key is there: %v, the other is disabled: %v; the key instead of them is there: %v",
			again.Client("meanwhile") != nil, again.Client("rich").Disabled(), again.Client("instead") != nil)
	}
	if !again.Revoked(revocation(3).ID) {
		t.Error("what was revoked is back")
	}
}

func TestASnapshotThatDoesNotBelongTogetherIsNotKept(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, db store.Writer, source *forked){
		"an API changed":             func(t *testing.T, db store.Writer, _ *forked) { write(t, db, store.CreateAPI{API: api("meanwhile")}) },
		"everything is loaded again": func(_ *testing.T, _ store.Writer, source *forked) { source.times = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			populate(t, db)
			source := &forked{Source: db}
			m, _ := newMirror(t, source)
			s := newSnapshot(filepath.Join(t.TempDir(), "snapshot"))
			m.Now = meanwhile(func() {
				change(t, db, source)
				catchUp(t, m)
			})
			save(t, s, m)
			entries, err := os.ReadDir(filepath.Dir(s.Path))
			if err != nil || len(entries) > 0 || !s.Behind(m) {
				t.Errorf("there is %v, %v, behind: %v", entries, err, s.Behind(m))
			}
			save(t, s, m)
			again, _ := restored(t, s.Path, db)
			catchUp(t, again)
			expectSame(t, db, again)
		})
	}
}

// The feed goes on while a large snapshot is written: its pauses are long.
func TestNothingWaitsForASnapshot(t *testing.T) {
	m, _ := newMirror(t, headed{many{count: 100_000}})
	done := make(chan struct{})
	var readers sync.WaitGroup
	defer readers.Wait()
	defer close(done)
	readers.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			one := m.Client(fmt.Sprintf("k%015d", i%100_000))
			if one.Disabled() || !one.Matches((*[32]byte)(hash(one.ID)), time.Now()) {
				t.Error("a key is not what it was")
				return
			}
		}
	})
	pauses := 0
	s := newSnapshot(filepath.Join(t.TempDir(), "snapshot"))
	err := s.Save(t.Context(), m, func(time.Duration) {
		pauses++
		catchUp(t, m)
		m.Revoke(revocation(pauses))
		if m.Client("k000000000000007") == nil {
			t.Error("a key is not found")
		}
	})
	if err != nil || pauses == 0 {
		t.Errorf("got %v, and %d pauses", err, pauses)
	}
	again, _ := restored(t, s.Path, nil)
	if again.Clients() != 100_000 {
		t.Errorf("there are %d keys", again.Clients())
	}
}

func TestWhatWasRevokedHereAloneIsInTheSnapshot(t *testing.T) {
	db := open(t)
	populate(t, db)
	m, _ := newMirror(t, db)
	s := newSnapshot(filepath.Join(t.TempDir(), "snapshot"))
	save(t, s, m)
	m.Revoke(revocation(7))
	if !s.Behind(m) {
		t.Fatal("the snapshot is said to hold it")
	}
	save(t, s, m)
	again, _ := restored(t, s.Path, db)
	catchUp(t, again)
	if s.Behind(m) || !again.Revoked(revocation(7).ID) {
		t.Errorf("behind: %v, revoked: %v", s.Behind(m), again.Revoked(revocation(7).ID))
	}
}

// Whatever happens, and whenever the snapshot was written, a mirror that begins with
// it comes to know what one knows that loads everything.
func TestASnapshotAndTheFeedAreAsGoodAsTheStore(t *testing.T) {
	serial := 0
	rapid.Check(t, func(rt *rapid.T) {
		serial++
		db := openAt(t, filepath.Join(t.TempDir(), fmt.Sprint(serial)))
		defer db.Close()
		s := newSnapshot(filepath.Join(t.TempDir(), "snapshot"))
		m := empty(db)
		m.Logger = slog.New(slog.DiscardHandler)
		must(rt, m.Load(t.Context()))
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"change", "change", "change", "follow", "save", "restart"}).Draw(rt, "step") {
			case "change":
				_, _ = db.Write(t.Context(), store.Origin{Actor: "test", At: time.Now()}, drawMutation(rt))
			case "follow":
				must(rt, m.Sync(t.Context()))
			case "save":
				must(rt, s.Save(t.Context(), m, noPause))
			case "restart":
				again := empty(db)
				s = newSnapshot(s.Path)
				if s.Restore(t.Context(), again) == nil {
					m = again
				}
			}
		}
		must(rt, m.Sync(t.Context()))
		expectSame(t, db, m)
		if t.Failed() {
			rt.FailNow()
		}
	})
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// drawMutation makes one of a few records, so that they meet. Many cannot be applied.
func drawMutation(t *rapid.T) store.Mutation {
	id := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "id")
	key := client(id)
	key.Scopes = rapid.SampledFrom([][]string{{"/a.read"}, {"/b.read", "/c.read"}, nil}).Draw(t, "scopes")
	key.Policy = rapid.SampledFrom([]store.Policy{{}, {TokensPerDay: 7}, {Origins: []string{"https://a.example"}}}).Draw(t, "policy")
	signing := store.SigningKey{ID: id, Algorithm: "ES256", Sealed: []byte("x"), CreatedAt: time.Now(), ActivatesAt: time.Now()}
	return rapid.SampledFrom([]store.Mutation{
		store.CreateClient{Client: key},
		store.UpdateClient{Client: key},
		store.SetClientDisabled{ID: id, Disabled: true},
		store.DeleteClient{ID: id},
		store.RevokeClientTokens{ID: id, Before: time.Now()},
		store.AddSecret{ClientID: id, Secret: store.Secret{ID: "more", Name: "more", Hash: hash("more"), ExpiresAt: time.Now().Add(time.Hour)}},
		store.RemoveSecret{ClientID: id, ID: "s" + id},
		store.CreateAPI{API: api(id)},
		store.DeleteAPI{ID: id},
		store.AddResourceServer{APIID: id, ClientID: id},
		store.RevokeAPITokens{ID: id, Before: time.Now()},
		store.CreateSigningKey{SigningKey: signing},
		store.RevokeSigningKey{ID: id},
		store.DeleteSigningKey{ID: id},
		store.RevokeToken{Revocation: revocation(int(id[0]))},
		store.RevokeAllTokens{Before: time.Now().Add(-time.Hour)},
	}).Draw(t, "mutation")
}
