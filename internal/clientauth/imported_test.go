package clientauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

func TestASecretIsHashedOnce(t *testing.T) {
	o := newOffice(t, key("foreign", imported(horse), imported(battery)))
	steps := []struct {
		name, secret string
		want         string
		slow         int
	}{
		{"a right one", "correct horse", "", 1},
		{"the same again", "correct horse", "", 0},
		{"the other right one is compared with both", "password", "", 2},
		{"the same again", "password", "", 0},
		{"a wrong one is compared with both", "wrong", failed, 2},
		{"the same wrong one again", "wrong", failed, 0},
		{"another wrong one", "wrong too", failed, 2},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			before := o.slow
			if got := o.ask("foreign", step.secret); got != step.want {
				t.Errorf("got %q, want %q", got, step.want)
			}
			if got := o.slow - before; got != step.slow {
				t.Errorf("%d slow hashes, want %d", got, step.slow)
			}
		})
	}
}

func TestWhatIsRememberedIsOfNoUseElsewhere(t *testing.T) {
	// Both keys came with the same hash from the other server.
	o := newOffice(t, key("one", imported(horse)), key("two", imported(horse)))
	for _, id := range []string{"one", "two"} {
		if got := o.ask(id, "correct horse"); got != "" {
			t.Fatal(got)
		}
	}
	if o.slow != 2 {
		t.Errorf("%d slow hashes for two keys, want 2", o.slow)
	}
	o.change(store.RemoveSecret{ClientID: "one", ID: "secret 0"})
	if got := o.ask("one", "correct horse"); got != failed {
		t.Errorf("a secret that was removed: got %q, want %q", got, failed)
	}
	o.change(store.DeleteClient{ID: "two"})
	if got := o.ask("two", "correct horse"); got != failed {
		t.Errorf("a key that was deleted: got %q, want %q", got, failed)
	}
	// A secret that failed is not remembered against a hash that comes later.
	o.change(store.AddSecret{ClientID: "one", Secret: key("", imported(battery)).Secrets[0]})
	if got := o.ask("one", "password"); got != "" {
		t.Errorf("a hash that came later: got %q", got)
	}
	o.change(store.CreateClient{Client: key("two", imported(strings.Replace(horse, "2y", "2b", 1)))})
	if got := o.ask("two", "correct horse"); got != "" {
		t.Errorf("a key that was made again: got %q", got)
	}
}

func TestSecretsThatCostNothing(t *testing.T) {
	tests := []struct {
		name, phc, secret string
	}{
		{"longer than 512 bytes", battery, strings.Repeat("x", 513)},
		{"as long as a parameter may be", battery, strings.Repeat("x", 16<<10)},
		{"longer than the 72 bytes of bcrypt", horse, strings.Repeat("x", 73)},
		{"with a NUL, which bcrypt takes for its repetition", horse, "correct horse\x00correct horse"},
		{"with a NUL, which HMAC pads with", battery, "password\x00"},
		{"for a hash above the caps", "$2b$31$" + horse[7:], "correct horse"},
		{"for a hash of 1 GiB", strings.Replace(battery, "m=256", "m=1048576", 1), "password"},
		{"for a hash with endless passes", strings.Replace(battery, "t=2", "t=4294967295", 1), "password"},
		{"for a hash that is malformed", "$2b$", "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, key("foreign", imported(tt.phc)))
			if got := o.says(attempt(basic("foreign:"+tt.secret), "", "")); got != failed {
				t.Errorf("got %q, want %q", got, failed)
			}
			if o.slow != 0 {
				t.Errorf("%d slow hashes, want none", o.slow)
			}
		})
	}
}

func TestTheLongestSecretsMatch(t *testing.T) {
	tests := []struct {
		name, phc string
		length    int
	}{
		{"512 bytes with PBKDF2", "$pbkdf2-sha256$i=10,l=32$c29tZXNhbHQ$ZpbNUOh8OLbF9zoGS1y1YQmqdsA4szWuQsAoMiKPbEk", 512},
		{"72 bytes with bcrypt", "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i", 72},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, key("foreign", imported(tt.phc)))
			if got := o.ask("foreign", strings.Repeat("x", tt.length)); got != "" {
				t.Errorf("got %q", got)
			}
			if got := o.ask("foreign", strings.Repeat("x", tt.length+1)); got != failed {
				t.Errorf("with a byte more: got %q, want %q", got, failed)
			}
		})
	}
}

// jammed is an office whose slow hashes do not end before release is called.
func jammed(o *office) (started func() int, release func()) {
	var mu sync.Mutex
	count, gate := 0, make(chan struct{})
	o.Imported = NewImported(pepper)
	o.Imported.compare = func(h slowHash, secret string) bool {
		mu.Lock()
		count++
		mu.Unlock()
		<-gate
		return h.matches(secret)
	}
	started = func() int {
		mu.Lock()
		defer mu.Unlock()
		return count
	}
	return started, func() { close(gate) }
}

