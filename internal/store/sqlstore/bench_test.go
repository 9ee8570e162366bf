package sqlstore_test

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/oauth"
)

func plainClient(id string) store.CreateClient {
	at := time.UnixMilli(1_700_000_000_000)
	return store.CreateClient{Client: store.Client{
		ID:          id,
		Name:        "a key of some customer",
		GrantTypes:  []oauth.GrantType{oauth.ClientCredentials},
		AuthMethods: []oauth.AuthMethod{oauth.ClientSecretBasic, oauth.ClientSecretPost},
		Mode:        store.Live,
		Scopes:      []string{"/accounts/{accountID}/wallets.read", "/accounts/{accountID}/transfers.write"},
		Secrets:     []store.Secret{{ID: rand.Text(), Hash: make([]byte, 32), CreatedAt: at}},
		CreatedAt:   at,
		UpdatedAt:   at,
	}}
}

func BenchmarkCreateClientWith32Writers(b *testing.B) {
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
	by := store.Origin{Actor: "system", At: time.UnixMilli(1_700_000_000_000)}
	b.SetParallelism(max(1, 32/runtime.GOMAXPROCS(0)))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, err := s.Write(b.Context(), by, plainClient(rand.Text()))
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	b.ReportMetric(float64(b.N)/float64(commits.Load()), "writes/commit")
}

func BenchmarkPageThrough100000Clients(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "grantd.db"))
	defer s.Close()
	by := store.Origin{Actor: "system", At: time.UnixMilli(1_700_000_000_000)}
	for range 100 {
		mutations := make([]store.Mutation, 1000)
		for i := range mutations {
			mutations[i] = plainClient(rand.Text())
		}
		_, err := s.Write(b.Context(), by, mutations...)
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		after, n := "", 0
		for {
			page, err := s.Clients(b.Context(), after, 1000)
			if err != nil {
				b.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			n += len(page)
			after = page[len(page)-1].ID
		}
		if n != 100_000 {
			b.Fatal(fmt.Sprint("read ", n))
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "grantd.db")
	open(b, path).Close()
	for b.Loop() {
		open(b, path).Close()
	}
}
