package server_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

const (
	tokenPath = "/oauth2/token"
	appOrigin = "https://app.example.com"
)

// stopped is a clock that moves only when a test moves it.
type stopped struct {
	mu sync.Mutex
	at time.Time
}

// newStopped stands at noon of tomorrow, UTC: a body is read against the real
// clock, and must not be late by this one.
func newStopped() *stopped {
	const day = 24 * time.Hour
	return &stopped{at: time.Now().UTC().Truncate(day).Add(day + day/2)}
}

func (c *stopped) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *stopped) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// header makes the headers of a request from names and values.
func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

// with sends a form to an endpoint with the credentials of the key and these
// headers.
func (i *instance) with(t tb, key admin.CreatedKey, path, body string, more http.Header) answer {
	t.Helper()
	return i.do(t, request{path: path, contentType: formType, body: body, user: key.ClientID, password: key.ClientSecret, more: more})
}

// is fails unless the answer has this status and, when it is not 200, this error
// in a sentence with these words.
func (a answer) is(t tb, status int, code oauth.ErrorCode, words string) {
	t.Helper()
	if a.status != status {
		t.Errorf("got %d %s, want %d", a.status, a.body, status)
		return
	}
	if status == http.StatusOK {
		return
	}
	sentence, _ := a.fields["error_description"].(string)
	if a.fields["error"] != string(code) || !strings.Contains(sentence, words) {
		t.Errorf("got %s, want %s with %q", a.body, code, words)
	}
}

func TestWhichOriginsMayUseAKey(t *testing.T) {
	i := start(t, nil)
	key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, Origins: []string{appOrigin, "http://localhost:3000"}})
	plain := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}})
	tests := []struct {
		name   string
		more   http.Header
		status int
		words  string
		// readable says that scripts of the origin may read the answer.
		readable bool
	}{
		{"its origin", header("Origin", appOrigin), http.StatusOK, "", true},
		{"its other origin", header("Origin", "http://localhost:3000"), http.StatusOK, "", true},
		{"its origin in capitals", header("Origin", "HTTPS://App.Example.COM"), http.StatusOK, "", true},
		{"its origin with the default port", header("Origin", appOrigin+":443"), http.StatusOK, "", true},
		{"its origin with another port", header("Origin", appOrigin+":8443"), http.StatusForbidden, "Origin", false},
		{"its origin with another scheme", header("Origin", "http://app.example.com"), http.StatusForbidden, "Origin", false},
		{"a name that only begins like it", header("Origin", appOrigin+".evil.example"), http.StatusForbidden, "Origin", false},
		{"a name that only ends like it", header("Origin", "https://evilapp.example.com"), http.StatusForbidden, "Origin", false},
		{"a name below it", header("Origin", "https://x.app.example.com"), http.StatusForbidden, "Origin", false},
		{"null", header("Origin", "null"), http.StatusForbidden, "Origin", false},
		{"two origins", header("Origin", appOrigin, "Origin", "https://evil.example"), http.StatusForbidden, "Origin", false},
		{"the Referer alone", header("Referer", appOrigin+"/page?x=1#y"), http.StatusOK, "", false},
		{"the Referer of another origin", header("Referer", "https://evil.example/"+appOrigin), http.StatusForbidden, "Referer", false},
		{"a Referer with the origin as a user name", header("Referer", appOrigin+"@evil.example/"), http.StatusForbidden, "Referer", false},
		{"another origin with a Referer of its own", header("Origin", "https://evil.example", "Referer", appOrigin+"/"), http.StatusForbidden, "Origin", false},
		{"null with a Referer of its own", header("Origin", "null", "Referer", appOrigin+"/"), http.StatusForbidden, "Origin", false},
		{"neither", nil, http.StatusForbidden, "Origin", false},
		{"another header with it", header("X-Forwarded-Origin", appOrigin), http.StatusForbidden, "Origin", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := i.with(t, key, tokenPath, grantForm, tt.more)
			got.is(t, tt.status, oauth.AccessDenied, tt.words)
			want := ""
			if tt.readable {
				want = tt.more.Get("Origin")
			}
			if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != want || got.header.Get("Vary") != "Origin" {
				t.Errorf("scripts of %q may read it, want %q; Vary is %q", allowed, want, got.header.Get("Vary"))
			}
			i.with(t, plain, tokenPath, grantForm, tt.more).is(t, http.StatusOK, "", "")
		})
	}
}

