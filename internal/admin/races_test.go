package admin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// The store refuses a definition that exists; that two templates could match one
// string it cannot see.
func TestOfOverlappingAPIsMadeAtOnceThereIsOne(t *testing.T) {
	s := start(t, t.TempDir())
	const callers = 8
	var made atomic.Int32
	var calls sync.WaitGroup
	for n := range callers {
		calls.Go(func() {
			_, err := s.CreateAPI(t.Context(), admin.NewAPI{
				Audience: fmt.Sprintf("https://%d.example", n),
				Scopes:   []string{fmt.Sprintf("/accounts/{p%d}", n)},
			})
			if err == nil {
				made.Add(1)
			}
		})
	}
	calls.Wait()
	if made.Load() != 1 {
		t.Errorf("%d APIs whose scopes could mean the same were made", made.Load())
	}
}

// deaf is a mirror that does not take in what was written.
type deaf struct{}

func (deaf) Sync(context.Context) error { return store.ErrUnavailable }

func TestAChangeThatIsStoredButNotTakenInIsNotCalledUndone(t *testing.T) {
	s := start(t, t.TempDir())
	_, err := s.CreateAPI(t.Context(), admin.NewAPI{Audience: "https://a.example", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.CreateKey(t.Context(), admin.NewKey{Name: "k", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	u := &admin.UseCases{Store: s.store, Mirror: deaf{}, Now: s.mirror.Now}
	err = u.DeleteKey(t.Context(), "test", key.ClientID)
	if err == nil || strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("got %v", err)
	}
	_, err = s.store.Client(t.Context(), key.ClientID)
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the key is still there: %v", err)
	}
}

// atOnce makes n calls at the same time and returns how many succeeded. The
// others must have been refused with the given status.
func atOnce(t *testing.T, n, status int, call func(i int) error) int {
	t.Helper()
	var done atomic.Int32
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			err := call(i)
			p, refused := errors.AsType[*web.Problem](err)
			switch {
			case err == nil:
				done.Add(1)
			case !refused || p.Status != status:
				t.Errorf("call %d: %v, want a refusal with %d", i, err, status)
			}
		})
	}
	calls.Wait()
	return int(done.Load())
}

func TestOfSecretsOfOneNameAddedAtOnceThereIsOne(t *testing.T) {
	s := start(t, t.TempDir())
	key := s.key(t)
	made := atOnce(t, 8, 409, func(int) error {
		_, err := s.AddSecret(t.Context(), key.ClientID, admin.NewSecret{Name: "next"})
		return err
	})
	shown, err := s.ShowKey(t.Context(), key.ClientID)
	if err != nil || made != 1 || len(shown.Secrets) != 2 {
		t.Errorf("%d were added, the key has %d secrets, %v", made, len(shown.Secrets), err)
	}
}

func TestOfManySecretsAddedAtOnceThereIsRoomForTen(t *testing.T) {
	s := start(t, t.TempDir())
	key := s.key(t)
	made := atOnce(t, 16, 409, func(i int) error {
		_, err := s.AddSecret(t.Context(), key.ClientID, admin.NewSecret{Name: fmt.Sprint(i)})
		return err
	})
	shown, err := s.ShowKey(t.Context(), key.ClientID)
	if err != nil || made != 9 || len(shown.Secrets) != 10 {
		t.Errorf("%d were added, the key has %d secrets, %v", made, len(shown.Secrets), err)
	}
}

func TestASecretIsRetiredOnceWhileOthersAreAdded(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	next, err := s.AddSecret(ctx, key.ClientID, admin.NewSecret{Name: "next"})
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(30 * 24 * time.Hour)
	s.works(t, key.ClientID, next.ClientSecret, true)
	var retired atomic.Int32
	added := atOnce(t, 12, 404, func(i int) error {
		if i%2 == 0 {
			_, err := s.AddSecret(ctx, key.ClientID, admin.NewSecret{Name: fmt.Sprint(i)})
			return err
		}
		_, err := s.RetireSecret(ctx, key.ClientID, "default", admin.Retirement{})
		if err == nil {
			retired.Add(1)
		}
		return err
	})
	shown, err := s.ShowKey(ctx, key.ClientID)
	if err != nil || retired.Load() != 1 || added != 7 || len(shown.Secrets) != 7 {
		t.Errorf("%d calls were done, %d of them retired it, and the key has %d secrets, %v", added, retired.Load(), len(shown.Secrets), err)
	}
	s.works(t, key.ClientID, next.ClientSecret, true)
	s.works(t, key.ClientID, key.ClientSecret, false)
}