func TestAFloodOfWrongSecretsDisturbsNobodyElse(t *testing.T) {
	o := newOffice(t, key("plain", own("plain", "one")),
		key("attacked", imported(horse)), key("second", imported(horse)), key("third", imported(horse)))
	synctest.Test(t, func(t *testing.T) {
		started, release := jammed(o)
		o.Imported.right.add(remembered("attacked", "correct horse", horse))
		var flood sync.WaitGroup
		for n := range 200 {
			flood.Go(func() { o.Authenticate(t.Context(), attempt("", "attacked", fmt.Sprint("wrong ", n))) })
		}
		synctest.Wait()
		if got := started(); got != 1 {
			t.Errorf("200 wrong secrets at one key started %d slow hashes at once, want 1", got)
		}
		if got := o.Imported.gate.inside; got != maxInsideOfKey {
			t.Errorf("%d requests of one key wait, want %d", got, maxInsideOfKey)
		}
		for range 1000 {
			if got := o.ask("plain", "one"); got != "" {
				t.Fatalf("a plain key: %s", got)
			}
			if got := o.ask("attacked", "correct horse"); got != "" {
				t.Fatalf("the remembered secret of the attacked key: %s", got)
			}
			if got := o.ask("nobody", "one"); got != failed {
				t.Fatalf("an unknown id: %s", got)
			}
		}
		var others sync.WaitGroup
		others.Go(func() { o.Authenticate(t.Context(), attempt("", "second", "wrong")) })
		synctest.Wait()
		if got := started(); got != 2 {
			t.Errorf("another key runs in %d places, want the second one", got)
		}
		others.Go(func() { o.Authenticate(t.Context(), attempt("", "third", "wrong")) })
		synctest.Wait()
		if got := started(); got != 2 {
			t.Errorf("%d slow hashes run at once, want 2 at most", got)
		}
		release()
		flood.Wait()
		others.Wait()
		if g := &o.Imported.gate; g.inside != 0 || len(g.queues) != 0 || len(g.places) != 0 {
			t.Errorf("%d are inside, %d keys have a queue and %d places are taken after all have left", g.inside, len(g.queues), len(g.places))
		}
	})
}

func remembered(id, secret, phc string) memoryKey {
	hash := pepper.Hash(id, secret)
	return newMemoryKey(&hash, phc)
}

func TestWaitingForASlowHash(t *testing.T) {
	o := newOffice(t, key("one", imported(horse)), key("two", imported(horse)), key("three", imported(horse)))
	tests := []struct {
		name string
		// id asks while one and two are being checked.
		id     string
		cancel time.Duration
		waits  time.Duration
	}{
		{"for the key's own turn", "one", 0, longestWait},
		{"for one of the places", "three", 0, longestWait},
		{"for the key's own turn, until the caller gives up", "one", time.Second, time.Second},
		{"for one of the places, until the caller gives up", "three", time.Second, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, release := jammed(o)
				var busy sync.WaitGroup
				for _, id := range []string{"one", "two"} {
					busy.Go(func() { o.Authenticate(t.Context(), attempt("", id, "wrong")) })
				}
				synctest.Wait()
				ctx := t.Context()
				if tt.cancel > 0 {
					var stop context.CancelFunc
					ctx, stop = context.WithTimeout(ctx, tt.cancel)
					defer stop()
				}
				begin := time.Now()
				r := attempt("", tt.id, "correct horse")
				_, err := o.Authenticate(ctx, r)
				if waited := time.Since(begin); waited != tt.waits {
					t.Errorf("it waited for %v, want %v", waited, tt.waits)
				}
				isBusy(t, err)
				if r.Record.ClientID != "" || r.Record.Claimed != tt.id {
					t.Errorf("the log has key %q, claimed %q", r.Record.ClientID, r.Record.Claimed)
				}
				release()
				busy.Wait()
				_, err = o.Authenticate(t.Context(), attempt("", tt.id, "correct horse"))
				if err != nil {
					t.Errorf("once there is room: %v", err)
				}
				if g := &o.Imported.gate; g.inside != 0 || len(g.queues) != 0 || len(g.places) != 0 {
					t.Errorf("%d are inside, %d keys have a queue and %d places are taken after all have left", g.inside, len(g.queues), len(g.places))
				}
			})
		})
	}
}

// A slow hash takes its time, and so does the wait for it.
func TestWhatHappensWhileASlowHashRunsCounts(t *testing.T) {
	tests := []struct {
		name      string
		meanwhile func(o *office)
		want      string
	}{
		{"nothing", func(*office) {}, ""},
		{"the key is disabled", func(o *office) { o.change(store.SetClientDisabled{ID: "foreign", Disabled: true}) }, isDisabled},
		{"the key is deleted", func(o *office) { o.change(store.DeleteClient{ID: "foreign"}) }, failed},
		{"the secret is removed", func(o *office) { o.change(store.RemoveSecret{ClientID: "foreign", ID: "secret 0"}) }, failed},
		{"the secret expires", func(o *office) { o.now = noon.Add(3 * time.Second) }, hasExpired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, key("foreign", until(noon.Add(2*time.Second), imported(horse))))
			count := o.Imported.compare
			o.Imported.compare = func(h slowHash, secret string) bool {
				tt.meanwhile(o)
				return count(h, secret)
			}
			if got := o.ask("foreign", "correct horse"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if o.slow != 1 {
				t.Errorf("%d slow hashes, want 1", o.slow)
			}
		})
	}
}

