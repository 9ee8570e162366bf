package sqlstore_test

import (
	"crypto/rand"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

// BenchmarkRotateWith32Callers has each caller rotate a family of its own, as
// clients do that refresh again and again.
func BenchmarkRotateWith32Callers(b *testing.B) {
	var commits atomic.Int64
	s := openWith(b, sqlstore.Config{
		Path: filepath.Join(b.TempDir(), "grantd.db"),
		OnStatement: func(name string) {
			if name == "commit" {
				commits.Add(1)
			}
		},
	})
	defer s.Close()
	b.SetParallelism(max(1, 32/runtime.GOMAXPROCS(0)))
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		r := newRotation()
		for pb.Next() {
			rotated, err := s.Rotate(b.Context(), r)
			if err != nil || rotated.Outcome != store.Renewed {
				b.Error(rotated, err)
				return
			}
			r.Generation++
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rotations/s")
	b.ReportMetric(float64(b.N)/float64(commits.Load()), "rotations/commit")
}

func newRotation() store.Rotation {
	at := time.UnixMilli(1_700_000_000_000)
	r := store.Rotation{
		ExpiresAt: at.Add(720 * time.Hour), Grace: 10 * time.Second, By: store.Origin{Actor: "key:bench", At: at},
	}
	_, _ = rand.Read(r.Family[:])
	return r
}