func TestAnActiveSigningKeyRevokedTwiceAtOnceIsReplacedOnce(t *testing.T) {
	s := start(t, t.TempDir())
	s.key(t)
	kid := s.active(keys.ES256)
	s.clock.Advance(time.Second)
	var replaced atomic.Int32
	done := atOnce(t, 8, 0, func(int) error {
		got, err := s.RevokeSigningKey(t.Context(), kid)
		if got.ReplacedBy != nil {
			replaced.Add(1)
		}
		return err
	})
	if done != 8 || replaced.Load() != 1 {
		t.Errorf("%d calls were answered, %d replaced the key", done, replaced.Load())
	}
	s.wantStates(t, "ES256 revoked", "ES256 active")
}

func TestSigningKeysRotatedAtOnceGetOneSuccessor(t *testing.T) {
	s := start(t, t.TempDir())
	s.key(t)
	s.clock.Advance(90 * 24 * time.Hour)
	made := atOnce(t, 8, 409, func(i int) error {
		if i%2 == 0 {
			return s.keepSigningKeys(t)
		}
		_, err := s.RotateSigningKey(t.Context(), admin.SigningKeyRotation{})
		return err
	})
	// Keeping them succeeds whether or not there is something to do.
	if made != 4 && made != 5 {
		t.Errorf("%d calls were done", made)
	}
	s.wantStates(t, "ES256 active", "ES256 pending")
}

func TestOfResourceServersAddedAtOnceThereIsRoomForAHundred(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	s.key(t)
	var ids []string
	for range 103 {
		one, err := s.CreateKey(ctx, admin.NewKey{Name: "rs", Scopes: []string{"/a.read"}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one.ClientID)
	}
	_, err := s.CreateAPI(ctx, admin.NewAPI{Audience: "https://b.example", Scopes: []string{"b"}, ResourceServers: ids[:99]})
	if err != nil {
		t.Fatal(err)
	}
	added := atOnce(t, 4, 409, func(i int) error {
		_, err := s.AddResourceServer(ctx, "https://b.example", ids[99+i])
		return err
	})
	shown, err := s.ShowAPI(ctx, "https://b.example")
	if err != nil || added != 1 || len(shown.ResourceServers) != 100 {
		t.Errorf("%d were added, there are %d, %v", added, len(shown.ResourceServers), err)
	}
	err = s.DeleteKey(ctx, shown.ResourceServers[0])
	if err != nil {
		t.Fatal(err)
	}
	made := atOnce(t, 4, 409, func(int) error {
		_, err := s.CreateKey(ctx, admin.NewKey{Name: "rs", ResourceServerOf: []string{"https://b.example"}})
		return err
	})
	shown, err = s.ShowAPI(ctx, "https://b.example")
	if err != nil || made != 1 || len(shown.ResourceServers) != 100 {
		t.Errorf("%d keys were made as resource servers, there are %d, %v", made, len(shown.ResourceServers), err)
	}
}

// Two nodes have a lock each. What one of them has acknowledged stays, whatever the other
// one changes of the same record.
func TestNodesThatChangeOneKeyDoNotUndoEachOther(t *testing.T) {
	const changes = 40
	s := start(t, t.TempDir())
	_, err := s.CreateAPI(t.Context(), admin.NewAPI{Audience: "https://a.example", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.CreateKey(t.Context(), admin.NewKey{Name: "k", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	another := &admin.UseCases{Store: s.store, Mirror: s.mirror, Now: s.mirror.Now}
	var nodes sync.WaitGroup
	nodes.Go(func() {
		for n := range changes {
			name := fmt.Sprintf("number %d", n)
			got, err := s.usecases.UpdateKey(t.Context(), "test", key.ClientID, admin.KeyChange{Name: &name})
			now, readErr := s.store.Client(t.Context(), key.ClientID)
			if err != nil || readErr != nil || got.Name != name || now.Name != name {
				t.Errorf("the name is %q after it became %q: %v, %v", now.Name, name, err, readErr)
			}
		}
	})
	nodes.Go(func() {
		for n := range changes {
			lifetime := admin.Seconds(n + 60)
			_, err := another.UpdateKey(t.Context(), "test", key.ClientID, admin.KeyChange{AccessTokenLifetime: &lifetime})
			now, readErr := s.store.Client(t.Context(), key.ClientID)
			if err != nil || readErr != nil || now.AccessTokenLifetime != time.Duration(lifetime)*time.Second {
				t.Errorf("the lifetime is %v after it became %v: %v, %v", now.AccessTokenLifetime, lifetime, err, readErr)
			}
		}
	})
	nodes.Wait()
}
