package policy_test

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/store"
)

// There are enough attempts for the goroutines to meet, and the limit is a large
// part of them.
const (
	attempts = 20_000
	limit    = 200_000
)

// together calls f from many goroutines, with clocks that are up to a few seconds
// apart, and returns how often it had no error.
func together(f func(now time.Time) error) int64 {
	var admitted atomic.Int64
	var group sync.WaitGroup
	start := make(chan struct{})
	for n := range 16 {
		group.Go(func() {
			<-start
			for i := range attempts {
				if f(noon.Add(-time.Duration(n*i)*time.Microsecond)) == nil {
					admitted.Add(1)
				}
			}
		})
	}
	close(start)
	group.Wait()
	return admitted.Load()
}

func TestManyAtOnceNeverGetMoreThanTheLimit(t *testing.T) {
	tests := []struct {
		name   string
		policy store.Policy
		take   func(*policy.Rules, time.Time) (policy.Budget, error)
		want   int64
	}{
		{"requests", store.Policy{RequestsPerSecond: 1, Burst: limit}, (*policy.Rules).TakeRequest, limit},
		{"tokens of an hour", store.Policy{TokensPerHour: limit}, (*policy.Rules).TakeToken, limit},
		{"tokens of a day", store.Policy{TokensPerDay: limit}, (*policy.Rules).TakeToken, limit},
		{"the hour is the tighter one", store.Policy{TokensPerHour: limit, TokensPerDay: limit + 1}, (*policy.Rules).TakeToken, limit},
		{"the day is the tighter one", store.Policy{TokensPerHour: limit + 1000, TokensPerDay: limit}, (*policy.Rules).TakeToken, limit},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rules := compile(t, test.policy)
			got := together(func(now time.Time) error {
				_, err := test.take(rules, now)
				return err
			})
			if got != test.want {
				t.Errorf("%d were admitted, want %d", got, test.want)
			}
		})
	}
}

func TestManyFailuresAtOnceNeverExceedTheBudget(t *testing.T) {
	failures := &policy.Failures{}
	from := netip.MustParseAddr("192.0.2.1")
	var counted atomic.Int64
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 200 {
				_, ok := failures.Note("key", from, noon)
				if ok {
					counted.Add(1)
				}
			}
		})
	}
	group.Wait()
	if counted.Load() != 20 {
		t.Errorf("%d failures were within a budget of 20", counted.Load())
	}
}
