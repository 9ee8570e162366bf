package server_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

const snapshotName = "mirror.snapshot"

// node is a server that is started again and again on the same directory.
type node struct {
	options
	clock *standing
	away  *atomic.Bool
	// real is the store that the server has, whether it is away or not.
	real store.Store
}

func newNode(t *testing.T) *node {
	t.Helper()
	n := &node{clock: newStanding(), away: &atomic.Bool{}}
	n.options = options{now: n.clock.Now, dir: t.TempDir(), flags: map[string]string{}}
	n.wrap = func(s store.Store) store.Store {
		n.real = s
		return unreachable{s, n.away}
	}
	return n
}

// start begins at the address of the time before, because the issuer has it.
func (n *node) start(t *testing.T) *instance {
	t.Helper()
	i := launch(t, n.options)
	n.flags["listen"] = i.PublicAddr
	return i
}

func (n *node) snapshot() string { return filepath.Join(n.dir, snapshotName) }

// refuses wants a start to fail, and returns its error.
func (n *node) refuses(t *testing.T) error {
	t.Helper()
	_, err := tryLaunch(t, n.options)
	if err == nil {
		t.Fatal("the server started")
	}
	return err
}

func (i *instance) expectLog(t *testing.T, words string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !strings.Contains(i.log.String(), words) {
		if time.Now().After(deadline) {
			t.Fatalf("the log does not say %q:\n%s", words, i.log)
		}
	}
}

func TestAStartFromTheSnapshotReadsNoKeys(t *testing.T) {
	asked := &statements{counts: map[string]int{}}
	n := newNode(t)
	n.onStatement = asked.add
	i := n.start(t)
	key := i.twoFormats(t)
	if asked.since()["select_clients"] == 0 {
		t.Fatal("the first start read no keys, or this test does not know how they are read")
	}
	old := i.holdings(t, key)
	i.revoke(t, key, old.jwt.fields["access_token"], "").revoked(t)
	i.end()
	info, err := os.Stat(n.snapshot())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the snapshot: %v, %v; want mode 0600", info, err)
	}

	asked.since()
	i = n.start(t)
	counts := asked.since()
	for _, name := range []string{"select_clients", "select_client", "select_revocations", "select_apis"} {
		if counts[name] != 0 {
			t.Errorf("the second start ran %v", counts)
		}
	}
	i.introspect(t, key, old.jwt.fields["access_token"]).inactive(t)
	i.introspect(t, key, old.opaque.fields["access_token"]).active(t)
	i.token(t, key, "&scope=/ping.read").granted(t)
	i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}})
}

func TestAServerStartsWithoutItsStore(t *testing.T) {
	n := newNode(t)
	i := n.start(t)
	key := i.twoFormats(t)
	old := i.holdings(t, key)
	i.end()
	n.away.Store(true)
	n.clock.advance(4 * time.Minute)

	i = n.start(t)
	i.token(t, key, "&scope=/ping.read").granted(t)
	i.introspect(t, key, old.jwt.fields["access_token"]).active(t)
	age := i.introspect(t, key, old.opaque.fields["access_token"]).header.Get("Grantd-Data-Age")
	if age != "240.000" {
		t.Errorf("the answer says that its data is %s seconds old", age)
	}
	i.revoke(t, key, old.opaque.fields["access_token"], "").comeAgain(t)
	i.introspect(t, key, old.opaque.fields["access_token"]).inactive(t)
	i.refresh(t, key, old.jwt.fields["refresh_token"], "").comeAgain(t)
	i.untilReady(t)
	i.expectLog(t, "serving from the snapshot")
	n.clock.advance(61 * time.Second)
	i.token(t, key, "&scope=/ping.read").comeAgain(t)
	if got := i.do(t, request{method: http.MethodGet, path: "/readyz"}); got.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: got %d", got.status)
	}

	// Another node ends a token in the meantime.
	all := store.RevokeAllTokens{Before: n.clock.Now().Add(-time.Second)}
	_, err := n.real.Write(t.Context(), store.Origin{Actor: "another", At: n.clock.Now()}, all)
	must(t, err)
	n.away.Store(false)
	i.expectLog(t, "the store can be read now")
	i.untilReady(t)
	i.introspect(t, key, old.jwt.fields["access_token"]).inactive(t)
	i.token(t, key, "&scope=/ping.read").granted(t)
	i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}})
}

func TestWhatWasRevokedWithoutTheStoreIsSoAfterTheNextStart(t *testing.T) {
	n := newNode(t)
	i := n.start(t)
	key := i.twoFormats(t)
	old := i.holdings(t, key)
	n.away.Store(true)
	i.revoke(t, key, old.opaque.fields["access_token"], "").comeAgain(t)
	i.end()
	n.away.Store(false)
	i = n.start(t)
	i.introspect(t, key, old.opaque.fields["access_token"]).inactive(t)
	i.introspect(t, key, old.jwt.fields["access_token"]).active(t)
}

