package keys_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// What a lookup finds was computed when the keys were loaded; the schedule itself
// must say the same, whatever the keys and whatever the instant.
func TestTheRingAgreesWithTheSchedule(t *testing.T) {
	first := newRing(t)
	var pool []store.SigningKey
	for _, algorithm := range []string{keys.ES256, keys.ES256, keys.ES256, keys.ES256, keys.EdDSA, keys.EdDSA} {
		pool = append(pool, newKey(t, first, algorithm, noon))
	}
	rapid.Check(t, func(t *rapid.T) {
		ring := &keys.Ring{Sealer: first.Sealer, Schedule: schedule}
		instant := rapid.Custom(func(t *rapid.T) time.Time { return minute(rapid.IntRange(-10, 3000).Draw(t, "minute")) })
		var records []store.SigningKey
		for _, record := range pool[rapid.IntRange(0, len(pool)-1).Draw(t, "first"):] {
			record.CreatedAt, record.ActivatesAt = instant.Draw(t, "created"), instant.Draw(t, "activates")
			if rapid.IntRange(0, 3).Draw(t, "revoked") == 0 {
				record.RevokedAt = instant.Draw(t, "at")
			}
			records = append(records, record)
		}
		err := ring.Load(records)
		if err != nil {
			t.Fatal(err)
		}
		at := instant.Draw(t, "now")
		want := map[string]bool{}
		for _, status := range ring.Schedule.Statuses(records, at) {
			switch status.State {
			case keys.StateActive:
				active := ring.Active(status.Algorithm, at)
				if active.ID != status.ID {
					t.Fatalf("%s signs, the schedule says %s", active.ID, status.ID)
				}
				want[status.ID] = true
			case keys.StatePending, keys.StateRetiring:
				want[status.ID] = true
			case keys.StateGone, keys.StateRevoked:
			}
		}
		document := ring.JWKS(at)
		got := published(t, document)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("the JWKS has %v, the schedule says %v", got, want)
		}
		last := at.Add(document.MaxAge - time.Nanosecond)
		if document.MaxAge > time.Second && ring.JWKS(last).ETag != document.ETag {
			t.Fatalf("the document may be kept for %s and changes within", document.MaxAge)
		}
	})
}

// published returns the kids in a JWKS.
func published(t rapid.TB, document keys.Document) map[string]bool {
	var set struct {
		Keys []struct {
			KeyID string `json:"kid"`
		} `json:"keys"`
	}
	err := json.Unmarshal(document.Body, &set)
	if err != nil {
		t.Fatal(err)
	}
	kids := map[string]bool{}
	for _, key := range set.Keys {
		kids[key.KeyID] = true
	}
	return kids
}

// skew is how far a clock may fall back behind what it said before, which it may
// do twice in the life of a token: when the next key is made, and when the token
// is used. The schedule retains keys for so much longer than tokens live.
const (
	longestToken = 24 * time.Hour
	skew         = 30 * time.Second
)

// issued is a token that somebody holds.
type issued struct {
	text, kid string
	expires   time.Time
}

// life is a server that rotates, and a verifier that keeps the JWKS for as long
// as it may.
type life struct {
	ring *keys.Ring
	// pool are keys for those to come: rapid must find the same ones when it
	// repeats a run.
	pool    []store.SigningKey
	records []store.SigningKey
	tokens  []issued

	now, furthest time.Time
	// since is when each key was published first.
	since map[string]time.Time
	// hurried are the keys that have to sign without having been published ahead:
	// the first of an algorithm, those that were told to, those that take the place
	// of one that was revoked, and those that a revocation brings back.
	hurried map[string]bool
	cached  map[string]bool
	until   time.Time
}

func (l *life) load(t *rapid.T) {
	err := l.ring.Load(l.records)
	if err != nil {
		t.Fatal(err)
	}
	for kid := range published(t, l.ring.JWKS(l.now)) {
		if _, known := l.since[kid]; !known {
			l.since[kid] = l.now
		}
	}
}

func (l *life) advance(t *rapid.T) {
	unit := rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour}).Draw(t, "unit")
	l.tick(time.Duration(rapid.IntRange(1, 59).Draw(t, "steps")) * unit)
}

// awaitEnd goes to the last millisecond of a token.
func (l *life) awaitEnd(t *rapid.T) {
	if len(l.tokens) == 0 {
		return
	}
	token := rapid.SampledFrom(l.tokens).Draw(t, "token")
	left := token.expires.Sub(l.now) - time.Millisecond
	if left > 0 {
		l.tick(left)
	}
}

// awaitNext goes to when the next key signs.
func (l *life) awaitNext(*rapid.T) {
	for _, status := range schedule.Statuses(l.records, l.now) {
		if status.State == keys.StateActive && !status.RetiresAt.IsZero() {
			l.tick(status.RetiresAt.Sub(l.now))
		}
	}
}

func (l *life) stepBack(t *rapid.T) {
	back := time.Duration(rapid.IntRange(1, int(skew/time.Second)).Draw(t, "seconds")) * time.Second
	if limit := l.furthest.Add(-skew); l.now.Add(-back).After(limit) {
		l.now = l.now.Add(-back)
	}
}

func (l *life) rotate(t *rapid.T) {
	l.add(t, l.now.Add(schedule.PublishAhead))
}

func (l *life) rotateNow(t *rapid.T) {
	l.add(t, l.now)
}

