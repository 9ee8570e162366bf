package policy_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// fields returns RateLimit-Policy and RateLimit as an answer has them.
func fields(b policy.Budget) (string, string) {
	header := http.Header{}
	b.Write(header)
	return header.Get("RateLimit-Policy"), header.Get("RateLimit")
}

// expectWait wants a 429 that says to wait this long.
func expectWait(t *testing.T, err error, want time.Duration) {
	t.Helper()
	refusal, ok := errors.AsType[*web.Error](err)
	if !ok || refusal.Public.Code != oauth.TemporarilyUnavailable || refusal.Status != http.StatusTooManyRequests || refusal.RetryAfter != want {
		t.Fatalf("got %+v, want a 429 with Retry-After %v", err, want)
	}
}

func TestFieldsSayWhatIsLeft(t *testing.T) {
	at := time.Date(2026, 3, 1, 22, 59, 30, 0, time.UTC)
	tests := []struct {
		name                  string
		policy                store.Policy
		wantPolicy, wantLimit string
	}{
		{"no limit", store.Policy{Claims: `{"a":1}`}, "", ""},
		{"a rate", store.Policy{RequestsPerSecond: 100}, `"second";q=100;w=1`, `"second";r=99;t=1`},
		{"a rate whose interval is no whole number", store.Policy{RequestsPerSecond: 3}, `"second";q=3;w=1`, `"second";r=2;t=1`},
		{"a burst of two seconds", store.Policy{RequestsPerSecond: 50, Burst: 100}, `"second";q=100;w=2`, `"second";r=99;t=1`},
		{"a burst below the rate", store.Policy{RequestsPerSecond: 50, Burst: 5}, `"second";q=50;w=1`, `"second";r=4;t=1`},
		{"an hour", store.Policy{TokensPerHour: 10}, `"hour";q=10;w=3600`, `"hour";r=10;t=30`},
		{"a day", store.Policy{TokensPerDay: 10}, `"day";q=10;w=86400`, `"day";r=10;t=3630`},
		{
			"all of them",
			store.Policy{RequestsPerSecond: 1, TokensPerHour: 2, TokensPerDay: 3},
			`"second";q=1;w=1, "hour";q=2;w=3600, "day";q=3;w=86400`, `"second";r=0;t=1, "hour";r=2;t=30, "day";r=3;t=3630`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			budget, err := compile(t, test.policy).TakeRequest(at)
			gotPolicy, gotLimit := fields(budget)
			if err != nil || gotPolicy != test.wantPolicy || gotLimit != test.wantLimit {
				t.Errorf("got %s | %s, %v; want %s | %s", gotPolicy, gotLimit, err, test.wantPolicy, test.wantLimit)
			}
		})
	}
}

func TestRequestsPerSecond(t *testing.T) {
	t.Run("RFC 6585 §4: too many requests are 429 with Retry-After", func(t *testing.T) {
		rules := compile(t, store.Policy{RequestsPerSecond: 2, Burst: 3})
		for n := range 3 {
			_, err := rules.TakeRequest(noon)
			if err != nil {
				t.Fatalf("request %d of a burst of 3: %v", n+1, err)
			}
		}
		budget, err := rules.TakeRequest(noon)
		expectWait(t, err, time.Second)
		expectRefusal(t, err, oauth.TemporarilyUnavailable, "may make 2 requests a second, 3 of them at once; wait 1 second ")
		_, limit := fields(budget)
		if limit != `"second";r=0;t=1` {
			t.Errorf("RateLimit is %s", limit)
		}
		expectWait(t, rules.AdmitRate(noon), time.Second)
		_, err = rules.TakeRequest(noon.Add(500 * time.Millisecond))
		expectRefusal(t, err, "", "")
		_, err = rules.TakeRequest(noon.Add(999 * time.Millisecond))
		expectWait(t, err, time.Second)
	})
	t.Run("tokens do not count as requests", func(t *testing.T) {
		rules := compile(t, store.Policy{RequestsPerSecond: 1})
		for range 5 {
			_, err := rules.TakeToken(noon)
			expectRefusal(t, err, "", "")
		}
		_, err := rules.TakeRequest(noon)
		expectRefusal(t, err, "", "")
	})
	t.Run("a clock that goes back an hour closes for no longer than the burst takes", func(t *testing.T) {
		rules := compile(t, store.Policy{RequestsPerSecond: 2, Burst: 4})
		for range 4 {
			_, _ = rules.TakeRequest(noon)
		}
		back := noon.Add(-time.Hour)
		_, err := rules.TakeRequest(back)
		expectWait(t, err, time.Second)
		_, err = rules.TakeRequest(back.Add(500 * time.Millisecond))
		expectRefusal(t, err, "", "")
		_, err = rules.TakeRequest(back.Add(500 * time.Millisecond))
		expectWait(t, err, time.Second)
	})
	t.Run("a request whose clock is a little behind gets nothing extra", func(t *testing.T) {
		rules := compile(t, store.Policy{RequestsPerSecond: 1000})
		for range 1000 {
			_, _ = rules.TakeRequest(noon)
		}
		for ms := range 500 {
			_, err := rules.TakeRequest(noon.Add(-time.Duration(ms) * time.Millisecond))
			if err == nil {
				t.Fatalf("%d ms behind, request 1001 was admitted", ms)
			}
		}
		_, err := rules.TakeRequest(noon)
		expectWait(t, err, time.Second)
	})
	t.Run("an interval that is no whole number is not cut short", func(t *testing.T) {
		rules := compile(t, store.Policy{RequestsPerSecond: 3, Burst: 1})
		_, err := rules.TakeRequest(noon)
		expectRefusal(t, err, "", "")
		_, err = rules.TakeRequest(noon.Add(time.Second / 3))
		expectWait(t, err, time.Second)
		_, err = rules.TakeRequest(noon.Add(time.Second/3 + 1))
		expectRefusal(t, err, "", "")
	})
}

