package sqlstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

const killedWriters = 8

// writeUntilKilled writes pairs of keys, and says of each pair "begin" before it
// is written and "done" when it is acknowledged.
func writeUntilKilled(s *sqlstore.Store) error {
	by := store.Origin{Actor: "system", At: time.UnixMilli(1)}
	failures := make([]error, killedWriters)
	var wg sync.WaitGroup
	for i := range killedWriters {
		wg.Go(func() {
			for failures[i] == nil {
				id := rand.Text()
				_, sayErr := fmt.Fprintf(os.Stdout, "begin %s\n", id)
				_, err := s.Write(
					context.Background(), by,
					store.CreateClient{Client: store.Client{ID: id + "-1", Mode: store.Live, Secrets: []store.Secret{{ID: "s"}}}},
					store.CreateClient{Client: store.Client{ID: id + "-2", Mode: store.Live, Secrets: []store.Secret{{ID: "s"}}}},
				)
				failures[i] = errors.Join(sayErr, err)
				if err == nil {
					fmt.Fprintf(os.Stdout, "done %s\n", id)
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(failures...)
}

func TestKilledWriterLosesNoAcknowledgedWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	pairs := newPairs()
	for round := range 5 {
		p := start(t, "write", path)
		pairs.listen(t, p, 100+37*round)
		s := open(t, path)
		checkPairs(t, s, pairs.begun, pairs.done)
		checkJournal(t, s)
		s.Close()
	}
	t.Log(pairs)
}

// pairs are what writers have said.
type pairs struct{ begun, done map[string]bool }

func newPairs() pairs { return pairs{begun: map[string]bool{}, done: map[string]bool{}} }

func (p pairs) String() string {
	return fmt.Sprintf("%d writes were acknowledged, %d more were begun", len(p.done), len(p.begun)-len(p.done))
}

// listen kills the writer after so many lines and takes in what it has said.
func (p pairs) listen(t *testing.T, writer *process, lines int) {
	t.Helper()
	var said []string
	for len(said) < lines && writer.lines.Scan() {
		said = append(said, writer.lines.Text())
	}
	for _, line := range append(said, writer.kill(t)...) {
		var word, id string
		_, err := fmt.Sscan(line, &word, &id)
		if err != nil {
			t.Fatalf("the writer said %q: %v", line, err)
		}
		p.begun[id] = true
		if word == "done" {
			p.done[id] = true
		}
	}
}

// checkPairs fails the test unless every acknowledged pair is there, every pair is
// whole, and none is there that nobody wrote.
func checkPairs(t *testing.T, s store.Store, begun, done map[string]bool) {
	t.Helper()
	clients, err := s.Clients(t.Context(), "", 1<<30)
	if err != nil {
		t.Fatalf("clients: %v", err)
	}
	halves := make(map[string]int)
	for _, c := range clients {
		halves[c.ID[:len(c.ID)-2]] += len(c.Secrets)
	}
	for id, n := range halves {
		if n != 2 || !begun[id] {
			t.Errorf("%d keys of the pair %s are there; begun: %v", n, id, begun[id])
		}
	}
	for id := range done {
		if halves[id] == 0 {
			t.Errorf("the pair %s was acknowledged and is lost", id)
		}
	}
}

// checkJournal fails the test unless every key has its change and its audit row.
func checkJournal(t *testing.T, s store.Store) {
	t.Helper()
	clients, err := s.Clients(t.Context(), "", 1<<30)
	if err != nil {
		t.Fatalf("clients: %v", err)
	}
	changes, err := s.Changes(t.Context(), store.Position{}, 1<<30)
	if err != nil {
		t.Fatalf("changes: %v", err)
	}
	rows, err := s.AuditRows(t.Context(), 0, 1<<30)
	if err != nil {
		t.Fatalf("audit rows: %v", err)
	}
	if len(changes) != len(clients) || len(rows) != len(clients) {
		t.Errorf("%d keys, %d changes, %d audit rows", len(clients), len(changes), len(rows))
	}
	var previous [32]byte
	for _, row := range rows {
		if row.Previous != previous || row.Hash != row.Sum() {
			t.Fatalf("audit row %d does not continue the chain", row.Seq)
		}
		previous = row.Hash
	}
}
