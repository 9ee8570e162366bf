package console

import (
	"sync"
	"time"
)

// throttle slows guessing down: by name, whether there is such an operator or not, and by
// address. What it remembers is bounded, and forgotten as it would be allowed again.
type throttle struct {
	mu    sync.Mutex
	tries map[string]*tries
}

type tries struct {
	left float64
	at   time.Time
}

const (
	triesAtOnce   = 5
	triesPer      = 30 * time.Second
	rememberTries = 10_000
)

// allow takes one try, or says how long to wait for one.
func (t *throttle) allow(now time.Time, subjects ...string) (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tries == nil || len(t.tries) > rememberTries {
		t.forget(now)
	}
	var wait time.Duration
	for _, s := range subjects {
		one := t.refill(s, now)
		if one.left < 1 {
			wait = max(wait, time.Duration((1-one.left)*float64(triesPer)))
		}
	}
	if wait > 0 {
		return wait, false
	}
	for _, s := range subjects {
		t.tries[s].left--
	}
	return 0, true
}

func (t *throttle) refill(subject string, now time.Time) *tries {
	one := t.tries[subject]
	if one == nil {
		one = &tries{left: triesAtOnce, at: now}
		t.tries[subject] = one
	}
	one.left = min(triesAtOnce, one.left+float64(now.Sub(one.at))/float64(triesPer))
	one.at = now
	return one
}

// forget drops what is as good as new; when that is not enough, all of it.
func (t *throttle) forget(now time.Time) {
	kept := map[string]*tries{}
	for s, one := range t.tries {
		if now.Sub(one.at) < triesAtOnce*triesPer {
			kept[s] = one
		}
	}
	if len(kept) > rememberTries {
		kept = map[string]*tries{}
	}
	t.tries = kept
}

// good gives the try back that a right credential took.
func (t *throttle) good(subjects ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range subjects {
		delete(t.tries, s)
	}
}
