package usage_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/grantd/grantd/internal/usage"
)

// BenchmarkCount is what a request pays.
func BenchmarkCount(b *testing.B) {
	for _, keys := range []int{1, 100, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			c := usage.NewCounters()
			ids := make([]string, keys)
			for i := range ids {
				ids[i] = fmt.Sprintf("5clTR_MdV%07d", i)
			}
			for range 64 {
				for _, id := range ids {
					c.Count(id, usage.Tokens)
				}
			}
			var workers atomic.Int64
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				i := int(workers.Add(1)) * 7919
				for p.Next() {
					i++
					c.Count(ids[i%keys], usage.Tokens)
				}
			})
		})
	}
}
