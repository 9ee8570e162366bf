package mirror_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/oauth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// keyring notes what it was given.
type keyring struct{ loaded []store.SigningKey }

func (k *keyring) Load(keys []store.SigningKey) error {
	k.loaded = keys
	return nil
}

func open(t *testing.T) *sqlstore.Store {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "grantd.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func newMirror(t *testing.T, source mirror.Source) (*mirror.Mirror, *keyring) {
	t.Helper()
	ring := &keyring{}
	m := &mirror.Mirror{Source: source, Keyring: ring, Logger: slog.New(slog.DiscardHandler), Now: time.Now}
	err := m.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m, ring
}

func write(t *testing.T, db store.Writer, mutations ...store.Mutation) {
	t.Helper()
	_, err := db.Write(t.Context(), store.Origin{Actor: "test", At: time.Now()}, mutations...)
	if err != nil {
		t.Fatal(err)
	}
}

func client(id string) store.Client {
	return store.Client{
		Mode:        store.Live,
		ID:          id,
		Name:        "key " + id,
		GrantTypes:  []oauth.GrantType{oauth.ClientCredentials},
		AuthMethods: []oauth.AuthMethod{oauth.ClientSecretBasic},
		Scopes:      []string{"/a.read"},
		Secrets:     []store.Secret{{ID: "s" + id, Hash: hash(id), CreatedAt: time.Now()}},
		CreatedAt:   time.Now(),
		UpdatedAt:   time.Now(),
	}
}

func hash(id string) []byte {
	sum := make([]byte, 32)
	copy(sum, id)
	return sum
}

func TestTheMirrorFollowsTheFeed(t *testing.T) {
	db := open(t)
	write(t, db, store.CreateClient{Client: client("one")})
	m, ring := newMirror(t, db)
	if m.Client("one") == nil || m.Client("two") != nil {
		t.Fatal("after Load it does not hold what was there")
	}
	api := store.API{ID: "api", Mode: store.Live, Audience: "https://a.example", Scopes: []string{"/a.read", "/a/{id}/b.read"}, TokenFormat: store.JWT, Algorithm: "ES256", Type: "at+jwt", AccessTokenLifetime: time.Hour, RefreshTokenLifetime: time.Hour}
	write(t, db,
		store.CreateAPI{API: api},
		store.CreateClient{Client: client("two")},
		store.SetClientDisabled{ID: "one", Disabled: true},
		store.CreateSigningKey{SigningKey: store.SigningKey{ID: "kid", Algorithm: "ES256", Sealed: []byte("x")}},
	)
	catchUp(t, m)
	if !m.Client("one").Disabled() || m.Client("two").Disabled() {
		t.Error("a key was not disabled, or the wrong one")
	}
	_, _, concrete := m.Scopes(store.Live).Find("/a/x/b.read")
	_, _, parent := m.Scopes(store.Live).Find("/a/../b.read")
	if m.API("https://a.example") == nil || !concrete || parent {
		t.Error("the API's catalogue is not there")
	}
	if len(ring.loaded) != 1 {
		t.Errorf("the keyring got %d keys, want 1", len(ring.loaded))
	}
	write(t, db, store.DeleteClient{ID: "one"})
	catchUp(t, m)
	if m.Client("one") != nil || m.Clients() != 1 {
		t.Error("a deleted key is still there")
	}
}

// forked is a feed that does not continue, once.
type forked struct {
	mirror.Source
	times int
}

func (f *forked) Changes(ctx context.Context, after store.Position, limit int) ([]store.Change, error) {
	if f.times > 0 {
		f.times--
		return nil, store.ErrForked
	}
	return f.Source.Changes(ctx, after, limit)
}

func TestAFeedThatDoesNotContinueIsLoadedAgain(t *testing.T) {
	db := open(t)
	source := &forked{Source: db}
	m, _ := newMirror(t, source)
	write(t, db, store.CreateClient{Client: client("one")})
	source.times = 1
	err := m.Sync(t.Context())
	if err != nil || m.Client("one") == nil {
		t.Errorf("after a fork: error %v, key there: %v", err, m.Client("one") != nil)
	}
}

// gone is a store that cannot be read.
type gone struct{ mirror.Source }

func (gone) Changes(context.Context, store.Position, int) ([]store.Change, error) {
	return nil, store.ErrUnavailable
}

