package mirror

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/store"
)

var noon = time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)

// ids yields the same ids again for the same seed.
func ids(seed byte) func() store.TokenID {
	source := rand.NewChaCha8([32]byte{seed})
	return func() store.TokenID {
		var id store.TokenID
		binary.BigEndian.PutUint64(id[:8], source.Uint64())
		binary.BigEndian.PutUint64(id[8:], source.Uint64())
		return id
	}
}

func TestAnyIDCanBeRevoked(t *testing.T) {
	tests := []struct {
		name string
		id   store.TokenID
	}{
		{"all zero", store.TokenID{}},
		{"its first half is zero", store.TokenID{15: 1}},
		{"its last half is zero", store.TokenID{0: 1}},
		{"all ones", store.TokenID{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}},
	}
	var rs revocations
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if rs.has(tt.id) {
				t.Fatalf("%x is revoked already", tt.id)
			}
			rs.add(store.Revocation{ID: tt.id, ExpiresAt: noon.Add(time.Hour)}, noon)
			if !rs.has(tt.id) {
				t.Errorf("%x is not revoked", tt.id)
			}
		})
	}
	if got := rs.len(); got != int64(len(tests)) {
		t.Errorf("%d entries, want %d", got, len(tests))
	}
}

func TestWhenARevocationIsForgotten(t *testing.T) {
	tests := []struct {
		name    string
		expires time.Time
		swept   time.Time
		want    bool
	}{
		{"not before its token has ended", noon.Add(time.Hour), noon.Add(time.Hour - time.Millisecond), true},
		{"not at once after its token has ended", noon.Add(time.Hour), noon.Add(time.Hour + 59*time.Second), true},
		{"a minute after its token has ended", noon.Add(time.Hour), noon.Add(time.Hour + time.Minute), false},
		{"a fraction of a second counts for a second", noon.Add(time.Hour + time.Millisecond), noon.Add(time.Hour + time.Minute), true},
		{"an end beyond 2106", time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC), noon.Add(24 * time.Hour), true},
		{"an end before 1970 is over at once", time.Time{}, noon, false},
		{"an end long ago is over at once", noon.Add(-time.Hour), noon, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rs revocations
			id := store.TokenID{1}
			rs.add(store.Revocation{ID: id, ExpiresAt: tt.expires}, noon)
			rs.sweep(tt.swept)
			if got := rs.has(id); got != tt.want {
				t.Errorf("still known: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTheLaterEndOfTwoRevocationsCounts(t *testing.T) {
	id := store.TokenID{1}
	early, late := noon.Add(time.Hour), noon.Add(2*time.Hour)
	for name, order := range map[string][]time.Time{"the later one last": {early, late}, "the later one first": {late, early}} {
		t.Run(name, func(t *testing.T) {
			var rs revocations
			for _, at := range order {
				rs.add(store.Revocation{ID: id, ExpiresAt: at}, noon)
			}
			rs.sweep(late)
			if !rs.has(id) || rs.len() != 1 {
				t.Errorf("known: %v, entries: %d; want one that is known", rs.has(id), rs.len())
			}
		})
	}
}

// A million revocations stay below 64 MB at every moment: while they are loaded,
// and while they are loaded again over those that are there.
func TestAMillionRevocations(t *testing.T) {
	count, slack := int64(1_000_000), uint64(0)
	if testing.Short() { // with the race detector
		// The collector lets 4 MiB gather before it begins, which is much for so few.
		count, slack = 100_000, 4<<20
	}
	runtime.GC()
	before := heapNow()
	most, seen := before, 0
	var rs revocations
	fill := func(seed byte, expires time.Time) {
		next := ids(seed)
		for range count {
			rs.add(store.Revocation{ID: next(), ExpiresAt: expires}, noon)
			seen++
			if seen%512 == 0 {
				most = max(most, heapNow())
			}
		}
	}
	fill(1, noon.Add(time.Hour))
	fill(1, noon.Add(time.Hour))
	if got := rs.len(); got != count {
		t.Fatalf("%d entries, want %d", got, count)
	}
	runtime.GC()
	runtime.GC()
	steady := float64(heapNow()-before) / float64(count)
	peak := float64(most-before) / (1 << 20)
	t.Logf("%.1f bytes an entry, %.1f MiB at most while it grew", steady, peak)
	if steady > 32 {
		t.Errorf("a revocation costs %.1f bytes, want 32 at most", steady)
	}
	if most-before > uint64(64*count)+slack {
		t.Errorf("%d revocations took %.1f MiB at their peak, want 64 bytes each at most", count, peak)
	}
	next := ids(1)
	for range count {
		if !rs.has(next()) {
			t.Fatal("one of them is not known")
		}
	}
}

// heapNow counts what was not collected yet, too.
func heapNow() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// What expires makes room for what comes: the memory follows what is live.
func TestRevocationsThatComeAndGo(t *testing.T) {
	const live, minutes = 6_000, 200
	var rs revocations
	next := ids(2)
	for minute := range minutes {
		now := noon.Add(time.Duration(minute) * time.Minute)
		for range live / 60 {
			rs.add(store.Revocation{ID: next(), ExpiresAt: now.Add(time.Hour - revokedFor)}, now)
		}
		rs.sweep(now)
		if got := rs.len(); got > live*8/7+live/60 {
			t.Fatalf("in minute %d there are %d entries, of which %d are live", minute, got, live)
		}
	}
	slots := 0
	for i := range rs.shards {
		slots += len(rs.shards[i].table.Load().slots)
	}
	if perEntry := float64(slots*20) / live; perEntry > 36 {
		t.Errorf("a live revocation costs %.1f bytes", perEntry)
	}
	rs.sweep(noon.Add(minutes*time.Minute + 2*time.Hour))
	if rs.len() != 0 {
		t.Errorf("%d entries are left of those that have all expired", rs.len())
	}
}

func TestALookupOfARevocationAllocatesNothing(t *testing.T) {
	var rs revocations
	next := ids(3)
	var known store.TokenID
	for range 1000 {
		known = next()
		rs.add(store.Revocation{ID: known, ExpiresAt: noon.Add(time.Hour)}, noon)
	}
	found := 0
	allocations := testing.AllocsPerRun(1000, func() {
		if rs.has(known) {
			found++
		}
		if rs.has(next()) {
			t.Error("found what was never revoked")
		}
	})
	if allocations != 0 || found == 0 {
		t.Errorf("%v allocations, want none; found it: %v", allocations, found > 0)
	}
}

// The race detector watches this one.
func TestLookupsOfRevocationsDuringGrowthAndSweep(t *testing.T) {
	var rs revocations
	steady := store.TokenID{5}
	rs.add(store.Revocation{ID: steady, ExpiresAt: noon.Add(24 * time.Hour)}, noon)
	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			stranger := ids(4)
			for {
				select {
				case <-done:
					return
				default:
				}
				if !rs.has(steady) {
					t.Error("a revocation was not found while others came and went")
					return
				}
				if rs.has(stranger()) {
					t.Error("found what was never revoked")
					return
				}
			}
		})
	}
	for writer := range 2 {
		writers.Go(func() {
			next := ids(byte(10 + writer))
			for round := range 20 {
				now := noon.Add(time.Duration(round) * time.Minute)
				for range 500 {
					// The other writer may be minutes ahead and sweep this one at once.
					rs.add(store.Revocation{ID: next(), ExpiresAt: now}, now)
					id := next()
					rs.add(store.Revocation{ID: id, ExpiresAt: noon.Add(24 * time.Hour)}, now)
					if !rs.has(id) {
						t.Error("a revocation is not known to the one who made it")
						return
					}
				}
				rs.sweep(now)
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}

// The set is a map of ids to their ends, in which nothing that is live is ever
// missing.
func TestRevocationsAreAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rs revocations
		model := map[store.TokenID]time.Time{}
		now := noon
		// Few values of the bytes that are hashed make shards that are crowded.
		draw := func(t *rapid.T) store.TokenID {
			var id store.TokenID
			id[0] = rapid.Byte().Draw(t, "first")
			id[8] = rapid.SampledFrom([]byte{0, 1, 128, 255}).Draw(t, "hash")
			id[14] = rapid.Byte().Draw(t, "last")
			return id
		}
		t.Repeat(map[string]func(*rapid.T){
			"revoke some": func(t *rapid.T) {
				first := draw(t)
				for n := range rapid.IntRange(1, 200).Draw(t, "count") {
					id := first
					id[1] = byte(n)
					expires := now.Add(time.Duration(rapid.IntRange(-100, 7200).Draw(t, "seconds")) * time.Second)
					rs.add(store.Revocation{ID: id, ExpiresAt: expires}, now)
					if expires.After(model[id]) {
						model[id] = expires
					}
				}
			},
			"time goes by": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 3600).Draw(t, "seconds")) * time.Second)
			},
			"sweep": func(*rapid.T) {
				rs.sweep(now)
				maps.DeleteFunc(model, func(id store.TokenID, expires time.Time) bool {
					return !expires.After(now) && !rs.has(id)
				})
			},
			"": func(t *rapid.T) {
				for id, expires := range model {
					if expires.After(now) && !rs.has(id) {
						t.Fatalf("%x is missing, which is live until %v", id, expires)
					}
				}
				stranger := draw(t)
				_, known := model[stranger]
				if !known && rs.has(stranger) {
					t.Fatalf("%x is there and never was revoked", stranger)
				}
				if rs.len() > int64(len(model)) {
					t.Fatalf("%d entries for %d ids", rs.len(), len(model))
				}
			},
		})
	})
}

func BenchmarkRevoked(b *testing.B) {
	const count = 1_000_000
	var rs revocations
	next := ids(1)
	for range count {
		rs.add(store.Revocation{ID: next(), ExpiresAt: noon.Add(time.Hour)}, noon)
	}
	for name, seed := range map[string]byte{"a million, unknown id": 2, "a million, known id": 1} {
		b.Run(name, func(b *testing.B) {
			some := make([]store.TokenID, 4096)
			next := ids(seed)
			for i := range some {
				some[i] = next()
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if rs.has(some[i%len(some)]) != (seed == 1) {
						b.Error("wrong answer")
					}
				}
			})
		})
	}
}
