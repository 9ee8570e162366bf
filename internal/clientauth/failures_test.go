package clientauth

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

const tooMany = "temporarily_unavailable: client authentication failed too often for this client id from your network; wait, and check the client id and its secret"

const noCredentials = "invalid_client: the request has no client credentials; send id and secret as Authorization: Basic, or as client_id and client_secret in the body"

// The budget of package policy: this many at once, and one more after each step.
const (
	atOnce = 20
	step   = 3 * time.Second
)

// guarded is an office that counts failures.
func guarded(t *testing.T, clients ...store.Client) *office {
	o := newOffice(t, clients...)
	o.Failures = &policy.Failures{}
	return o
}

// from is an attempt out of another place.
func from(peer, id, secret string) *web.Request {
	r := attempt("", id, secret)
	r.Peer = peer
	return r
}

// spend fails until the budget of the id is used up.
func (o *office) spend(peer, id string) {
	o.t.Helper()
	for i := range atOnce {
		if got := o.says(from(peer, id, fmt.Sprint("guess ", i))); got != failed {
			o.t.Fatalf("wrong secret %d of %s: got %q, want %q", i+1, id, got, failed)
		}
	}
}

// A key that exists and one that does not are told apart by nothing.
func TestTooManyWrongSecrets(t *testing.T) {
	t.Run("RFC 6749 §2.3.1: guessing a secret has an end", testTooManyWrongSecrets)
}

func testTooManyWrongSecrets(t *testing.T) {
	o := guarded(t, key("plain", own("plain", "one")), key("foreign", imported(horse)), key("none"))
	for _, id := range []string{"plain", "foreign", "none", "nobody"} {
		t.Run(id, func(t *testing.T) {
			o.now = noon
			o.spend("192.0.2.1:1", id)
			for range 3 {
				if got := o.says(from("192.0.2.1:2", id, "wrong")); got != tooMany {
					t.Errorf("beyond the budget: got %q, want %q", got, tooMany)
				}
			}
			if got := o.says(from("192.0.2.2:1", id, "wrong")); got != failed {
				t.Errorf("from elsewhere: got %q, want %q", got, failed)
			}
			o.now = noon.Add(step)
			for _, want := range []string{failed, tooMany} {
				if got := o.says(from("192.0.2.1:3", id, "wrong")); got != want {
					t.Errorf("after a while: got %q, want %q", got, want)
				}
			}
		})
	}
}

func TestARightSecretIsLetInWhateverWasTriedBefore(t *testing.T) {
	o := guarded(t, key("plain", own("plain", "one")), key("foreign", imported(horse)))
	if got := o.ask("foreign", "correct horse"); got != "" {
		t.Fatalf("before: %s", got)
	}
	for id, secret := range map[string]string{"plain": "one", "foreign": "correct horse"} {
		o.spend("192.0.2.1:1", id)
		for range 100 {
			if got := o.ask(id, "wrong"); got != tooMany {
				t.Fatalf("a wrong secret of %s: got %q", id, got)
			}
			if got := o.ask(id, secret); got != "" {
				t.Fatalf("the right secret of %s: got %q", id, got)
			}
		}
	}
}

func TestRetryAfterIsTrue(t *testing.T) {
	o := guarded(t, key("plain", own("plain", "one")))
	o.spend("192.0.2.1:1", "plain")
	o.now = noon.Add(step / 2)
	r := attempt("", "plain", "wrong")
	r.At = o.now
	_, err := o.Authenticate(t.Context(), r)
	refusal, ok := errors.AsType[*web.Error](err)
	if !ok || refusal.Status != http.StatusTooManyRequests || refusal.RetryAfter <= 0 || refusal.RetryAfter > step {
		t.Fatalf("got %#v, want a 429 that says how long to wait", err)
	}
	if r.Record.Claimed != "plain" || r.Record.ClientID != "" {
		t.Errorf("the log has key %q, claimed %q", r.Record.ClientID, r.Record.Claimed)
	}
	o.now = o.now.Add(refusal.RetryAfter)
	if got := o.ask("plain", "wrong"); got != failed {
		t.Errorf("after that time: got %q, want %q", got, failed)
	}
}

