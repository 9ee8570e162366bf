package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/admin"
)

const (
	rotations    = 20
	maxStaleness = time.Second
	// clockStep is by how much the clock moves at once, less than the staleness.
	clockStep = 250 * time.Millisecond
	// tokenLife is how long the tokens of the demo's key are verified.
	tokenLife = 10 * time.Second
)

// Verifiers that work offline accept every token all its life, while the signing
// keys are rotated as fast as the caches of the JWKS allow.
func TestNoTokenFailsWhileSigningKeysAreRotated(t *testing.T) {
	r := startRotating(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	progress := make(chan struct{}, 16)
	var working sync.WaitGroup
	for range 3 {
		working.Go(func() { r.work(ctx, t, progress) })
	}
	for range rotations {
		made, err := r.i.admin.RotateSigningKey(t.Context(), admin.SigningKeyRotation{})
		must(t, err)
		for r.clock.Now().Before(made.ActivatesAt) {
			r.step(t, progress)
		}
	}
	for range tokenLife / clockStep {
		r.step(t, progress)
	}
	stop()
	working.Wait()
	t.Logf("%d tokens of %d keys, verified %d times", r.issued, len(r.kids), r.verified)
	if len(r.kids) != rotations+1 {
		t.Errorf("tokens were signed by %d keys, want %d", len(r.kids), rotations+1)
	}
}

// rotating is a server whose signing keys are rotated while tokens are issued.
type rotating struct {
	i         *instance
	clock     *standing
	key       admin.CreatedKey
	verifiers []*verifier

	mu sync.Mutex
	// past are the sets that were published, for a node that is behind.
	past   []keySet
	tokens []liveToken
	kids   map[string]bool

	issued, verified int
}

type liveToken struct {
	text    string
	expires time.Time
}

func startRotating(t *testing.T) *rotating {
	t.Helper()
	r := &rotating{clock: newStanding(), kids: map[string]bool{}}
	r.i = launch(t, options{now: r.clock.Now, flags: map[string]string{
		"max_staleness": maxStaleness.String(), "signing_keys.jwks_max_age": "1s",
	}})
	r.key = r.i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, AccessTokenLifetime: admin.Seconds(tokenLife / time.Second)})
	for range maxStaleness / clockStep {
		r.publish(t)
	}
	// Half of them ask this node, half one that has lost its store, and of each
	// half every one at another moment.
	for _, fetch := range []func() (keySet, error){func() (keySet, error) { return r.fetch(t.Context()) }, r.behind} {
		for phase := range maxStaleness / clockStep {
			v := &verifier{fetch: fetch}
			kept, err := fetch()
			must(t, err)
			v.kept = kept
			v.kept.fetched = kept.fetched.Add(-phase * clockStep)
			r.verifiers = append(r.verifiers, v)
		}
	}
	return r
}

// step moves the clock and waits until some tokens were issued since.
func (r *rotating) step(t *testing.T, progress <-chan struct{}) {
	t.Helper()
	r.publish(t)
	for range 6 {
		<-progress
	}
}

// publish moves the clock and has the server look at its store, which it may not
// have since then, and notes what it publishes.
func (r *rotating) publish(t *testing.T) {
	t.Helper()
	r.clock.advance(clockStep)
	_, err := r.i.admin.SetKeyDisabled(t.Context(), r.key.ClientID, false)
	must(t, err)
	set, err := r.fetch(t.Context())
	must(t, err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.past = append(r.past, set)
}

// work issues tokens, and has every verifier look at each of them at once and at
// an older one.
func (r *rotating) work(ctx context.Context, t *testing.T, progress chan<- struct{}) {
	for ctx.Err() == nil {
		err := r.one(ctx)
		if err != nil && ctx.Err() == nil {
			t.Error(err)
		}
		select {
		case progress <- struct{}{}:
		case <-ctx.Done():
		}
	}
}

func (r *rotating) one(ctx context.Context) error {
	got, err := r.i.exchange(ctx, request{contentType: formType, body: grantForm, user: r.key.ClientID, password: r.key.ClientSecret})
	if err != nil {
		return err
	}
	text, _ := got.fields["access_token"].(string)
	if got.status != http.StatusOK {
		return fmt.Errorf("got %d %s", got.status, got.body)
	}
	for _, token := range []string{text, r.older(text)} {
		for n, v := range r.verifiers {
			kid, err := v.verify(token, r.clock.Now())
			if err != nil {
				return fmt.Errorf("verifier %d: %w", n, err)
			}
			r.count(kid)
		}
	}
	return nil
}

func (r *rotating) count(kid string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verified++
	r.kids[kid] = true
}

// older keeps the token and returns any of those that have not expired.
func (r *rotating) older(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.issued++
	now := r.clock.Now()
	// The clock may have moved since the token was issued.
	r.tokens = append(r.tokens, liveToken{text, now.Add(tokenLife - clockStep)})
	for !now.Before(r.tokens[0].expires) {
		r.tokens = r.tokens[1:]
	}
	return r.tokens[rand.IntN(len(r.tokens))].text
}

// fetch asks the server; the set counts from before the request.
func (r *rotating) fetch(ctx context.Context) (keySet, error) {
	set := keySet{fetched: r.clock.Now()}
	got, err := r.i.exchange(ctx, get("/oauth2/jwks"))
	if err != nil {
		return keySet{}, err
	}
	seconds, found := strings.CutPrefix(got.header.Get("Cache-Control"), "public, max-age=")
	n, err := strconv.Atoi(seconds)
	if got.status != http.StatusOK || !found || err != nil {
		return keySet{}, fmt.Errorf("the JWKS: got %d, Cache-Control %q", got.status, got.header.Get("Cache-Control"))
	}
	set.maxAge = time.Duration(n) * time.Second
	return set, json.Unmarshal([]byte(got.body), &set.keys)
}

// behind is what a node serves that has not seen its store for as long as it
// may: the set of then.
func (r *rotating) behind() (keySet, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	for n := len(r.past) - 1; n >= 0; n-- {
		if now.Sub(r.past[n].fetched) >= maxStaleness-clockStep {
			set := r.past[n]
			set.fetched = now
			return set, nil
		}
	}
	return keySet{}, errors.New("nothing was published so long ago")
}

// keySet is a JWKS as a verifier keeps it.
type keySet struct {
	keys    jose.JSONWebKeySet
	fetched time.Time
	maxAge  time.Duration
}

// verifier is one that works offline: it uses the JWKS for exactly as long as
// Cache-Control allows, and does not ask again for a kid that it does not know.
type verifier struct {
	fetch func() (keySet, error)

	mu   sync.Mutex
	kept keySet
}

// verify checks the signature and returns the kid.
func (v *verifier) verify(token string, now time.Time) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if now.Sub(v.kept.fetched) >= v.kept.maxAge {
		fresh, err := v.fetch()
		if err != nil {
			return "", err
		}
		v.kept = fresh
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return "", err
	}
	kid := signed.Signatures[0].Header.KeyID
	found := v.kept.keys.Key(kid)
	if len(found) != 1 {
		return "", fmt.Errorf("kid %s is %d times in a JWKS that was kept for %s", kid, len(found), now.Sub(v.kept.fetched))
	}
	_, err = signed.Verify(found[0])
	return kid, err
}
