package sqlstore_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

// Savepoints are journeys to the database, which only those pay for that are beside
// a write that fails.
func TestBatchHasSavepointsOnlyWhenAWriteFails(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	counted := newCounter()
	s := openWith(t, sqlstore.Config{URL: c.URL(readCommitted, c.newDatabase(t)), OnStatement: counted.add})
	defer s.Close()
	create(t, s, "taken")
	writeBeside := func(round string, refused int) {
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				id, want := fmt.Sprint(round, i), error(nil)
				if i < refused {
					id, want = "taken", store.ErrConflict
				}
				_, err := s.Write(t.Context(), store.Origin{}, plainClient(id))
				if !errors.Is(err, want) {
					t.Errorf("write %s: got %v, want %v", id, err, want)
				}
			})
		}
		wg.Wait()
	}
	writeBeside("a", 0)
	commits := counted.counted["commit"]
	if counted.counted["savepoint"] > 0 || commits > 60 {
		t.Errorf("64 writes that succeed: %v", counted.counted)
	}
	writeBeside("b", 8)
	if counted.counted["savepoint"] == 0 {
		t.Errorf("64 writes, some of which fail: %v", counted.counted)
	}
	checkJournal(t, s)
}
