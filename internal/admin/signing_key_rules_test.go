package admin

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

func TestAlgorithmToRotate(t *testing.T) {
	es, ed := store.API{Algorithm: keys.ES256}, store.API{Algorithm: keys.EdDSA}
	have := []keys.Status{{Algorithm: keys.ES256}, {Algorithm: keys.EdDSA}}
	tests := []struct {
		name   string
		asked  string
		apis   []store.API
		have   []keys.Status
		want   string
		detail string // empty: accepted
	}{
		{name: "the one that is named", asked: keys.EdDSA, apis: []store.API{es, ed}, have: have, want: keys.EdDSA},
		{name: "the one there is", apis: []store.API{ed, ed}, have: have, want: keys.EdDSA},
		{name: "one of several", apis: []store.API{es, ed}, have: have, detail: "more than one algorithm"},
		{name: "one that has no key", asked: keys.RS256, apis: []store.API{es}, have: have, detail: "there is no RS256 signing key"},
		{name: "one that does not exist", asked: "none", apis: []store.API{es}, have: have, detail: `cannot be "none"`},
		{name: "no API", have: have, detail: "no API yet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := algorithmToRotate(tt.asked, tt.apis, tt.have)
			field := "alg"
			if tt.detail == "" {
				field = ""
			}
			checkRefusal(t, err, field, tt.detail)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDueForRotation(t *testing.T) {
	key := func(algorithm string, state keys.State, age time.Duration) keys.Status {
		return keys.Status{Algorithm: algorithm, State: state, CreatedAt: noon.Add(-age)}
	}
	tests := []struct {
		name  string
		have  []keys.Status
		every time.Duration
		want  []string
	}{
		{name: "no key", every: day},
		{name: "too young", have: []keys.Status{key("ES256", keys.StateActive, day-1)}, every: day},
		{name: "old enough", have: []keys.Status{key("ES256", keys.StateActive, day)}, every: day, want: []string{"ES256"}},
		{name: "rotation turned off", have: []keys.Status{key("ES256", keys.StateActive, 1000*day)}},
		{name: "the next one is on its way", have: []keys.Status{key("ES256", keys.StateActive, 2*day), key("ES256", keys.StatePending, 2*day)}, every: day},
		{name: "the next one was revoked", have: []keys.Status{key("ES256", keys.StateActive, 2*day), key("ES256", keys.StateRevoked, 0)}, every: day, want: []string{"ES256"}},
		{name: "the old ones do not count", have: []keys.Status{key("ES256", keys.StateRetiring, 2*day), key("ES256", keys.StateActive, 0)}, every: day},
		{name: "made by a clock that is ahead", have: []keys.Status{key("ES256", keys.StateActive, -day)}, every: day},
		{
			name: "each algorithm by itself", every: day, want: []string{"RS256"},
			have: []keys.Status{key("ES256", keys.StateActive, 0), key("RS256", keys.StateActive, day), key("EdDSA", keys.StatePending, day)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff := cmp.Diff(tt.want, due(tt.have, tt.every, noon))
			if diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSpentSigningKeys(t *testing.T) {
	schedule := keys.Schedule{PublishAhead: time.Hour, Retain: day}
	revoked := func(before time.Duration) keys.Status {
		return keys.Status{ID: "revoked", State: keys.StateRevoked, RevokedAt: noon.Add(-before)}
	}
	tests := []struct {
		name string
		key  keys.Status
		want bool
	}{
		{name: "pending", key: keys.Status{State: keys.StatePending}},
		{name: "active", key: keys.Status{State: keys.StateActive}},
		{name: "retiring", key: keys.Status{State: keys.StateRetiring, GoneAt: noon.Add(time.Millisecond)}},
		{name: "gone", key: keys.Status{State: keys.StateGone, GoneAt: noon}, want: true},
		{name: "revoked now", key: revoked(0)},
		{name: "revoked, and a token of it may be alive somewhere", key: revoked(day + time.Hour - time.Millisecond)},
		{name: "revoked, and the last token of it has expired", key: revoked(day + time.Hour), want: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := len(spent([]keys.Status{tt.key}, schedule, noon)) == 1
			if got != tt.want {
				t.Errorf("spent: %v, want %v", got, tt.want)
			}
		})
	}
}