func TestTokensPerHourAndDay(t *testing.T) {
	at := time.Date(2026, 3, 1, 22, 59, 30, 0, time.UTC)
	t.Run("an hour ends with the hour", func(t *testing.T) {
		rules := compile(t, store.Policy{TokensPerHour: 2})
		take(t, rules, at, 2)
		budget, err := rules.TakeToken(at)
		expectWait(t, err, 30*time.Second)
		expectRefusal(t, err, oauth.TemporarilyUnavailable, "all that it may get in an hour, 2 tokens; use those until the next hour begins in 30 seconds")
		_, limit := fields(budget)
		if limit != `"hour";r=0;t=30` {
			t.Errorf("RateLimit is %s", limit)
		}
		expectWait(t, rules.AdmitRate(at), 30*time.Second)
		_, err = rules.TakeToken(at.Add(29_999 * time.Millisecond))
		expectWait(t, err, time.Second)
		take(t, rules, at.Add(30*time.Second), 2)
	})
	t.Run("a day ends with the day of UTC", func(t *testing.T) {
		rules := compile(t, store.Policy{TokensPerDay: 2})
		local := at.In(time.FixedZone("east", 2*3600))
		take(t, rules, local, 2)
		_, err := rules.TakeToken(local)
		expectWait(t, err, time.Hour+30*time.Second)
		take(t, rules, at.Add(time.Hour+30*time.Second), 2)
	})
	t.Run("what the day refuses does not count in the hour", func(t *testing.T) {
		rules := compile(t, store.Policy{TokensPerHour: 3, TokensPerDay: 2})
		take(t, rules, at, 2)
		for range 10 {
			budget, err := rules.TakeToken(at)
			expectRefusal(t, err, oauth.TemporarilyUnavailable, "in a day of UTC")
			_, limit := fields(budget)
			if limit != `"hour";r=1;t=30, "day";r=0;t=3630` {
				t.Errorf("RateLimit is %s", limit)
			}
		}
	})
	t.Run("what the hour refuses does not count in the day", func(t *testing.T) {
		rules := compile(t, store.Policy{TokensPerHour: 2, TokensPerDay: 3})
		take(t, rules, at, 2)
		for range 10 {
			budget, err := rules.TakeToken(at)
			expectRefusal(t, err, oauth.TemporarilyUnavailable, "in an hour")
			_, limit := fields(budget)
			if !strings.Contains(limit, `"day";r=1;`) {
				t.Errorf("RateLimit is %s", limit)
			}
		}
		take(t, rules, at.Add(time.Minute), 1)
		_, err := rules.TakeToken(at.Add(time.Minute))
		expectRefusal(t, err, oauth.TemporarilyUnavailable, "in a day of UTC")
	})
	t.Run("a clock that goes back keeps the count, and the wait short", func(t *testing.T) {
		rules := compile(t, store.Policy{TokensPerHour: 2})
		take(t, rules, at, 2)
		back := at.Add(-5 * time.Hour)
		_, err := rules.TakeToken(back)
		expectWait(t, err, 30*time.Second)
		take(t, rules, back.Add(30*time.Second), 2)
		_, err = rules.TakeToken(back.Add(30 * time.Second))
		expectWait(t, err, time.Hour)
	})
	t.Run("a request that is late for its hour counts in the next", func(t *testing.T) {
		rules := compile(t, store.Policy{TokensPerHour: 2})
		next := at.Add(30 * time.Second)
		for range 5 {
			_, _ = rules.TakeToken(next)
			_, _ = rules.TakeToken(next.Add(-time.Millisecond))
		}
		_, err := rules.TakeToken(next)
		expectWait(t, err, time.Hour)
	})
}

