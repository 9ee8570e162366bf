package mirror_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

// newSnapshot is a snapshot with keys that only the tests have.
func newSnapshot(path string) *mirror.Snapshot {
	return &mirror.Snapshot{
		Path:  path,
		Build: func() ([32]byte, error) { return [32]byte{1}, nil },
		Owner: []byte("owner"),
		Derive: func(label string, data []byte) [32]byte {
			return sha256.Sum256(append([]byte(label+"\x00"), data...))
		},
	}
}

func noPause(time.Duration) {}

func save(t *testing.T, s *mirror.Snapshot, m *mirror.Mirror) {
	t.Helper()
	err := s.Save(t.Context(), m, noPause)
	if err != nil {
		t.Fatal(err)
	}
}

// empty is a mirror that has not loaded anything.
func empty(source mirror.Source) *mirror.Mirror {
	return &mirror.Mirror{Source: source, Keyring: &keyring{}, Logger: slog.New(slog.DiscardHandler), Now: time.Now}
}

// restored is a mirror of another process, which begins with the snapshot.
func restored(t *testing.T, path string, source mirror.Source) (*mirror.Mirror, *mirror.Snapshot) {
	t.Helper()
	m, s := empty(source), newSnapshot(path)
	err := s.Restore(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return m, s
}

// expectSame wants a mirror to know what one knows that has just loaded everything.
func expectSame(t *testing.T, source mirror.Source, got *mirror.Mirror) {
	t.Helper()
	want, _ := newMirror(t, source)
	difference := cmp.Diff(want.Known(), got.Known())
	if difference != "" {
		t.Errorf("it does not know what the store holds:\n%s", difference)
	}
}

// populate writes one of everything.
func populate(t *testing.T, db store.Writer) {
	t.Helper()
	rich := withPolicy("rich", store.Policy{
		Origins: []string{"https://app.example"}, Networks: []string{"192.0.2.0/24"}, TokensPerHour: 5, Claims: `{"tenant":"acme"}`,
		ValidUntil: time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond),
	})
	rich.AccessTokenLifetime = time.Minute
	rich.Secrets = append(
		rich.Secrets,
		store.Secret{ID: "second", Name: "second", Hash: hash("second"), ExpiresAt: time.Now().Add(time.Hour)},
		store.Secret{ID: "third", Name: "third", Hash: []byte("$argon2id$x"), Imported: true},
	)
	broken := withPolicy("broken", store.Policy{Networks: []string{"everywhere"}})
	test := client("test")
	test.Mode, test.Disabled, test.KeepsRefreshTokens = store.Test, true, true
	routed := api("routed")
	routed.Scopes = append(routed.Scopes, "/routed/{id}/all.write")
	routed.Parameters = []store.Parameter{{Name: "id", Type: "uuid"}}
	routed.Routes = []store.Route{{Method: "GET", Path: "/routed", Scopes: []string{"/routed.read"}}}
	write(t, db,
		store.CreateSigningKey{SigningKey: store.SigningKey{ID: "kid", Algorithm: "ES256", Sealed: []byte("sealed"), CreatedAt: time.Now(), ActivatesAt: time.Now()}},
		store.CreateSigningKey{SigningKey: store.SigningKey{ID: "old", Algorithm: "RS256", Sealed: []byte("sealed"), CreatedAt: time.Now(), ActivatesAt: time.Now()}},
		store.RevokeSigningKey{ID: "old"},
		store.CreateAPI{API: routed},
		store.CreateAPI{API: api("plain")},
		store.CreateClient{Client: client("plain")},
		store.CreateClient{Client: rich},
		store.CreateClient{Client: broken},
		store.CreateClient{Client: test},
		store.AddResourceServer{APIID: "routed", ClientID: "plain"},
		store.RevokeAPITokens{ID: "plain", Before: time.Now()},
		store.RevokeClientTokens{ID: "plain", Before: time.Now()},
		store.RevokeAllTokens{Before: time.Now().Add(-time.Hour)},
		store.RevokeToken{Revocation: revocation(1)},
		store.RevokeFamily{Revocation: revocation(2)},
	)
}