func (l *life) add(t *rapid.T, activates time.Time) {
	if len(l.pool) == 0 {
		t.Skip("there are no more keys")
	}
	record := l.pool[0]
	l.pool = l.pool[1:]
	record.CreatedAt, record.ActivatesAt = l.now, activates
	l.records = append(l.records, record)
	l.load(t)
	l.hurried[record.ID] = l.ring.Active(keys.ES256, l.now).ID == record.ID
	// No two keys are made within one millisecond.
	l.tick(time.Millisecond)
}

func (l *life) tick(d time.Duration) {
	l.now = l.now.Add(d)
	if l.now.After(l.furthest) {
		l.furthest = l.now
	}
}

// revoke ends a key without putting another one in its place.
func (l *life) revoke(t *rapid.T) {
	if len(l.records) == 0 {
		return
	}
	i := rapid.IntRange(0, len(l.records)-1).Draw(t, "record")
	for _, status := range schedule.Statuses(l.records, l.now) {
		l.hurried[status.ID] = l.hurried[status.ID] || status.State == keys.StateGone
	}
	if l.records[i].RevokedAt.IsZero() {
		l.records[i].RevokedAt = l.now
	}
	l.load(t)
	next := l.ring.Active(keys.ES256, l.now)
	if next != nil {
		l.hurried[next.ID] = true
	}
}

func (l *life) removeGone(t *rapid.T) {
	statuses := schedule.Statuses(l.records, l.now)
	kept := l.records[:0]
	for i, status := range statuses {
		if status.State != keys.StateGone {
			kept = append(kept, l.records[i])
		}
	}
	l.records = kept
	l.load(t)
}

// issue makes a short-lived token and one of the longest lifetime.
func (l *life) issue(t *rapid.T) {
	key := l.ring.Active(keys.ES256, l.now)
	if key == nil {
		return
	}
	text := signedBy(t, key)
	l.tokens = append(l.tokens, issued{text, key.ID, l.now.Add(time.Minute)}, issued{text, key.ID, l.now.Add(longestToken)})
	if l.hurried[key.ID] || !l.come() {
		return
	}
	if ahead := l.now.Sub(l.since[key.ID]); ahead < schedule.PublishAhead {
		t.Fatalf("key %s signs %s after it was published", key.ID, ahead)
	}
	l.fetch(t)
	if !l.cached[key.ID] {
		t.Fatalf("key %s signs, and a verifier that keeps the JWKS until %s does not know it", key.ID, l.until)
	}
}

// come reports whether a key's time has come; else one has to sign before it.
func (l *life) come() bool {
	return slices.ContainsFunc(l.records, func(r store.SigningKey) bool { return r.RevokedAt.IsZero() && !l.now.Before(r.ActivatesAt) })
}

// fetch renews what the verifier keeps, if it is too old.
func (l *life) fetch(t *rapid.T) {
	if !l.now.Before(l.until) {
		document := l.ring.JWKS(l.now)
		l.cached, l.until = published(t, document), l.now.Add(document.MaxAge)
	}
}

func signedBy(t *rapid.T, key *keys.Active) string {
	input := base64url(`{"alg":"`+key.Algorithm+`","kid":"`+key.ID+`"}`) + "." + base64url(claims)
	signature, err := key.Sign(nil, []byte(input))
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64url(string(signature))
}

func (l *life) check(t *rapid.T) {
	active, usable := 0, 0
	for _, status := range schedule.Statuses(l.records, l.now) {
		if status.State != keys.StateRevoked {
			usable++
		}
		if status.State == keys.StateActive {
			active++
		}
	}
	if active != min(usable, 1) {
		t.Fatalf("%d of %d keys are active", active, usable)
	}
	kids := published(t, l.ring.JWKS(l.now))
	for _, token := range l.tokens {
		revoked := slices.ContainsFunc(l.records, func(r store.SigningKey) bool { return r.ID == token.kid && !r.RevokedAt.IsZero() })
		_, err := l.ring.Verify(token.text, l.now)
		if revoked && (err == nil || kids[token.kid]) {
			t.Fatalf("key %s is revoked, and published: %v, its token: %v", token.kid, kids[token.kid], err)
		}
		if !revoked && l.now.Before(token.expires) && (err != nil || !kids[token.kid]) {
			t.Fatalf("a token of key %s lives until %s; published: %v, the token: %v", token.kid, token.expires, kids[token.kid], err)
		}
	}
}

func TestNoLiveTokenLosesItsKey(t *testing.T) {
	ring := newRing(t)
	var pool []store.SigningKey
	for range 40 {
		pool = append(pool, newKey(t, ring, keys.ES256, noon))
	}
	rapid.Check(t, func(t *rapid.T) {
		l := &life{
			// Another ring each time: one never forgets what was revoked.
			ring: &keys.Ring{Sealer: ring.Sealer, Schedule: schedule}, pool: slices.Clone(pool), now: noon, furthest: noon,
			since: map[string]time.Time{}, hurried: map[string]bool{},
		}
		l.add(t, noon)
		t.Repeat(map[string]func(*rapid.T){
			"":            l.check,
			"advance":     l.advance,
			"await end":   l.awaitEnd,
			"await next":  l.awaitNext,
			"step back":   l.stepBack,
			"rotate":      l.rotate,
			"rotate now":  l.rotateNow,
			"revoke":      l.revoke,
			"remove gone": l.removeGone,
			"issue":       l.issue,
			"fetch":       l.fetch,
		})
	})
}