func TestAnOldSnapshotIsNotServedWithoutTheStore(t *testing.T) {
	for name, moved := range map[string]time.Duration{
		"older than max_staleness": 5*time.Minute + time.Second,
		"the clock was set back":   -time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t)
			i := n.start(t)
			key := i.twoFormats(t)
			i.end()
			n.clock.advance(moved)
			n.away.Store(true)
			err := n.refuses(t)
			if !strings.Contains(err.Error(), "too old") || !strings.Contains(err.Error(), "the cable was cut") || !strings.Contains(fault.HintOf(err), "max_staleness") {
				t.Errorf("got %v, %s", err, fault.HintOf(err))
			}
			n.away.Store(false)
			i = n.start(t)
			i.token(t, key, "&scope=/ping.read").granted(t)
		})
	}
}

// Whoever can put back an older file cannot take back what was revoked after it.
func TestAnOlderSnapshotPutBackBringsNoTokenBack(t *testing.T) {
	n := newNode(t)
	i := n.start(t)
	key := i.twoFormats(t)
	old := i.holdings(t, key)
	i.end()
	text, err := os.ReadFile(n.snapshot())
	must(t, err)
	i = n.start(t)
	i.revoke(t, key, old.jwt.fields["access_token"], "").revoked(t)
	i.end()
	must(t, os.WriteFile(n.snapshot(), text, 0o600))
	i = n.start(t)
	i.introspect(t, key, old.jwt.fields["access_token"]).inactive(t)
	i.introspect(t, key, old.opaque.fields["access_token"]).active(t)
}

func TestASnapshotThatCannotBeUsedIsReplaced(t *testing.T) {
	for name, spoil := range map[string]func(text []byte) []byte{
		"cut":      func(text []byte) []byte { return text[:len(text)-1] },
		"extended": func(text []byte) []byte { return append(text, 0) },
		"changed": func(text []byte) []byte {
			text[len(text)/2] ^= 1
			return text
		},
		"by another version": func(text []byte) []byte {
			text[20] ^= 1
			return text
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t)
			i := n.start(t)
			key := i.twoFormats(t)
			i.end()
			text, err := os.ReadFile(n.snapshot())
			must(t, err)
			must(t, os.WriteFile(n.snapshot(), spoil(text), 0o600))
			n.away.Store(true)
			n.refuses(t)
			n.away.Store(false)
			i = n.start(t)
			i.expectLog(t, "the snapshot cannot be used")
			i.token(t, key, "&scope=/ping.read").granted(t)
			i.end()
			n.away.Store(true)
			i = n.start(t)
			i.token(t, key, "&scope=/ping.read").granted(t)
		})
	}
}

func TestASnapshotIsForItsMasterKeyAndPepper(t *testing.T) {
	for _, name := range []string{"master.key", "pepper.key"} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t)
			i := n.start(t)
			i.end()
			path := filepath.Join(n.dir, "keys", name)
			must(t, os.WriteFile(path, []byte(masterA+"\n"), 0o600))
			n.away.Store(true)
			err := n.refuses(t)
			if !strings.Contains(err.Error(), "the cable was cut") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// exchanged is a store in whose place another one comes.
type exchanged struct {
	unreachable
	other *atomic.Pointer[store.Store]
}

func (e exchanged) Head(ctx context.Context) (store.Position, error) {
	if other := e.other.Load(); other != nil {
		return (*other).Head(ctx)
	}
	return e.unreachable.Head(ctx)
}

func (e exchanged) Setting(ctx context.Context, name string) ([]byte, error) {
	if other := e.other.Load(); other != nil {
		return (*other).Setting(ctx, name)
	}
	return e.unreachable.Setting(ctx, name)
}

func (e exchanged) Changes(ctx context.Context, after store.Position, limit int) ([]store.Change, error) {
	if other := e.other.Load(); other != nil {
		return (*other).Changes(ctx, after, limit)
	}
	return e.unreachable.Changes(ctx, after, limit)
}

func TestAnotherStoreThanThatOfTheSnapshotIsNotTaken(t *testing.T) {
	n := newNode(t)
	i := n.start(t)
	key := i.twoFormats(t)
	i.end()
	stranger := newNode(t)
	stranger.start(t)

	other := &atomic.Pointer[store.Store]{}
	n.wrap = func(s store.Store) store.Store { return exchanged{unreachable{s, n.away}, other} }
	n.away.Store(true)
	i = n.start(t)
	other.Store(&stranger.real)
	i.expectLog(t, `"answers":true`)
	i.token(t, key, "&scope=/ping.read").granted(t)
	n.clock.advance(6 * time.Minute)
	i.token(t, key, "&scope=/ping.read").comeAgain(t)
}