func TestFailuresAreCountedForANetwork(t *testing.T) {
	tests := []struct {
		name, spent, other string
		want               string
	}{
		{"another port", "192.0.2.1:1", "192.0.2.1:2", tooMany},
		{"the next address of IPv4", "192.0.2.1:1", "192.0.2.2:1", failed},
		{"another address of the same 64 bits", "[2001:db8::1]:1", "[2001:db8::ffff:1]:1", tooMany},
		{"the next 64 bits", "[2001:db8::1]:1", "[2001:db8:0:1::1]:1", failed},
		{"no address at all", "@", "", tooMany},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := guarded(t, key("plain", own("plain", "one")))
			o.spend(tt.spent, "plain")
			if got := o.says(from(tt.other, "plain", "wrong")); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A slow hash is what a flood of guesses is after.
func TestBeyondTheBudgetThereIsNoSlowHash(t *testing.T) {
	o := guarded(t, key("foreign", imported(horse)))
	o.spend("192.0.2.1:1", "foreign")
	before := o.slow
	for i := range 50 {
		if got := o.ask("foreign", fmt.Sprint("another guess ", i)); got != tooMany {
			t.Fatalf("got %q, want %q", got, tooMany)
		}
	}
	// It is not known yet that this one is right.
	if got := o.ask("foreign", "correct horse"); got != tooMany {
		t.Errorf("the right secret for the first time: got %q, want %q", got, tooMany)
	}
	if o.slow != before {
		t.Errorf("%d slow hashes beyond the budget", o.slow-before)
	}
	if got := o.says(from("192.0.2.2:1", "foreign", "correct horse")); got != "" {
		t.Errorf("the right secret from elsewhere: got %q", got)
	}
	if got := o.ask("foreign", "correct horse"); got != "" {
		t.Errorf("the right secret once it is known: got %q", got)
	}
	o.forget()
	o.now = noon.Add(step)
	if got := o.ask("foreign", "correct horse"); got != "" {
		t.Errorf("the right secret after a while: got %q", got)
	}
}

func TestWhatCountsAsAFailure(t *testing.T) {
	disabled := key("disabled", own("disabled", "one"))
	disabled.Disabled = true
	o := guarded(t, key("plain", own("plain", "one"), until(noon, own("plain", "old"))), disabled)
	tests := []struct {
		name    string
		request func() *web.Request
		want    string
	}{
		{"a right secret", func() *web.Request { return attempt("", "plain", "one") }, ""},
		{"a secret that has expired", func() *web.Request { return attempt("", "plain", "old") }, hasExpired},
		{"a disabled key", func() *web.Request { return attempt("", "disabled", "one") }, isDisabled},
		{"no secret", func() *web.Request { return attempt("", "plain", "") }, noCredentials},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 * atOnce {
				if got := o.says(tt.request()); got != tt.want {
					t.Fatalf("got %q, want %q", got, tt.want)
				}
			}
			for _, id := range []string{"plain", "disabled"} {
				if o.Failures.Exhausted(id, attempt("", id, "").Address(), o.now) {
					t.Errorf("the budget of %s is used up", id)
				}
			}
		})
	}
}

// Basic that can be read in two ways is one attempt for each id it can mean.
func TestBothReadingsOfBasicCount(t *testing.T) {
	tests := []struct {
		name, header string
		ids          []string
	}{
		{"one id and two secrets", basic("plain:100%25"), []string{"plain"}},
		{"two ids", basic("pl%61in:wrong"), []string{"plain", "pl%61in"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := guarded(t, key("plain", own("plain", "one")))
			for i := range atOnce {
				if got := o.says(attempt(tt.header, "", "")); got != failed {
					t.Fatalf("wrong secret %d: got %q, want %q", i+1, got, failed)
				}
			}
			for _, id := range tt.ids {
				if got := o.ask(id, "wrong"); got != tooMany {
					t.Errorf("%s: got %q, want %q", id, got, tooMany)
				}
			}
		})
	}
}

func TestAKeyOutsideOfItsWindowIsRefused(t *testing.T) {
	from, end := noon.Add(-time.Hour), noon.Add(time.Hour)
	c := key("brief", own("brief", "one"), until(noon, own("brief", "old")))
	c.Policy = store.Policy{ValidFrom: from, ValidUntil: end}
	off := key("off", own("off", "one"))
	off.Policy, off.Disabled = store.Policy{ValidUntil: from}, true
	const (
		early = "invalid_client: this key is not valid before 2031-05-06T11:00:00Z; use it from then on"
		late  = "invalid_client: this key was valid until 2031-05-06T13:00:00Z; ask for a new one"
	)
	o := guarded(t, c, off)
	tests := []struct {
		name, id, secret string
		at               time.Time
		want             string
	}{
		{"a millisecond before it begins", "brief", "one", from.Add(-time.Millisecond), early},
		{"when it begins", "brief", "one", from, ""},
		{"a millisecond before it ends", "brief", "one", end.Add(-time.Millisecond), ""},
		{"when it ends", "brief", "one", end, late},
		{"a wrong secret is told nothing of it", "brief", "two", end, failed},
		{"a secret that has expired comes first", "brief", "old", end, hasExpired},
		{"a disabled key comes first", "off", "one", end, isDisabled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o.now = tt.at
			if got := o.ask(tt.id, tt.secret); got != tt.want {
				t.Errorf("got %q\nwant %q", got, tt.want)
			}
		})
	}
}