func TestASnapshotHoldsWhatTheMirrorKnows(t *testing.T) {
	db := open(t)
	populate(t, db)
	path := filepath.Join(t.TempDir(), "snapshot")
	before, _ := newMirror(t, db)
	save(t, newSnapshot(path), before)
	// Nothing is asked of the store.
	m, _ := restored(t, path, nil)
	difference := cmp.Diff(before.Known(), m.Known())
	if difference != "" {
		t.Errorf("the snapshot holds something else:\n%s", difference)
	}
	if !cmp.Equal(before.Keyring, m.Keyring, cmp.AllowUnexported(keyring{})) {
		t.Errorf("the keyring got %v, want %v", m.Keyring, before.Keyring)
	}
	if m.Client("plain") == nil || !m.Revoked(revocation(1).ID) || !m.AllowsOrigin("https://app.example") {
		t.Error("the lookups do not find what is there")
	}
	_, _, found := m.Scopes(store.Live).Find("/routed.read")
	if m.ServedBy("plain") == nil || !found {
		t.Error("the APIs are not there")
	}
	if m.Client("broken").Policy.Valid(time.Now()) || !m.Client("rich").Policy.Valid(time.Now()) {
		t.Error("a policy that cannot be read does not close its key, or another does")
	}
	m.Source = db
	catchUp(t, m)
	expectSame(t, db, m)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v; want mode 0600", info, err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), "routed") {
		t.Errorf("the snapshot can be read: %v", err)
	}
}

func TestWithoutASnapshotNothingIsTakenOver(t *testing.T) {
	m := empty(nil)
	err := newSnapshot(filepath.Join(t.TempDir(), "missing")).Restore(t.Context(), m)
	if !errors.Is(err, fs.ErrNotExist) || !m.Empty() {
		t.Errorf("got %v, and the mirror is empty: %v", err, m.Empty())
	}
}

func TestAMirrorThatKnowsNothingIsNotSaved(t *testing.T) {
	m, _ := newMirror(t, still{})
	s := newSnapshot(filepath.Join(t.TempDir(), "snapshot"))
	save(t, s, m)
	err := s.Touch(m)
	entries, readErr := os.ReadDir(filepath.Dir(s.Path))
	if err != nil || readErr != nil || len(entries) > 0 || s.Behind(m) {
		t.Errorf("got %v, %v, %v, behind: %v", err, readErr, entries, s.Behind(m))
	}
}

// expectRefused wants a snapshot not to be taken over, not even in part.
func expectRefused(t *testing.T, s *mirror.Snapshot, words string) {
	t.Helper()
	m := empty(nil)
	err := s.Restore(t.Context(), m)
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v, want something about %q", err, words)
	}
	if !m.Empty() || m.Keyring.(*keyring).loaded != nil {
		t.Error("some of it was taken over")
	}
}

func TestASnapshotIsBoundToWhoWroteIt(t *testing.T) {
	db := open(t)
	populate(t, db)
	path := filepath.Join(t.TempDir(), "snapshot")
	m, _ := newMirror(t, db)
	save(t, newSnapshot(path), m)

	s := newSnapshot(path)
	s.Build = func() ([32]byte, error) { return [32]byte{2}, nil }
	expectRefused(t, s, "another version")
	s = newSnapshot(path)
	s.Build = func() ([32]byte, error) { return [32]byte{}, errors.New("no program") }
	expectRefused(t, s, "no program")
	s = newSnapshot(path)
	s.Owner = []byte("another")
	expectRefused(t, s, "another master key or pepper")
	s = newSnapshot(path)
	s.Derive = func(string, []byte) [32]byte { return [32]byte{} }
	expectRefused(t, s, "another master key or pepper")
}

