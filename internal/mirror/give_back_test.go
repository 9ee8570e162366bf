package mirror_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

// restorer is a store that takes back what was lost, and counts what it is given.
type restorer struct {
	store.Store
	families, writes atomic.Int64
	failing          atomic.Bool
}

func (r *restorer) RestoreRotated(context.Context) error {
	r.families.Add(1)
	return nil
}

func (r *restorer) Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	if r.failing.Load() {
		return store.Position{}, store.ErrUnavailable
	}
	r.writes.Add(1)
	return r.Store.Write(ctx, by, mutations...)
}

func headOf(t *testing.T, db store.Feed) store.Position {
	t.Helper()
	head, err := db.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// A server that took over may lack the last change of this node, and yet continue from
// where the mirror was.
func TestAWriteThatIsLostBeforeTheFeedShowedItIsAFork(t *testing.T) {
	db := open(t)
	m, _ := newMirror(t, db)
	write(t, db, store.CreateClient{Client: client("one")})
	catchUp(t, m)
	head := headOf(t, db)
	lost := store.Position{Seq: head.Seq + 1, Tag: [16]byte{1}}
	m.Acknowledged(lost)
	catchUp(t, m)
	if m.Forks() != 1 {
		t.Errorf("%d forks, want 1: the feed ends before the change", m.Forks())
	}
	catchUp(t, m)
	m.Acknowledged(store.Position{Seq: head.Seq + 1, Tag: [16]byte{2}})
	write(t, db, store.CreateClient{Client: client("two")})
	catchUp(t, m)
	if m.Forks() != 2 {
		t.Errorf("%d forks, want 2: another change is in its place", m.Forks())
	}
	write(t, db, store.CreateClient{Client: client("three")})
	m.Acknowledged(headOf(t, db))
	catchUp(t, m)
	if m.Forks() != 2 {
		t.Errorf("%d forks, want 2: the change is there", m.Forks())
	}
}

// shortened is a feed that does not reach back.
type shortened struct{ mirror.Source }

func (shortened) Changes(context.Context, store.Position, int) ([]store.Change, error) {
	return nil, store.ErrGap
}

func TestAFeedThatDoesNotReachBackIsNoFork(t *testing.T) {
	db := open(t)
	m, _ := newMirror(t, shortened{db})
	write(t, db, store.CreateClient{Client: client("one")})
	catchUp(t, m)
	if m.Forks() != 0 || m.Client("one") == nil {
		t.Errorf("%d forks, want none; the key is there: %v", m.Forks(), m.Client("one") != nil)
	}
}

// What is never undone is given back to a database that lost it: each kind.
func TestEveryKindOfRevocationIsGivenBack(t *testing.T) {
	before := open(t)
	// After the records were made.
	now := time.Now().UTC().Truncate(time.Millisecond).Add(time.Minute)
	records := []store.Mutation{
		store.CreateClient{Client: client("one")},
		store.CreateClient{Client: client("gone")},
		store.CreateAPI{API: api("a")},
		store.CreateSigningKey{SigningKey: store.SigningKey{ID: "key", Algorithm: "ES256", CreatedAt: now, ActivatesAt: now}},
	}
	token := store.Revocation{ID: store.TokenID{1}, ExpiresAt: now.Add(time.Hour).Truncate(time.Second)}
	write(t, before, records...)
	m, _ := newMirror(t, before)
	write(t, before,
		store.RevokeToken{Revocation: token}, store.RevokeAllTokens{Before: now.Add(-time.Hour)},
		store.RevokeClientTokens{ID: "one", Before: now}, store.RevokeClientTokens{ID: "gone", Before: now},
		store.RevokeAPITokens{ID: "a", Before: now}, store.RevokeSigningKey{ID: "key"},
	)
	catchUp(t, m)

	after := open(t)
	write(t, after, records...)
	write(t, after, store.DeleteClient{ID: "gone"})
	back := &restorer{Store: after}
	m.Source, m.Restorer = after, back
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	back.failing.Store(true)
	go func() {
		m.Run(ctx)
		close(ended)
	}()
	for back.families.Load() < 2 {
		// It is tried again and again.
		runtime.Gosched()
	}
	back.failing.Store(false)
	fresh, _ := newMirror(t, after)
	for deadline := time.Now().Add(10 * time.Second); ; catchUp(t, fresh) {
		one, key := fresh.Client("one"), fresh.API("https://a.example")
		keys, err := after.SigningKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		revoked := slices.ContainsFunc(keys, func(k store.SigningKey) bool { return !k.RevokedAt.IsZero() })
		if fresh.Revoked(token.ID) && fresh.NotBefore().Equal(now.Add(-time.Hour)) && one.NotBefore().Equal(now) &&
			key.NotBefore.Equal(now) && revoked {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("token %v, all %v, key %v, API %v, signing key %v", fresh.Revoked(token.ID), fresh.NotBefore(), one.NotBefore(), key.NotBefore, revoked)
		}
	}
	stop()
	<-ended
	if m.Forks() != 1 || back.writes.Load() > 3 {
		t.Errorf("%d forks and %d writes, want one fork and few writes", m.Forks(), back.writes.Load())
	}
}

func TestHintsBringTheMirrorUpToDateBetweenTwoPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hints := make(chan struct{}, 1)
		source := &asked{}
		m := &mirror.Mirror{Source: source, Hints: hints, Now: time.Now, Logger: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithCancel(t.Context())
		go m.Run(ctx)
		hints <- struct{}{}
		synctest.Wait()
		if source.times.Load() != 1 {
			t.Errorf("the feed was read %d times after a hint", source.times.Load())
		}
		// Whoever can give hints cannot have it read all the time.
		for range 100 {
			select {
			case hints <- struct{}{}:
			default:
			}
			time.Sleep(time.Millisecond)
		}
		if got := source.times.Load(); got > 12 {
			t.Errorf("100 hints in 100 ms had the feed read %d times", got)
		}
		stop()
	})
}

// asked is a store that is away, and counts who asks.
type asked struct {
	mirror.Source
	times atomic.Int64
}

func (a *asked) Changes(context.Context, store.Position, int) ([]store.Change, error) {
	a.times.Add(1)
	return nil, errors.Join(store.ErrUnavailable)
}
