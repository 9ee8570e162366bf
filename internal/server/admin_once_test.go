package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

// forgetful is a store that loses the answers of its writes: they are done or not, and
// nobody is told which.
type forgetful struct {
	store.Store
	// lose says what becomes of writes: 0 is well, 1 not done, 2 done.
	lose *atomic.Int32
}

func (f forgetful) Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	lose := f.lose.Load()
	if lose == 1 {
		return store.Position{}, fmt.Errorf("write: %w", store.ErrUnknown)
	}
	at, err := f.Store.Write(ctx, by, mutations...)
	if lose == 2 {
		return store.Position{}, errors.Join(fmt.Errorf("write: %w", store.ErrUnknown), err)
	}
	return at, err
}

// onEach runs a test on SQLite and on PostgreSQL.
func onEach(t *testing.T, f func(t *testing.T, e engine)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { f(t, engines()[0]) })
	t.Run("PostgreSQL", func(t *testing.T) {
		f(t, engine{"PostgreSQL", func(ctx context.Context, _ string, onStatement func(string)) (store.Store, error) {
			c, err := postgres.New(postgres.Options{})
			postgres.Missing(t, err)
			t.Cleanup(func() { _ = c.Remove() })
			return sqlstore.Open(ctx, sqlstore.Config{URL: c.URL(postgres.Superuser, "postgres"), OnStatement: onStatement})
		}})
	})
}

// creations are all calls that take an Idempotency-Key.
func creations(key string) [][2]string {
	return [][2]string{
		{"/admin/v1/keys", `{"name":"a","scopes":["/accounts.read"]}`},
		{"/admin/v1/keys/" + key + "/secrets", `{"name":"second"}`},
		{"/admin/v1/apis", `{"audience":"https://other.example","scopes":["/other.read"],"parameters":{}}`},
		{"/admin/v1/signing-keys/rotate", `{}`},
	}
}

// countMade counts the keys that a test has made.
func (c adminCaller) countMade(t *testing.T, want int) {
	t.Helper()
	got := c.call(t, "GET", "/admin/v1/keys?limit=200", "")
	if n := strings.Count(got.body, `"name":"a"`); n != want {
		t.Errorf("there are %d keys of this test, want %d: %s", n, want, got.body)
	}
}

func TestWhatWas503IsDoneOnceWhenItIsSentAgain(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		for name, lost := range map[string]int32{"not done": 1, "done": 2} {
			t.Run(name, func(t *testing.T) {
				lose := &atomic.Int32{}
				i := launch(t, options{engine: e, wrap: func(s store.Store) store.Store { return forgetful{s, lose} }})
				c := i.administrator(t, "", append(admin.Scopes(), "/accounts.read")...)
				for n, tt := range creations(c.madeKey(t, "")) {
					key := fmt.Sprintf("one-of-those-requests-%d-%d", n, lost)
					lose.Store(lost)
					first := c.call(t, "POST", tt[0], tt[1], "Idempotency-Key", key)
					if lost == 1 && first.status != http.StatusServiceUnavailable || lost == 2 && first.status != http.StatusCreated {
						t.Errorf("%s, first: got %d %s", tt[0], first.status, first.body)
					}
					lose.Store(0)
					second := c.call(t, "POST", tt[0], tt[1], "Idempotency-Key", key)
					third := c.call(t, "POST", tt[0], tt[1], "Idempotency-Key", key)
					if second.status != http.StatusCreated || third.status != http.StatusCreated || second.body != third.body {
						t.Errorf("%s, sent again: got %d %s, then %d %s", tt[0], second.status, second.body, third.status, third.body)
					}
					if third.header.Get("Idempotency-Replayed") != "true" || (second.header.Get("Idempotency-Replayed") == "true") != (lost == 2) {
						t.Errorf("%s: replayed %v, %v", tt[0], second.header, third.header)
					}
					other := c.call(t, "POST", tt[0], tt[1]+" ", "Idempotency-Key", key)
					if other.status != http.StatusUnprocessableEntity {
						t.Errorf("%s, with another body: got %d %s", tt[0], other.status, other.body)
					}
				}
				c.countMade(t, 2)
				i.end()
			})
		}
	})
}

func TestATokenWithLessIsNotGivenTheAnswerAgain(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.ScopeKeysRead, admin.ScopeKeysWrite, "/accounts.read")
	const body, key = `{"name":"a","scopes":["/admin/keys.read"]}`, "a-key-of-more-than-16"
	first := c.call(t, "POST", "/admin/v1/keys", body, "Idempotency-Key", key)
	narrow := c
	narrow.token = c.fetch(t, "resource="+i.Issuer+"/admin&scope=/admin/keys.write")
	got := narrow.call(t, "POST", "/admin/v1/keys", body, "Idempotency-Key", key)
	if first.status != http.StatusCreated || got.status != http.StatusUnprocessableEntity {
		t.Errorf("first %d, then %d %s", first.status, got.status, got.body)
	}
	c.token = c.fetch(t, "resource="+i.Issuer+"/admin")
	if again := c.call(t, "POST", "/admin/v1/keys", body, "Idempotency-Key", key); again.body != first.body {
		t.Errorf("with another token of the same scopes: %d %s", again.status, again.body)
	}
}

func TestManyAtOnceWithOneIdempotencyKey(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		i := launch(t, options{engine: e})
		c := i.administrator(t, "", append(admin.Scopes(), "/accounts.read")...)
		for n, tt := range creations(c.madeKey(t, "")) {
			const many = 8
			answers := make([]answer, many)
			var wg sync.WaitGroup
			for a := range answers {
				wg.Go(func() {
					answers[a] = c.call(t, "POST", tt[0], tt[1], "Idempotency-Key", fmt.Sprintf("at-once-with-the-same-%d", n))
				})
			}
			wg.Wait()
			fresh := 0
			for _, got := range answers {
				if got.status != http.StatusCreated || got.body != answers[0].body {
					t.Errorf("%s: got %d %s, another %s", tt[0], got.status, got.body, answers[0].body)
				}
				if got.header.Get("Idempotency-Replayed") == "" {
					fresh++
				}
			}
			if fresh != 1 {
				t.Errorf("%s was done %d times", tt[0], fresh)
			}
		}
		c.countMade(t, 2)
		i.end()
	})
}