func TestADamagedSnapshotIsRefusedBeforeAnyOfItIsUsed(t *testing.T) {
	db := open(t)
	populate(t, db)
	path := filepath.Join(t.TempDir(), "snapshot")
	m, _ := newMirror(t, db)
	save(t, newSnapshot(path), m)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(t *testing.T, text []byte) {
		t.Helper()
		err := os.WriteFile(path, text, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		expectRefused(t, newSnapshot(path), "")
	}
	for at := range sound {
		changed := slices.Clone(sound)
		changed[at] ^= 1 << (at % 8)
		refused(t, changed)
		if at%7 == 0 {
			refused(t, sound[:at])
		}
	}
	refused(t, append(slices.Clone(sound), 0))
	refused(t, append(slices.Clone(sound), sound...))
	refused(t, make([]byte, len(sound)))
	err = os.Remove(path)
	if err == nil {
		err = os.Mkdir(path, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	expectRefused(t, newSnapshot(path), "not a regular file")
}

// lock is a keyring that takes no keys.
type lock struct{}

func (lock) Load([]store.SigningKey) error { return errors.New("the keys do not open") }

func TestASnapshotWhoseSigningKeysDoNotOpenIsRefused(t *testing.T) {
	db := open(t)
	populate(t, db)
	s := newSnapshot(filepath.Join(t.TempDir(), "snapshot"))
	m, _ := newMirror(t, db)
	save(t, s, m)
	m = empty(nil)
	m.Keyring = lock{}
	err := s.Restore(t.Context(), m)
	if err == nil || !m.Empty() {
		t.Errorf("got %v, and the mirror is empty: %v", err, m.Empty())
	}
}

func TestACrashLeavesTheSnapshotBefore(t *testing.T) {
	db := open(t)
	populate(t, db)
	path := filepath.Join(t.TempDir(), "snapshot")
	m, _ := newMirror(t, db)
	s := newSnapshot(path)
	save(t, s, m)
	// What is left of one that was being written.
	err := os.WriteFile(path+".new", []byte("grantd snap"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := restored(t, path, db)
	catchUp(t, again)
	expectSame(t, db, again)
	write(t, db, store.CreateClient{Client: client("later")})
	catchUp(t, again)
	save(t, newSnapshot(path), again)
	last, _ := restored(t, path, nil)
	_, err = os.Stat(path + ".new")
	if last.Client("later") == nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the new key is there: %v; what was left: %v", last.Client("later") != nil, err)
	}
}

func TestASnapshotThatCannotBeWrittenChangesNothing(t *testing.T) {
	db := open(t)
	populate(t, db)
	dir := t.TempDir()
	m, _ := newMirror(t, db)
	s := newSnapshot(filepath.Join(dir, "missing", "snapshot"))
	err := s.Save(t.Context(), m, noPause)
	if !errors.Is(err, fs.ErrNotExist) || !s.Behind(m) {
		t.Errorf("in a directory that is not there: got %v, behind: %v", err, s.Behind(m))
	}
	s = newSnapshot(filepath.Join(dir, "snapshot"))
	save(t, s, m)
	write(t, db, store.CreateClient{Client: client("later")})
	catchUp(t, m)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	m.Source = nil
	before, _ := os.ReadFile(s.Path)
	big, _ := newMirror(t, headed{many{count: 2000}})
	err = newSnapshot(s.Path).Save(ctx, big, noPause)
	after, _ := os.ReadFile(s.Path)
	if !errors.Is(err, context.Canceled) || !slices.Equal(before, after) {
		t.Errorf("when it was stopped: got %v, and the file is the same: %v", err, slices.Equal(before, after))
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the snapshot there is something: %v %v", entries, err)
	}
}

// headed is a source in which something has changed once.
type headed struct{ many }

func (headed) Head(context.Context) (store.Position, error) { return store.Position{Seq: 1}, nil }

// copyOf is the database as it is now, as another one.
func copyOf(t *testing.T, db *sqlstore.Store, path string) *sqlstore.Store {
	t.Helper()
	err := db.Close()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "copy.db")
	err = os.WriteFile(other, text, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return openAt(t, other)
}

func openAt(t *testing.T, path string) *sqlstore.Store {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