// take wants the tokens to be admitted.
func take(t *testing.T, rules *policy.Rules, at time.Time, count int) {
	t.Helper()
	for n := range count {
		_, err := rules.TakeToken(at)
		if err != nil {
			t.Fatalf("token %d of %d: %v", n+1, count, err)
		}
	}
}

func TestAChangedKeyGoesOnCounting(t *testing.T) {
	old := compile(t, store.Policy{RequestsPerSecond: 1, TokensPerHour: 3, TokensPerDay: 5})
	take(t, old, noon, 2)
	_, err := old.TakeRequest(noon)
	expectRefusal(t, err, "", "")
	fresh := compile(t, store.Policy{RequestsPerSecond: 1, TokensPerHour: 4, TokensPerDay: 5, Claims: `{"a":1}`})
	fresh.Continue(old)
	_, err = fresh.TakeRequest(noon)
	expectWait(t, err, time.Second)
	// A request that came in before the change counts as well.
	take(t, old, noon, 1)
	take(t, fresh, noon, 1)
	_, err = fresh.TakeToken(noon)
	expectRefusal(t, err, oauth.TemporarilyUnavailable, "all that it may get in an hour, 4 tokens")
	t.Run("also while it has no limit or cannot be read", func(t *testing.T) {
		free, closed := compile(t, store.Policy{Claims: `{"a":1}`}), policy.Closed()
		free.Continue(fresh)
		closed.Continue(free)
		again := compile(t, store.Policy{TokensPerHour: 4})
		again.Continue(closed)
		_, err := again.TakeToken(noon)
		expectRefusal(t, err, oauth.TemporarilyUnavailable, "in an hour")
	})
}

// bucket is the plain way to say what a rate is: it fills evenly, up to the
// burst, and a request takes one part out.
type bucket struct {
	level, depth, part time.Duration
	at                 time.Time
}

func (b *bucket) take(now time.Time) bool {
	b.level = min(b.depth, b.level+now.Sub(b.at))
	b.at = now
	if b.level < b.part {
		return false
	}
	b.level -= b.part
	return true
}

func TestARateIsABucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.SampledFrom([]int{1, 2, 3, 7, 50, 1000, 999_999}).Draw(t, "rate")
		burst := rapid.IntRange(1, 20).Draw(t, "burst")
		rules, err := policy.Compile(store.Policy{RequestsPerSecond: rate, Burst: burst})
		if err != nil {
			t.Fatal(err)
		}
		part := (time.Second + time.Duration(rate) - 1) / time.Duration(rate)
		depth := part * time.Duration(burst)
		model := bucket{level: depth, depth: depth, part: part, at: noon}
		now := noon
		for range rapid.IntRange(1, 100).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(2*part)).Draw(t, "pause")))
			want := model.take(now)
			_, err := rules.TakeRequest(now)
			if (err == nil) != want {
				t.Fatalf("%v after noon: %v, and the bucket has %v of %v", now.Sub(noon), err, model.level, part)
			}
			if err == nil {
				continue
			}
			refusal, _ := errors.AsType[*web.Error](err)
			if short := part - model.level; refusal.RetryAfter < short || refusal.RetryAfter >= short+time.Second {
				t.Fatalf("Retry-After is %v, and the bucket is ready in %v", refusal.RetryAfter, short)
			}
		}
	})
}

// A window and the time that clocks may differ is the longest that anybody waits,
// whatever the clock did before; and it never gives more than the limit for each
// time that it went into a later hour.
func TestNoClockLocksOutOrGivesEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const limit = 3
		rules, err := policy.Compile(store.Policy{TokensPerHour: limit, RequestsPerSecond: 1, Burst: limit})
		if err != nil {
			t.Fatal(err)
		}
		now, tokens, forward := noon, 0, 1
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			step := time.Duration(rapid.Int64Range(-int64(3*time.Hour), int64(2*time.Hour)).Draw(t, "step"))
			if step > 0 {
				forward++
			}
			now = now.Add(step)
			for range limit + 1 {
				_, err := rules.TakeToken(now)
				if err == nil {
					tokens++
				}
				_, _ = rules.TakeRequest(now)
			}
		}
		if tokens > limit*forward {
			t.Errorf("%d tokens with %d steps forward, at most %d each", tokens, forward, limit)
		}
		_, tokenErr := rules.TakeToken(now.Add(time.Hour + 10*time.Second))
		_, requestErr := rules.TakeRequest(now.Add(11 * time.Second))
		if tokenErr != nil || requestErr != nil {
			t.Errorf("after the longest wait: %v, %v", tokenErr, requestErr)
		}
	})
}
