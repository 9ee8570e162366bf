package admin

import (
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// noon is now in the tests of rules.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// aged is a secret of some age.
func aged(name string, age time.Duration, change ...func(*store.Secret)) store.Secret {
	s := store.Secret{ID: "ID" + name, Name: name, CreatedAt: noon.Add(-age)}
	for _, c := range change {
		c(&s)
	}
	return s
}

func used(before time.Duration, from string) func(*store.Secret) {
	return func(s *store.Secret) { s.LastUsedAt, s.LastUsedFrom = noon.Add(-before), from }
}

func expires(in time.Duration) func(*store.Secret) {
	return func(s *store.Secret) { s.ExpiresAt = noon.Add(in) }
}

func TestVerdict(t *testing.T) {
	tests := []struct {
		name     string
		secrets  []store.Secret
		of       int           // the place of the secret that is judged
		unused   time.Duration // zero: 7 days
		disabled bool
		safe     bool
		why      string
	}{
		{
			name:    "not used for 7 days while a newer one is",
			secrets: []store.Secret{aged("a", 90*day, used(8*day, "10.0.0.7")), aged("b", 10*day, used(time.Minute, "10.0.0.8"))},
			safe:    true, why: `it was last used 8 days ago, and the newer secret "b" was used 1 minute ago`,
		},
		{
			name:    "never used in 90 days while a newer one is",
			secrets: []store.Secret{aged("a", 90*day), aged("b", 10*day, used(2*time.Hour, ""))},
			safe:    true, why: `it was never used, and the newer secret "b" was used 2 hours ago`,
		},
		{
			name: "of several newer ones the one used last is named",
			secrets: []store.Secret{
				aged("a", 90*day, used(30*day, "")), aged("b", 60*day, used(20*day, "")), aged("c", 50*day, used(day, "")), aged("d", day),
			},
			safe: true, why: `it was last used 30 days ago, and the newer secret "c" was used 1 day ago`,
		},
		{
			name:    "expired, even as the only one",
			secrets: []store.Secret{aged("a", 90*day, expires(-3*day))},
			safe:    true, why: "it expired 3 days ago and is refused already",
		},
		{
			name:    "expired this very instant",
			secrets: []store.Secret{aged("a", 90*day, expires(0), used(time.Second, "10.0.0.7"))},
			safe:    true, why: "it expired just now and is refused already",
		},
		{
			name:    "the only one",
			secrets: []store.Secret{aged("a", 90*day)},
			why:     "it is the only secret of the key that works",
		},
		{
			name:    "the only one that has not expired",
			secrets: []store.Secret{aged("a", 90*day, used(80*day, "")), aged("b", 60*day, used(50*day, ""), expires(-time.Millisecond))},
			why:     "it is the only secret of the key that works",
		},
		{
			name:    "used lately, with the address",
			secrets: []store.Secret{aged("a", 90*day, used(3*time.Minute, "10.0.0.7")), aged("b", 10*day, used(time.Minute, ""))},
			why:     "it was used 3 minutes ago from 10.0.0.7",
		},
		{
			name:    "used a millisecond less than 7 days ago",
			secrets: []store.Secret{aged("a", 90*day, used(7*day-time.Millisecond, "2001:db8::7")), aged("b", 10*day, used(time.Minute, ""))},
			why:     "it was used 6 days ago from 2001:db8::7",
		},
		{
			name:    "used exactly 7 days ago",
			secrets: []store.Secret{aged("a", 90*day, used(7*day, "")), aged("b", 10*day, used(time.Minute, ""))},
			safe:    true, why: "it was last used 7 days ago",
		},
		{
			name:    "used lately by another measure",
			secrets: []store.Secret{aged("a", 90*day, used(8*day, "")), aged("b", 10*day, used(time.Minute, ""))},
			unused:  30 * day,
			why:     "it was used 8 days ago",
		},
		{
			name:    "unused for a minute is enough when asked for",
			secrets: []store.Secret{aged("a", 90*day, used(time.Minute, "")), aged("b", 10*day, used(time.Second, ""))},
			unused:  time.Minute,
			safe:    true, why: `it was last used 1 minute ago, and the newer secret "b" was used 1 second ago`,
		},
		{
			name:    "used by a node whose clock is ahead",
			secrets: []store.Secret{aged("a", 90*day, used(-time.Minute, "")), aged("b", 10*day, used(time.Minute, ""))},
			why:     "it was used just now",
		},
		{
			name:    "made lately, whoever got it may not have begun",
			secrets: []store.Secret{aged("a", time.Hour), aged("b", time.Minute, used(time.Second, ""))},
			why:     "it was created 1 hour ago and may still be on its way to where it is used",
		},
		{
			name:    "no newer one was ever used",
			secrets: []store.Secret{aged("a", 90*day, used(30*day, "")), aged("b", 10*day)},
			why:     "no newer secret of the key was used in the last 7 days",
		},
		{
			name:    "the newer one was used before this one was last",
			secrets: []store.Secret{aged("a", 90*day, used(30*day, "")), aged("b", 60*day, used(40*day, ""))},
			why:     "no newer secret of the key was used in the last 7 days",
		},
		{
			name:    "the newer one was used in the same instant",
			secrets: []store.Secret{aged("a", 90*day, used(30*day, "")), aged("b", 60*day, used(30*day, ""))},
			why:     "no newer secret of the key was used in the last 7 days",
		},
		{
			name: "the newer one that was used has expired, another one was not used",
			secrets: []store.Secret{
				aged("a", 90*day, used(30*day, "")), aged("b", 60*day, used(20*day, ""), expires(-10*day)), aged("c", 50*day),
			},
			why: "no newer secret of the key was used in the last 7 days",
		},
		{
			name:    "the newer one was tried out once, longer ago than that",
			secrets: []store.Secret{aged("a", 90*day, used(30*day, "")), aged("b", 60*day, used(7*day, ""))},
			why:     "no newer secret of the key was used in the last 7 days; its users may not have moved to one yet",
		},
		{
			name:    "the newer one has not been there for that long: who needs the old one rarely has not moved",
			secrets: []store.Secret{aged("a", 90*day, used(8*day, "")), aged("b", time.Hour, used(time.Minute, ""))},
			why:     "no newer secret of the key has been there for 7 days; its users may not have moved to one yet",
		},
		{
			name: "the one that is used is new, but another one was there in time",
			secrets: []store.Secret{
				aged("a", 90*day, used(30*day, "")), aged("b", 60*day, used(20*day, "")), aged("c", time.Hour, used(time.Minute, "")),
			},
			safe: true, why: `the newer secret "c" was used 1 minute ago`,
		},
		{
			name: "the newer one ends before long, and then nothing works",
			secrets: []store.Secret{
				aged("a", 90*day, used(30*day, "")), aged("b", 60*day, used(time.Minute, ""), expires(7*day-time.Millisecond)),
			},
			why: "every newer secret of the key ends within 7 days; give the key another one first",
		},
		{
			name:    "the newer one works on for that long",
			secrets: []store.Secret{aged("a", 90*day, used(30*day, "")), aged("b", 60*day, used(time.Minute, ""), expires(7*day+time.Millisecond))},
			safe:    true, why: `the newer secret "b" was used 1 minute ago`,
		},
		{
			name:    "the newer one ends soon, but this one no later",
			secrets: []store.Secret{aged("a", 90*day, used(30*day, ""), expires(day)), aged("b", 60*day, used(time.Minute, ""), expires(day))},
			safe:    true, why: `the newer secret "b" was used 1 minute ago`,
		},
		{
			name: "the newer one that is used ends soon, and the one that lasts is not used yet",
			secrets: []store.Secret{
				aged("a", 90*day, used(30*day, "")), aged("b", 60*day, used(time.Minute, ""), expires(day)), aged("c", 10*day),
			},
			why: "no newer secret of the key was used in the last 7 days",
		},
		{
			name:    "the clock was set back since the newer one was made",
			secrets: []store.Secret{aged("a", 90*day, used(30*day, "")), aged("b", -time.Hour, used(-time.Hour, ""))},
			why:     "no newer secret of the key has been there for 7 days",
		},
		{
			name:    "the clock went ahead by a year",
			secrets: []store.Secret{aged("a", 400*day, used(366*day, "")), aged("b", 390*day, used(365*day, ""))},
			why:     "no newer secret of the key was used in the last 7 days",
		},
		{
			name:     "a disabled key, whose users nobody sees",
			secrets:  []store.Secret{aged("a", 90*day, used(8*day, "")), aged("b", 10*day, used(6*day, ""))},
			disabled: true, why: "the key is disabled, so that it does not show who still uses it",
		},
		{
			name:     "expired, of a disabled key",
			secrets:  []store.Secret{aged("a", 90*day, expires(-3*day))},
			disabled: true, safe: true, why: "it expired 3 days ago and is refused already",
		},
		{
			name:    "the newest one, however long the older one has not been used",
			secrets: []store.Secret{aged("a", 90*day, used(80*day, "")), aged("b", 60*day, used(50*day, ""))}, of: 1,
			why: "it is the newest secret of the key that works",
		},
		{
			name:    "the newest one that was never used",
			secrets: []store.Secret{aged("a", 90*day, used(time.Minute, "")), aged("b", 60*day)}, of: 1,
			why: "it is the newest secret of the key that works",
		},
		{
			name: "the newer ones have all expired",
			secrets: []store.Secret{
				aged("a", 90*day), aged("b", 60*day, used(30*day, "")), aged("c", 50*day, used(20*day, ""), expires(-10*day)),
			}, of: 1,
			why: "it is the newest secret of the key that works",
		},
		{
			name:    "a name of the operator's is quoted",
			secrets: []store.Secret{aged("a", 90*day), aged("x\" and \x1b[2J", 10*day, used(time.Minute, ""))},
			safe:    true, why: `the newer secret "x\" and \x1b[2J" was used`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			unused := tt.unused
			if unused == 0 {
				unused = SecretRange{}.duration()
			}
			safe, why := verdict(store.Client{Secrets: tt.secrets, Disabled: tt.disabled}, tt.of, noon, unused)
			if safe != tt.safe || !strings.Contains(why, tt.why) {
				t.Errorf("got %v, %s; want %v, %s", safe, why, tt.safe, tt.why)
			}
		})
	}
}