func TestWhoGivesUpMakesRoomForTheNextOfItsKey(t *testing.T) {
	o := newOffice(t, key("one", imported(horse)), key("two", imported(horse)), key("three", imported(horse)))
	synctest.Test(t, func(t *testing.T) {
		_, release := jammed(o)
		var all sync.WaitGroup
		for _, id := range []string{"one", "two"} {
			all.Go(func() { o.Authenticate(t.Context(), attempt("", id, "wrong")) })
		}
		synctest.Wait()
		all.Go(func() {
			_, err := o.Authenticate(t.Context(), attempt("", "three", "wrong"))
			isBusy(t, err)
		})
		time.Sleep(longestWait / 2)
		all.Go(func() {
			_, err := o.Authenticate(t.Context(), attempt("", "three", "correct horse"))
			if err != nil {
				t.Errorf("the next of the key: %v", err)
			}
		})
		time.Sleep(longestWait/2 + time.Millisecond)
		release()
		all.Wait()
	})
}

// isBusy checks what a caller reads who could not be checked.
func isBusy(t *testing.T, err error) {
	t.Helper()
	w := httptest.NewRecorder()
	web.WriteError(w, &web.Record{}, err)
	const body = `{"error":"temporarily_unavailable","error_description":"too many secrets that were imported from another server are being checked; try again shortly"}`
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" || w.Body.String() != body {
		t.Errorf("got %d, Retry-After %q, %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
}

func TestManyRequestsWithOneSecretCostOneSlowHash(t *testing.T) {
	o := newOffice(t, key("one", imported(horse)))
	synctest.Test(t, func(t *testing.T) {
		started, release := jammed(o)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				_, err := o.Authenticate(t.Context(), attempt("", "one", "correct horse"))
				if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		release()
		all.Wait()
		if got := started(); got != 1 {
			t.Errorf("%d slow hashes, want 1", got)
		}
	})
}

func TestAFloodAtManyKeysIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		ctx, stop := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		var mu sync.Mutex
		count := 0
		for n := range 2 * maxInside {
			waiting.Go(func() {
				leave, err := g.enter(ctx, fmt.Sprint("key ", n%100))
				if err == nil {
					<-ctx.Done()
					leave()
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if !errors.Is(err, context.Canceled) {
					count++
				}
			})
		}
		synctest.Wait()
		mu.Lock()
		got := count
		mu.Unlock()
		if got != maxInside || g.inside != maxInside {
			t.Errorf("%d were refused at once and %d wait, want %d and %d", got, g.inside, maxInside, maxInside)
		}
		stop()
		waiting.Wait()
		if g.inside != 0 || len(g.queues) != 0 || len(g.places) != 0 {
			t.Errorf("%d are inside and %d keys have a queue after all have left", g.inside, len(g.queues))
		}
	})
}

// Wrong secrets come from strangers, so that their number must not push out what
// is right.
func TestAFloodOfWrongSecretsForgetsNothingRight(t *testing.T) {
	o := newOffice(t, key("foreign", imported(horse)))
	if got := o.ask("foreign", "correct horse"); got != "" {
		t.Fatal(got)
	}
	o.Imported.compare = func(slowHash, string) bool { return false }
	for n := range 3 * rememberedWrong {
		o.ask("foreign", fmt.Sprint("wrong ", n))
	}
	if got := len(o.Imported.wrong.recent) + len(o.Imported.wrong.earlier); got > 2*rememberedWrong {
		t.Errorf("%d wrong secrets are remembered, want %d at most", got, 2*rememberedWrong)
	}
	if got := o.ask("foreign", "correct horse"); got != "" {
		t.Errorf("after the flood: %s", got)
	}
}

// A caller whose secret reads differently when decoded gets in from memory, also
// when nobody remembers that the other reading is wrong.
func TestTheRightReadingIsFoundBeforeTheOtherIsHashed(t *testing.T) {
	o := newOffice(t, key("foreign", imported(horse)))
	o.Imported.right.add(remembered("foreign", "100%41", horse))
	if got := o.says(attempt(basic("foreign:100%41"), "", "")); got != "" {
		t.Errorf("got %q", got)
	}
	if o.slow != 0 {
		t.Errorf("%d slow hashes, want none", o.slow)
	}
}

func TestMemory(t *testing.T) {
	number := func(n int) memoryKey { return memoryKey{byte(n), byte(n >> 8)} }
	m := memory{limit: 10}
	if m.has(number(0)) {
		t.Error("an empty one knows something")
	}
	for n := range 1000 {
		m.add(number(n))
		if !m.has(number(n)) || !m.has(number(0)) {
			t.Fatalf("after %d, the last one is known: %v, the one always asked for: %v", n, m.has(number(n)), m.has(number(0)))
		}
		if got := len(m.recent) + len(m.earlier); got > 20 {
			t.Fatalf("it holds %d, want 20 at most", got)
		}
	}
	if m.has(number(500)) {
		t.Error("it still knows what nobody asked for in a long time")
	}
}