func TestStalenessGrowsWhileTheStoreIsAway(t *testing.T) {
	db := open(t)
	m, _ := newMirror(t, db)
	m.Source = gone{db}
	now := time.Now().Add(time.Minute)
	m.Now = func() time.Time { return now }
	err := m.Sync(t.Context())
	if err == nil {
		t.Fatal("a store that is away gave no error")
	}
	if got := m.Staleness(); got < time.Minute || got > time.Minute+5*time.Second {
		t.Errorf("staleness is %v, want about a minute", got)
	}
	m.Source = db
	err = m.Sync(t.Context())
	if err != nil || m.Staleness() != 0 {
		t.Errorf("after it came back: error %v, staleness %v", err, m.Staleness())
	}
}

// The clock that only goes forward stands still while a machine sleeps; the other one is
// set when it wakes up.
func TestAMachineThatSleptIsStale(t *testing.T) {
	db := open(t)
	m, _ := newMirror(t, db)
	m.Now = func() time.Time { return time.Now().Round(0).Add(time.Hour) }
	slept := m.Staleness()
	woken := time.Now()
	m.Now = func() time.Time { return woken }
	if awake := m.Staleness(); slept < time.Hour || awake > time.Minute {
		t.Errorf("staleness is %v after an hour of sleep, and %v without", slept, awake)
	}
}

// still is a source where nothing changes.
type still struct{ mirror.Source }

func (still) Head(context.Context) (store.Position, error) { return store.Position{}, nil }

func (still) SigningKeys(context.Context) ([]store.SigningKey, error) { return nil, nil }

func (still) Revocations(context.Context, store.Revocation, int) ([]store.Revocation, error) {
	return nil, nil
}

func (still) NotBefore(context.Context) (time.Time, error) { return time.Time{}, nil }

func (still) APIs(context.Context) ([]store.API, error) { return nil, nil }

func (still) Clients(context.Context, string, int) ([]store.Client, error) { return nil, nil }

func (still) Changes(context.Context, store.Position, int) ([]store.Change, error) { return nil, nil }

func TestRunPollsUntilItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := newMirror(t, still{})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			m.Run(ctx)
			close(ended)
		}()
		time.Sleep(10*time.Second + 50*time.Millisecond)
		if got := m.Staleness(); got > 200*time.Millisecond {
			t.Errorf("after ten seconds it is %v behind", got)
		}
		stop()
		<-ended
	})
}

func TestLookupsDuringGrowth(t *testing.T) {
	db := open(t)
	write(t, db, store.CreateClient{Client: client("steady")})
	m, _ := newMirror(t, db)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if m.Client("steady") == nil {
					t.Error("a key was not found while others came and went")
					return
				}
				runtime.Gosched()
			}
		})
	}
	for round := range 20 {
		var add, remove []store.Mutation
		for n := range 50 {
			id := fmt.Sprintf("c%d-%d", round, n)
			add = append(add, store.CreateClient{Client: client(id)})
			if n%2 == 0 {
				remove = append(remove, store.DeleteClient{ID: id})
			}
		}
		write(t, db, append(add, remove...)...)
		err := m.Sync(t.Context())
		if err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	readers.Wait()
	if got := m.Clients(); got != 501 {
		t.Errorf("there are %d keys, want 501", got)
	}
}

// many is a source of plain keys that are made on the fly.
type many struct {
	still
	count int
}

func (s many) Clients(_ context.Context, after string, limit int) ([]store.Client, error) {
	next := 0
	if after != "" {
		_, err := fmt.Sscanf(after, "k%015d", &next)
		if err != nil {
			return nil, err
		}
		next++
	}
	var page []store.Client
	for n := next; n < s.count && len(page) < limit; n++ {
		page = append(page, client(fmt.Sprintf("k%015d", n)))
	}
	return page, nil
}

func TestAPlainKeyCostsAtMost90Bytes(t *testing.T) {
	const count = 200_000
	before := heap()
	m, _ := newMirror(t, many{count: count})
	perKey := (heap() - before) / count
	if m.Client("k000000000000007") == nil || m.Clients() != count {
		t.Fatal("the keys are not there")
	}
	t.Logf("%d bytes a key", perKey)
	if perKey > 90 {
		t.Errorf("a plain key costs %d bytes", perKey)
	}
	runtime.KeepAlive(m)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
