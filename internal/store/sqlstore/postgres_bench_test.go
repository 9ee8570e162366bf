package sqlstore_test

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

// BenchmarkNodesOnPostgres has 32 callers create keys, or rotate refresh tokens, on
// one node or spread over three, with commits that wait for the disk.
func BenchmarkNodesOnPostgres(b *testing.B) {
	c, err := postgres.New(postgres.Options{Durable: true})
	postgres.Missing(b, err)
	defer c.Remove()
	for _, isolation := range []string{"read committed", "serializable"} {
		for _, nodes := range []int{1, 3} {
			b.Run(fmt.Sprintf("%s/%d/keys", isolation, nodes), func(b *testing.B) {
				onNodes(b, c, isolation, nodes, func(s store.Store) func() error {
					return func() error {
						_, err := s.Write(b.Context(), store.Origin{Actor: "system"}, plainClient(rand.Text()))
						return err
					}
				})
			})
			b.Run(fmt.Sprintf("%s/%d/rotations", isolation, nodes), func(b *testing.B) {
				onNodes(b, c, isolation, nodes, func(s store.Store) func() error {
					r := newRotation()
					return func() error {
						_, err := s.Rotate(b.Context(), r)
						r.Generation++
						return err
					}
				})
			})
		}
	}
}

func onNodes(b *testing.B, c *postgres.Cluster, isolation string, nodes int, caller func(store.Store) func() error) {
	admin, err := sql.Open("pgx", c.URL(postgres.Superuser, "postgres"))
	if err != nil {
		b.Fatal(err)
	}
	defer admin.Close()
	_, err = admin.Exec("ALTER DATABASE postgres SET default_transaction_isolation = '" + isolation + "'")
	if err != nil {
		b.Fatal(err)
	}
	var commits, next atomic.Int64
	stores := make([]store.Store, nodes)
	for i := range stores {
		s := openWith(b, sqlstore.Config{URL: c.URL(postgres.Superuser, "postgres"), OnStatement: func(name string) {
			if name == "commit" {
				commits.Add(1)
			}
		}})
		defer s.Close()
		stores[i] = s
	}
	b.SetParallelism(max(1, 32/runtime.GOMAXPROCS(0)))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		call := caller(stores[int(next.Add(1))%nodes])
		for pb.Next() {
			err := call()
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	b.ReportMetric(float64(b.N)/float64(commits.Load()), "calls/commit")
}
