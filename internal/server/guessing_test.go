package server_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

// guesses are how many wrong secrets of one id a network may try at once.
const guesses = 20

// startGuessing runs a server behind a proxy, so that a test can come from
// anywhere, with a clock that stands still.
func startGuessing(t *testing.T) (*instance, *stopped) {
	c := newStopped()
	return launch(t, options{now: c.Now, flags: map[string]string{"proxies.trusted": "127.0.0.1/32"}}), c
}

func guess(clientID string) admin.CreatedKey {
	return admin.CreatedKey{Key: admin.Key{ClientID: clientID}, ClientSecret: "wrong"}
}

func TestGuessingSecrets(t *testing.T) {
	i, c := startGuessing(t)
	key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}})
	here, elsewhere := header("X-Forwarded-For", "192.0.2.7"), header("X-Forwarded-For", "198.51.100.1")
	endpoints := []struct{ path, body string }{{tokenPath, grantForm}, {revokePath, "token=x"}, {introspectPath, "token=x"}}
	for n := range guesses {
		// The budget is one for all endpoints.
		at := endpoints[n%len(endpoints)]
		i.with(t, guess(key.ClientID), at.path, at.body, here).is(t, http.StatusUnauthorized, oauth.InvalidClient, "client authentication failed")
	}
	for _, at := range endpoints {
		i.with(t, guess(key.ClientID), at.path, at.body, here).is(t, http.StatusTooManyRequests, oauth.TemporarilyUnavailable, "too often")
		if got := i.with(t, key, at.path, at.body, here); got.status != http.StatusOK {
			t.Errorf("%s: the owner is locked out where the guesses come from: %d %s", at.path, got.status, got.body)
		}
		if got := i.with(t, key, at.path, at.body, elsewhere); got.status != http.StatusOK {
			t.Errorf("%s: the owner is locked out elsewhere: %d %s", at.path, got.status, got.body)
		}
	}
	t.Run("elsewhere there is another budget", func(t *testing.T) {
		i.with(t, guess(key.ClientID), tokenPath, grantForm, elsewhere).is(t, http.StatusUnauthorized, oauth.InvalidClient, "")
	})
	t.Run("another key has another budget", func(t *testing.T) {
		i.with(t, guess(i.Demo.Plain.ClientID), tokenPath, grantForm, here).is(t, http.StatusUnauthorized, oauth.InvalidClient, "")
	})
	t.Run("Retry-After is true", func(t *testing.T) {
		wait := retryAfter(t, i.with(t, guess(key.ClientID), tokenPath, grantForm, here))
		c.advance(wait)
		i.with(t, guess(key.ClientID), tokenPath, grantForm, here).is(t, http.StatusUnauthorized, oauth.InvalidClient, "")
		i.with(t, guess(key.ClientID), tokenPath, grantForm, here).is(t, http.StatusTooManyRequests, oauth.TemporarilyUnavailable, "")
	})
}

// Whoever guesses learns from no answer whether there is a key with the id.
func TestGuessingTellsNothingAboutIDs(t *testing.T) {
	i, _ := startGuessing(t)
	key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}})
	for n := range 2 * guesses {
		from := header("X-Forwarded-For", "192.0.2.7")
		known, unknown := i.with(t, guess(key.ClientID), tokenPath, grantForm, from), i.with(t, guess("0123456789abcdef"), tokenPath, grantForm, from)
		if known.status != unknown.status || known.body != unknown.body {
			t.Fatalf("guess %d: %d %s for a key, %d %s for none", n+1, known.status, known.body, unknown.status, unknown.body)
		}
		for _, h := range []http.Header{known.header, unknown.header} {
			h.Del("Date")
		}
		for _, name := range []string{"Retry-After", "WWW-Authenticate", "Vary", "Content-Length", "Cache-Control"} {
			if known.header.Get(name) != unknown.header.Get(name) {
				t.Errorf("guess %d: %s is %q for a key, %q for none", n+1, name, known.header.Get(name), unknown.header.Get(name))
			}
		}
		if len(known.header) != len(unknown.header) {
			t.Errorf("guess %d: headers %v for a key, %v for none", n+1, known.header, unknown.header)
		}
	}
}

func TestAFloodOfGuessesIsCountedExactly(t *testing.T) {
	i, _ := startGuessing(t)
	key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}})
	from := header("X-Forwarded-For", "2001:db8::7")
	var refused, limited, others, owner atomic.Int64
	var flood sync.WaitGroup
	for worker := range 8 {
		flood.Go(func() {
			for range 25 {
				k := guess(key.ClientID)
				if worker == 0 {
					k = key
				}
				got, err := i.exchange(t.Context(), request{contentType: formType, body: grantForm, user: k.ClientID, password: k.ClientSecret, more: from})
				switch {
				case err != nil:
					others.Add(1)
				case worker == 0 && got.status == http.StatusOK:
					owner.Add(1)
				case worker != 0 && got.status == http.StatusUnauthorized:
					refused.Add(1)
				case worker != 0 && got.status == http.StatusTooManyRequests:
					limited.Add(1)
				default:
					others.Add(1)
				}
			}
		})
	}
	flood.Wait()
	if refused.Load() != guesses || limited.Load() != 7*25-guesses || owner.Load() != 25 || others.Load() != 0 {
		t.Errorf("%d guesses got 401, %d got 429, the owner got %d tokens and %d got something else; want %d, %d, 25 and 0",
			refused.Load(), limited.Load(), owner.Load(), others.Load(), guesses, 7*25-guesses)
	}
}
