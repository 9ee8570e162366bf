package sqlstore_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

// BenchmarkExpireAMillionRevocations removes revocations that ended over a day,
// by chunks of a size, and has a client rotate refresh tokens beside it.
func BenchmarkExpireAMillionRevocations(b *testing.B) {
	for _, limit := range []int{1000, 5000, 20_000} {
		b.Run(fmt.Sprint("by ", limit), func(b *testing.B) {
			var chunks, rotations []time.Duration
			for b.Loop() {
				b.StopTimer()
				s := millionRevocations(b)
				stop := make(chan struct{})
				var rotating sync.WaitGroup
				rotating.Go(func() { rotations = append(rotations, rotateUntil(b, s, stop)...) })
				b.StartTimer()
				chunks = append(chunks, expireAll(b, s, limit)...)
				b.StopTimer()
				close(stop)
				rotating.Wait()
				s.Close()
				b.StartTimer()
			}
			report(b, chunks, "chunk")
			report(b, rotations, "rotation")
		})
	}
}

func millionRevocations(b *testing.B) *sqlstore.Store {
	path := filepath.Join(b.TempDir(), "grantd.db")
	open(b, path).Close()
	behind(b, path, `
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000)
		INSERT INTO revocations (bucket, id, expires_at)
		SELECT n % 24, randomblob(16), n % 24 * 3600000 FROM numbers`)
	return open(b, path)
}

func report(b *testing.B, times []time.Duration, what string) {
	slices.Sort(times)
	milliseconds := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(milliseconds(times[len(times)/2]), "ms/median-"+what)
	b.ReportMetric(milliseconds(times[len(times)*99/100]), "ms/99th-"+what)
	b.ReportMetric(milliseconds(times[len(times)-1]), "ms/longest-"+what)
}

// expireAll returns how long each call took.
func expireAll(b *testing.B, s store.Store, limit int) []time.Duration {
	var times []time.Duration
	total := 0
	for {
		begun := time.Now()
		removed, err := s.Expire(b.Context(), time.UnixMilli(0).Add(48*time.Hour), limit)
		if err != nil {
			b.Fatal(err)
		}
		if removed == 0 {
			break
		}
		times = append(times, time.Since(begun))
		total += removed
	}
	if total != 1_000_000 {
		b.Fatalf("removed %d rows, want a million", total)
	}
	return times
}

// rotateUntil rotates one refresh token after the other until it is stopped, and
// returns how long each rotation took.
func rotateUntil(b *testing.B, s store.Store, stop <-chan struct{}) []time.Duration {
	var times []time.Duration
	for r := newRotation(); ; r.Generation++ {
		select {
		case <-stop:
			return times
		default:
		}
		begun := time.Now()
		rotated, err := s.Rotate(b.Context(), r)
		times = append(times, time.Since(begun))
		if err != nil || rotated.Outcome != store.Renewed {
			b.Errorf("rotate: %v (%v)", rotated, err)
			return times
		}
	}
}

func BenchmarkRecordUsesOf10000Secrets(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "grantd.db"))
	defer s.Close()
	uses := make([]store.SecretUse, 10_000)
	mutations := make([]store.Mutation, len(uses))
	for i := range uses {
		m := plainClient(fmt.Sprint(i))
		mutations[i] = m
		uses[i] = store.SecretUse{ClientID: m.Client.ID, Hash: m.Client.Secrets[0].Hash, From: "192.0.2.1"}
	}
	_, err := s.Write(b.Context(), store.Origin{Actor: "system"}, mutations...)
	if err != nil {
		b.Fatal(err)
	}
	minute := 0
	for b.Loop() {
		minute++
		for i := range uses {
			uses[i].At = time.UnixMilli(1_700_000_000_000).Add(time.Duration(minute) * time.Minute)
		}
		err = s.RecordUses(b.Context(), uses)
		if err != nil {
			b.Fatal(err)
		}
	}
}
