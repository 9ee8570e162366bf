package hostile

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// How many wrong secrets there may be for a key from one network at once, and
// after what time there may be one more.
const (
	guesses      = 20
	anotherGuess = 3 * time.Second
)

// tally counts the answers to guesses, by status.
type tally struct {
	mu     sync.Mutex
	counts map[int]int
	bodies map[string]bool
}

var digits = regexp.MustCompile(`[0-9]+`)

func (c *tally) add(got answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[got.status]++
	c.bodies[fmt.Sprint(got.status, " ", digits.ReplaceAllString(got.body, "N"))] = true
}

// guess sends wrong secrets from several connections while during runs.
func (f fixture) guess(t *testing.T, each int, key func(worker, n int) blackbox.Key, during func()) *tally {
	t.Helper()
	const workers = 4
	counted := &tally{counts: map[int]int{}, bodies: map[string]bool{}}
	var running sync.WaitGroup
	for worker := range workers {
		client := f.Client(t)
		running.Go(func() {
			for n := range each {
				resp, err := client.Do(f.build(t, request{body: grantForm, key: key(worker, n)}))
				if err != nil {
					t.Errorf("got no answer: %v", err)
					return
				}
				got, err := drain(resp)
				if err != nil {
					t.Error(err)
					return
				}
				checkGuess(t, got)
				counted.add(got)
			}
		})
	}
	during()
	running.Wait()
	return counted
}

func checkGuess(t *testing.T, got answer) {
	t.Helper()
	if got.status == http.StatusUnauthorized {
		checkError(t, got, http.StatusUnauthorized, "invalid_client")
		return
	}
	checkError(t, got, http.StatusTooManyRequests, "temporarily_unavailable")
	wait, err := strconv.Atoi(got.header.Get("Retry-After"))
	if err != nil || wait < 1 || time.Duration(wait)*time.Second > anotherGuess {
		t.Errorf("got Retry-After %q, want 1 to 3 seconds", got.header.Get("Retry-After"))
	}
}

// testGuesses has somebody guess the secret of a key, and of one that does not
// exist, while its owner works from the same address.
func (f fixture) testGuesses(t *testing.T) {
	owner := func() {
		for range 50 {
			f.checkToken(t, f.send(t, request{body: grantForm, key: f.guessed}))
		}
	}
	texts := map[string]map[string]bool{}
	for name, id := range map[string]string{"a key": f.guessed.ID, "no key": "BBBBBBBBBBBBBBBB"} {
		started := time.Now()
		counted := f.guess(t, 500, func(worker, n int) blackbox.Key {
			return blackbox.Key{ID: id, Secret: fmt.Sprintf("guess-%d-%d", worker, n)}
		}, owner)
		most := guesses + int(time.Since(started)/anotherGuess) + 1
		t.Logf("%s: %v", name, counted.counts)
		if counted.counts[http.StatusUnauthorized] > most || counted.counts[http.StatusUnauthorized] < guesses || counted.counts[http.StatusTooManyRequests] == 0 {
			t.Errorf("%s: got %v, want %d to %d answers 401 and 429 for the rest", name, counted.counts, guesses, most)
		}
		texts[name] = counted.bodies
	}
	for body := range texts["a key"] {
		if !texts["no key"][body] {
			t.Errorf("only a key that exists answers %s", body)
		}
	}
	if len(texts["a key"]) != len(texts["no key"]) {
		t.Errorf("got %v for a key and %v for none, want the same", texts["a key"], texts["no key"])
	}
}

// testGuessesAtMany tries one secret at a great many ids, so that the table of
// failures has something in every place.
func (f fixture) testGuessesAtMany(t *testing.T) {
	f.guess(t, 2_500, func(worker, n int) blackbox.Key {
		return blackbox.Key{ID: fmt.Sprintf("guess-%d-%d", worker, n), Secret: "the same for all"}
	}, func() {
		for range 50 {
			f.checkToken(t, f.send(t, request{body: grantForm, key: f.plain}))
		}
	})
}

// testSlowGuesses makes the server compare slow hashes, as long as it lets itself.
// The owner's secret was right before, and is remembered.
func (f fixture) testSlowGuesses(t *testing.T) {
	f.checkToken(t, f.send(t, request{body: grantForm, key: f.slow}))
	counted := f.guess(t, 250, func(worker, n int) blackbox.Key {
		return blackbox.Key{ID: f.slow.ID, Secret: fmt.Sprintf("guess-%d-%d", worker, n)}
	}, func() {
		for range 50 {
			f.checkToken(t, f.send(t, request{body: grantForm, key: f.slow}))
		}
	})
	t.Logf("%v", counted.counts)
	if counted.counts[http.StatusTooManyRequests] == 0 {
		t.Errorf("got %v, want 429 beyond the first %d", counted.counts, guesses)
	}
}

// testOriginFlood asks from a great many origins, before a request and with one,
// none of which leaves anything behind; a page of a listed origin is served beside
// them.
func (f fixture) testOriginFlood(t *testing.T) {
	const workers, each = 4, 1_500
	var running sync.WaitGroup
	for worker := range workers {
		client := f.Client(t)
		running.Go(func() {
			for n := range each {
				origin := fmt.Sprintf("https://example-%d-%d.evil.example", worker, n)
				r := preflight([]string{tokenPath, revokePath, introspectPath}[n%3], origin)
				if n%2 == 0 {
					r = from(f.page, "Origin", origin)
				}
				resp, err := client.Do(f.build(t, r))
				if err != nil {
					t.Errorf("got no answer: %v", err)
					return
				}
				got, err := drain(resp)
				if err != nil || got.status != http.StatusForbidden {
					t.Errorf("got %d %.300q (%v), want 403", got.status, got.body, err)
					return
				}
				checkNoCORS(t, got)
			}
		})
	}
	for range 50 {
		f.checkToken(t, f.send(t, from(f.page, "Origin", listedOrigin)))
		got := f.send(t, preflight(tokenPath, listedOrigin))
		if got.status != http.StatusNoContent {
			t.Errorf("got %d %.200q, want 204 for a listed origin", got.status, got.body)
		}
	}
	running.Wait()
}