func TestRetirementRules(t *testing.T) {
	idle := []store.Secret{aged("a", 90*day, used(30*day, "")), aged("b", 10*day, used(time.Minute, ""))}
	busy := []store.Secret{aged("a", 90*day, used(3*time.Minute, "10.0.0.7")), aged("b", 10*day, used(time.Second, ""))}
	ending := []store.Secret{aged("a", 90*day, used(30*day, "")), aged("b", 10*day, used(time.Minute, ""), expires(2*time.Hour))}
	tests := []struct {
		name    string
		secrets []store.Secret
		end     time.Duration // zero: now
		in      Retirement
		detail  string // empty: accepted
		field   string
	}{
		{name: "safe, now", secrets: idle},
		{name: "safe, later", secrets: idle, end: day},
		{name: "busy, now", secrets: busy, detail: `the secret "a" is not safe to retire: it was used 3 minutes ago from 10.0.0.7`, field: "force"},
		{name: "busy, announced", secrets: busy, end: time.Hour},
		{name: "busy, soon", secrets: busy, end: time.Hour - time.Second, detail: "not safe to retire: it was used 3 minutes ago", field: "force"},
		{name: "the last one that works, announced", secrets: busy[:1], end: day, detail: "when it ends, no other secret of the key works", field: "force"},
		{name: "busy, by force", secrets: busy, in: Retirement{Force: true}},
		{name: "busy, by a shorter measure", secrets: busy, in: Retirement{UnusedFor: 60}},
		{name: "idle, by a longer measure", secrets: idle, in: Retirement{UnusedFor: 31 * 86400}, detail: "used 30 days ago", field: "force"},
		{name: "the last one that works", secrets: busy[:1], detail: "only secret of the key that works", field: "force"},
		{name: "the last one that works, by force", secrets: busy[:1], in: Retirement{Force: true}},
		{name: "the other one ends soon", secrets: ending, detail: "every newer secret of the key ends within 7 days", field: "force"},
		{name: "the other one still works by then", secrets: ending, end: 2*time.Hour - time.Second},
		{name: "the other one has ended by then", secrets: ending, end: 2 * time.Hour, detail: "when it ends, no other secret of the key works", field: "force"},
		{name: "the other one has ended by then, by force", secrets: ending, end: 2 * time.Hour, in: Retirement{Force: true}},
		{name: "expired, now", secrets: []store.Secret{aged("a", day, expires(-time.Second))}},
		{
			name: "expired, later: it does not come back", secrets: []store.Secret{aged("a", day, expires(-time.Second))},
			end: time.Hour, in: Retirement{Force: true}, detail: `the secret "a" ends at 2026-03-04T11:59:59Z already`,
		},
		{
			name: "later than it ends anyway", secrets: []store.Secret{aged("a", day, expires(time.Minute)), aged("b", day)},
			end: time.Hour, in: Retirement{Force: true}, detail: `the secret "a" ends at 2026-03-04T12:01:00Z already`,
		},
		{
			name: "earlier than it ends anyway", secrets: []store.Secret{aged("a", day, expires(time.Hour)), aged("b", day)},
			end: time.Minute, in: Retirement{Force: true},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var end time.Time
			if tt.end != 0 {
				end = noon.Add(tt.end)
			}
			err := checkRetirement(store.Client{Secrets: tt.secrets}, 0, noon, end, tt.in)
			if tt.detail == "" {
				checkRefusal(t, err, "", "")
				return
			}
			checkConflict(t, err, tt.field, tt.detail)
		})
	}
}

func TestAgo(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"just now": 999 * time.Millisecond, "1 second ago": time.Second, "59 seconds ago": time.Minute - 1, "1 minute ago": time.Minute,
		"2 minutes ago": 3*time.Minute - 1, "1 hour ago": time.Hour, "23 hours ago": day - 1, "1 day ago": day, "400 days ago": 400 * day,
	} {
		got := ago(noon, noon.Add(-d))
		if got != want {
			t.Errorf("%s ago is %q, want %q", d, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"1 second": time.Second, "90 seconds": 90 * time.Second, "5 minutes": 5 * time.Minute, "1 hour": time.Hour,
		"36 hours": 36 * time.Hour, "7 days": 7 * day, "1ms": time.Millisecond,
	} {
		got := span(d)
		if got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
