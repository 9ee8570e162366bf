package mirror_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

// crowd is a source with a great many keys, which share a hundred grants, and
// revocations.
type crowd struct {
	headed
	revocations uint64
}

func (c crowd) Clients(ctx context.Context, after string, limit int) ([]store.Client, error) {
	some, err := c.headed.Clients(ctx, after, limit)
	for i := range some {
		some[i].Scopes = []string{fmt.Sprintf("/tenant/%d.read", i%100)}
	}
	return some, err
}

func (c crowd) Revocations(_ context.Context, after store.Revocation, limit int) ([]store.Revocation, error) {
	next := binary.BigEndian.Uint64(after.ID[:8])
	var some []store.Revocation
	for n := next + 1; n <= c.revocations && len(some) < limit; n++ {
		r := revocation(int(n))
		binary.BigEndian.PutUint64(r.ID[:8], n)
		some = append(some, r)
	}
	return some, nil
}

// processor is how long the processors worked for this process.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// A million keys and a hundred thousand revocations. The time that the processors
// worked says more than the other one on a machine that is busy.
func BenchmarkSnapshot(b *testing.B) {
	const keys, revocations = 1_000_000, 100_000
	full := empty(crowd{headed{many{count: keys}}, revocations})
	err := full.Load(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	snapshot := newSnapshot(filepath.Join(b.TempDir(), "snapshot"))
	measure := func(name string, f func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := processor(b)
			for b.Loop() {
				err := f()
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((processor(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
		})
	}
	measure("save", func() error { return snapshot.Save(b.Context(), full, noPause) })
	info, err := os.Stat(snapshot.Path)
	if err != nil {
		b.Skip("without a save there is nothing to restore")
	}
	full = nil
	before := heap()
	var m *mirror.Mirror
	measure("restore", func() error {
		m = empty(nil)
		return snapshot.Restore(b.Context(), m)
	})
	if m != nil {
		b.Logf("the file has %.1f MB; what was restored takes %.1f MB", float64(info.Size())/1e6, float64(heap()-before)/1e6)
		if m.Clients() != keys || m.Revocations() != revocations {
			b.Errorf("there are %d keys and %d revocations", m.Clients(), m.Revocations())
		}
	}
}