// One rule is one rule at all three endpoints and for both grants, and what it
// refuses has done nothing.
func TestTheRulesOfAKeyHoldEverywhere(t *testing.T) {
	i := start(t, nil)
	ours := header("Origin", appOrigin)
	key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, Origins: []string{appOrigin}, GrantTypes: refreshing})
	got := i.with(t, key, tokenPath, grantForm, ours)
	refresh, access := got.granted(t), got.fields["access_token"]
	revocation, introspection := fmt.Sprintf("token=%v", access), fmt.Sprintf("token=%v", access)
	renewal := fmt.Sprintf("grant_type=refresh_token&refresh_token=%v", refresh)
	for name, r := range map[string]struct{ path, body string }{
		"client_credentials": {tokenPath, grantForm},
		"refresh_token":      {tokenPath, renewal},
		"revocation":         {revokePath, revocation},
		"introspection":      {introspectPath, introspection},
	} {
		t.Run(name, func(t *testing.T) {
			for _, more := range []http.Header{nil, header("Origin", "https://evil.example")} {
				i.with(t, key, r.path, r.body, more).is(t, http.StatusForbidden, oauth.AccessDenied, "Origin")
			}
		})
	}
	i.with(t, key, introspectPath, introspection, ours).active(t)
	// The refused refreshes have not used it up.
	i.with(t, key, tokenPath, renewal, ours).granted(t)
	i.with(t, key, revokePath, revocation, ours).revoked(t)
	i.with(t, key, introspectPath, introspection, ours).inactive(t)
}

func TestRequestsPerSecond(t *testing.T) {
	c := newStopped()
	i := launch(t, options{now: c.Now})
	key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, RequestsPerSecond: 2, Burst: 6, GrantTypes: refreshing})
	requests := []struct{ name, path, body string }{
		{"client_credentials", tokenPath, grantForm},
		{"refresh_token", tokenPath, "grant_type=refresh_token&refresh_token=x"},
		{"revocation", revokePath, "token=x"},
		{"introspection", introspectPath, "token=x"},
	}
	// They share one limit.
	for n := range 6 {
		r := requests[n%len(requests)]
		got := i.with(t, key, r.path, r.body, nil)
		if got.status == http.StatusTooManyRequests {
			t.Fatalf("request %d is refused: %s", n+1, got.body)
		}
		want := `"second";r=` + strconv.Itoa(5-n) + ";t="
		if !strings.HasPrefix(got.header.Get("RateLimit"), want) || got.header.Get("RateLimit-Policy") != `"second";q=6;w=3` {
			t.Errorf("request %d: got RateLimit %q and RateLimit-Policy %q, want %s…", n+1, got.header.Get("RateLimit"), got.header.Get("RateLimit-Policy"), want)
		}
	}
	for _, r := range requests {
		t.Run(r.name, func(t *testing.T) {
			got := i.with(t, key, r.path, r.body, nil)
			got.is(t, http.StatusTooManyRequests, oauth.TemporarilyUnavailable, "requests a second")
			if got.header.Get("Retry-After") != "1" || got.header.Get("RateLimit") != `"second";r=0;t=1` {
				t.Errorf("got Retry-After %q and RateLimit %q", got.header.Get("Retry-After"), got.header.Get("RateLimit"))
			}
		})
	}
	t.Run("wrong secrets are not counted", func(t *testing.T) {
		c.advance(time.Minute)
		wrong := key
		wrong.ClientSecret = "wrong"
		for range 10 {
			i.with(t, wrong, tokenPath, grantForm, nil).is(t, http.StatusUnauthorized, oauth.InvalidClient, "")
		}
		for range 6 {
			i.with(t, key, tokenPath, grantForm, nil).is(t, http.StatusOK, "", "")
		}
	})
	t.Run("after Retry-After there is room again", func(t *testing.T) {
		got := i.with(t, key, tokenPath, grantForm, nil)
		c.advance(retryAfter(t, got))
		i.with(t, key, tokenPath, grantForm, nil).is(t, http.StatusOK, "", "")
	})
	t.Run("a plain key has no limit and hears of none", func(t *testing.T) {
		for range 10 {
			got := i.form(t, grantForm)
			got.is(t, http.StatusOK, "", "")
			if got.header.Get("RateLimit") != "" || got.header.Get("RateLimit-Policy") != "" {
				t.Errorf("got RateLimit %q", got.header.Get("RateLimit"))
			}
		}
	})
}

