package usage_test

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/usage"
)

var (
	noon    = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	address = netip.MustParseAddr("203.0.113.7")
)

func TestNothingIsLostWhenManyCountWhileOthersDrain(t *testing.T) {
	const workers, each = 8, 20_000
	c := usage.NewCounters()
	total := map[string]*usage.Counts{}
	gather := func() {
		for id, counts := range c.Drain() {
			if total[id] == nil {
				total[id] = &usage.Counts{}
			}
			total[id].Add(counts)
		}
	}
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			for i := range each {
				id := fmt.Sprint("key-", (i+w)%37)
				c.Count(id, usage.Tokens)
				if i%10 == 0 {
					c.Fail(id, usage.WrongSecret, address, noon)
				}
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		running.Wait()
		close(ended)
	}()
	for done := false; !done; {
		select {
		case <-ended:
			done = true
		default:
		}
		gather()
	}
	gather()
	tokens, failures := uint64(0), uint64(0)
	for _, counts := range total {
		tokens += counts.Uses[usage.Tokens]
		failures += counts.Failures[usage.WrongSecret]
	}
	if tokens != workers*each || failures != workers*each/10 || len(total) != 37 {
		t.Errorf("got %d tokens and %d failures of %d keys", tokens, failures, len(total))
	}
	if left := c.Drain(); len(left) != 0 {
		t.Errorf("%d keys were drained twice", len(left))
	}
}

// A busy key is counted in several places.
func TestABusyKeyIsCountedWhole(t *testing.T) {
	c := usage.NewCounters()
	const uses = 50_000
	for range uses {
		c.Count("busy", usage.Tokens)
	}
	c.Count("calm", usage.Tokens)
	all := c.Drain()
	if all["busy"].Uses[usage.Tokens] != uses || all["calm"].Uses[usage.Tokens] != 1 || len(all) != 2 {
		t.Errorf("got %v", all)
	}
}

func TestCountingAllocatesNothing(t *testing.T) {
	c := usage.NewCounters()
	for range 5000 {
		c.Count("key", usage.Tokens)
		c.Fail("key", usage.WrongSecret, address, noon)
	}
	n := testing.AllocsPerRun(1000, func() {
		c.Count("key", usage.Tokens)
		c.Fail("key", usage.WrongSecret, address, noon)
	})
	if n != 0 {
		t.Errorf("a count allocates %v times", n)
	}
}

func TestFailuresOfManyAddressesTakeLittleRoom(t *testing.T) {
	c := usage.NewCounters()
	const n = 100_000
	for i := range n {
		from := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		c.Fail("", usage.WrongSecret, from, noon.Add(time.Duration(i)*time.Millisecond))
	}
	all := c.Drain()
	counts := all[""]
	if len(all) != 1 || counts.Failures[usage.WrongSecret] != n || len(counts.Recent) != usage.MaxRecent {
		t.Fatalf("got %d keys, %+v", len(all), counts)
	}
	if size := len(counts.Encode(noon)); size > 200 {
		t.Errorf("they take %d bytes", size)
	}
}

func TestFailuresAreKeptApartByReasonAndAddress(t *testing.T) {
	c := usage.NewCounters()
	for range 14 {
		c.Fail("key", usage.WrongSecret, address, noon)
	}
	c.Fail("key", usage.WrongSecret, netip.MustParseAddr("::ffff:203.0.113.7"), noon.Add(time.Second))
	c.Fail("key", usage.ScopeRefused, address, noon)
	c.Fail("key", usage.Other, netip.Addr{}, noon)
	got := c.Drain()["key"].Recent
	diff := cmp.Diff([]usage.Failure{
		{Reason: usage.WrongSecret, From: "203.0.113.7", Count: 15, Last: noon.Add(time.Second)},
		{Reason: usage.ScopeRefused, From: "203.0.113.7", Count: 1, Last: noon},
		{Reason: usage.Other, Count: 1, Last: noon},
	}, got)
	if diff != "" {
		t.Errorf("recent failures (-want +got):\n%s", diff)
	}
}
