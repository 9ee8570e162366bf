package policy_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/policy"
)

// spend notes as many failures as the budget has.
func spend(t *testing.T, failures *policy.Failures, id string, from netip.Addr) {
	t.Helper()
	for n := range 20 {
		if failures.Exhausted(id, from, noon) {
			t.Fatalf("the budget is exhausted after %d failures", n)
		}
		wait, ok := failures.Note(id, from, noon)
		if !ok || wait != 0 {
			t.Fatalf("failure %d: %v, %v", n+1, wait, ok)
		}
	}
}

func TestFailureBudget(t *testing.T) {
	from := netip.MustParseAddr("192.0.2.1")
	failures := &policy.Failures{}
	spend(t, failures, "key", from)
	if !failures.Exhausted("key", from, noon) {
		t.Error("after 20 failures the budget is not exhausted")
	}
	for range 100 {
		wait, ok := failures.Note("key", from, noon)
		if ok || wait != 3*time.Second {
			t.Fatalf("beyond the budget: wait %v, ok %v", wait, ok)
		}
	}
	for early, want := range map[time.Duration]time.Duration{500 * time.Millisecond: time.Second, 1500 * time.Millisecond: 2 * time.Second} {
		wait, ok := failures.Note("key", from, noon.Add(3*time.Second-early))
		if ok || wait != want {
			t.Errorf("%v early: wait %v, ok %v; want to wait %v", early, wait, ok, want)
		}
	}
	after := noon.Add(3 * time.Second)
	if failures.Exhausted("key", from, after) {
		t.Error("three seconds later none came back")
	}
	_, ok := failures.Note("key", from, after)
	if !ok || !failures.Exhausted("key", from, after) {
		t.Error("three seconds later not exactly one came back")
	}
}

func TestWhoSharesABudget(t *testing.T) {
	tests := []struct {
		name    string
		id      string
		address string
		shares  bool
	}{
		{"the same key and address", "key", "192.0.2.1", true},
		{"the address inside of IPv6", "key", "::ffff:192.0.2.1", true},
		{"a neighbour", "key", "192.0.2.2", false},
		{"another key", "yek", "192.0.2.1", false},
		{"an unknown address", "key", "", false},
	}
	from := netip.MustParseAddr("192.0.2.1")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { expectShared(t, from, test.id, test.address, test.shares) })
	}
	six := netip.MustParseAddr("2001:db8:1:2::1")
	for _, test := range []struct {
		name    string
		address string
		shares  bool
	}{
		{"an address of the same /64", "2001:db8:1:2:ffff::9", true},
		{"the same with an interface", "2001:db8:1:2::1%eth0", true},
		{"the next /64", "2001:db8:1:3::1", false},
	} {
		t.Run(test.name, func(t *testing.T) { expectShared(t, six, "key", test.address, test.shares) })
	}
}

func expectShared(t *testing.T, from netip.Addr, id, address string, want bool) {
	t.Helper()
	var other netip.Addr
	if address != "" {
		other = netip.MustParseAddr(address)
	}
	// Two pairs may have the same hash; hardly under three seeds.
	shared := 0
	for range 3 {
		failures := &policy.Failures{}
		spend(t, failures, "key", from)
		if failures.Exhausted(id, other, noon) {
			shared++
		}
	}
	if want != (shared == 3) || !want && shared > 1 {
		t.Errorf("the budget is shared under %d of 3 seeds, want shared %v", shared, want)
	}
}

func TestAFloodFromManyNetworksLeavesOthersRoom(t *testing.T) {
	failures := &policy.Failures{}
	for n := range 1000 {
		from := netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)})
		for range 50 {
			failures.Note("key", from, noon)
		}
	}
	exhausted := 0
	for n := range 1000 {
		if failures.Exhausted("key", netip.AddrFrom4([4]byte{172, 16, byte(n >> 8), byte(n)}), noon) {
			exhausted++
		}
	}
	// 1000 of 65536 counts are spent.
	if exhausted > 60 {
		t.Errorf("%d of 1000 others have no budget left", exhausted)
	}
}

func TestAFailureCostsNoMemory(t *testing.T) {
	failures := &policy.Failures{}
	from, now := netip.MustParseAddr("2001:db8::1"), noon
	id := strings.Repeat("x", 1000)
	allocs := testing.AllocsPerRun(100, func() {
		failures.Note(id, from, now)
		failures.Exhausted(id, from, now)
	})
	if allocs != 0 {
		t.Errorf("a failure allocates %v times", allocs)
	}
}

func TestAClockThatGoesBackDoesNotKeepTheBudgetAway(t *testing.T) {
	failures := &policy.Failures{}
	from := netip.MustParseAddr("192.0.2.1")
	spend(t, failures, "key", from)
	back := noon.Add(-24 * time.Hour)
	_, ok := failures.Note("key", from, back)
	if ok {
		t.Error("a clock that goes back gives the budget back")
	}
	_, ok = failures.Note("key", from, back.Add(3*time.Second))
	if !ok {
		t.Error("after a clock went back a day, none came back in three seconds")
	}
}

func BenchmarkFailure(b *testing.B) {
	failures := &policy.Failures{}
	var ids [64]string
	for n := range ids {
		ids[n] = fmt.Sprintf("key-%d", n)
	}
	from := netip.MustParseAddr("192.0.2.1")
	for n := 0; b.Loop(); n++ {
		failures.Note(ids[n%len(ids)], from, noon)
	}
}