// retryAfter is what a 429 says.
func retryAfter(t *testing.T, a answer) time.Duration {
	t.Helper()
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if a.status != http.StatusTooManyRequests || err != nil || seconds < 1 {
		t.Fatalf("got %d with Retry-After %q: %s", a.status, a.header.Get("Retry-After"), a.body)
	}
	return time.Duration(seconds) * time.Second
}

func TestTokensPerHourAndDay(t *testing.T) {
	c := newStopped()
	i := launch(t, options{now: c.Now})
	// It is a quarter past noon.
	c.advance(15 * time.Minute)
	i.untilReady(t)
	key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, TokensPerHour: 3, TokensPerDay: 5, GrantTypes: refreshing})
	got := i.with(t, key, tokenPath, grantForm, nil)
	refresh := got.granted(t)
	if limit := got.header.Get("RateLimit-Policy"); limit != `"hour";q=3;w=3600, "day";q=5;w=86400` {
		t.Errorf("got RateLimit-Policy %q", limit)
	}
	renewal := fmt.Sprintf("grant_type=refresh_token&refresh_token=%v", refresh)
	i.with(t, key, tokenPath, grantForm, nil).is(t, http.StatusOK, "", "")
	// What gives no token counts for nothing.
	i.with(t, key, tokenPath, grantForm+"&scope=/nothing", nil).is(t, http.StatusBadRequest, oauth.InvalidScope, "")
	i.with(t, key, introspectPath, "token=x", nil).inactive(t)
	i.with(t, key, tokenPath, grantForm, nil).is(t, http.StatusOK, "", "")
	for name, form := range map[string]string{"client_credentials": grantForm, "refresh_token": renewal} {
		refused := i.with(t, key, tokenPath, form, nil)
		refused.is(t, http.StatusTooManyRequests, oauth.TemporarilyUnavailable, "in an hour")
		if wait := retryAfter(t, refused); wait != 45*time.Minute {
			t.Errorf("%s: wait for %v, want 45 minutes, until the hour is over", name, wait)
		}
	}
	// Whoever has used up the tokens may still end them and ask about them.
	i.with(t, key, introspectPath, "token=x", nil).inactive(t)
	i.with(t, key, revokePath, "token=x", nil).revoked(t)

	c.advance(45 * time.Minute)
	i.untilReady(t)
	// The refused refresh has not used it up.
	i.with(t, key, tokenPath, renewal, nil).is(t, http.StatusOK, "", "")
	i.with(t, key, tokenPath, grantForm, nil).is(t, http.StatusOK, "", "")
	refused := i.with(t, key, tokenPath, grantForm, nil)
	refused.is(t, http.StatusTooManyRequests, oauth.TemporarilyUnavailable, "in a day")
	if wait := retryAfter(t, refused); wait != 11*time.Hour {
		t.Errorf("wait for %v, want 11 hours, until the day is over", wait)
	}
	c.advance(11 * time.Hour)
	i.untilReady(t)
	i.with(t, key, tokenPath, grantForm, nil).is(t, http.StatusOK, "", "")
}

func TestTheValidityOfAKey(t *testing.T) {
	c := newStopped()
	i := launch(t, options{now: c.Now})
	from, end := c.Now().Add(time.Minute), c.Now().Add(11*time.Minute)
	key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, ValidFrom: &from, ValidUntil: &end})
	resourceServer := i.resourceServer(t, i.Demo.Audience)
	requests := []struct{ path, body string }{{tokenPath, grantForm}, {revokePath, "token=x"}, {introspectPath, "token=x"}}
	for _, r := range requests {
		i.with(t, key, r.path, r.body, nil).is(t, http.StatusUnauthorized, oauth.InvalidClient, "not valid before")
	}
	c.advance(time.Minute)
	i.untilReady(t)
	got := i.with(t, key, tokenPath, grantForm, nil)
	got.is(t, http.StatusOK, "", "")
	if got.fields["expires_in"] != float64(600) {
		t.Errorf("it expires in %v seconds, want the 600 that the key has left", got.fields["expires_in"])
	}
	i.introspect(t, resourceServer, got.fields["access_token"]).active(t)
	c.advance(10 * time.Minute)
	i.untilReady(t)
	for _, r := range requests {
		i.with(t, key, r.path, r.body, nil).is(t, http.StatusUnauthorized, oauth.InvalidClient, "was valid until")
	}
	i.introspect(t, resourceServer, got.fields["access_token"]).inactive(t)
}
