package sqlstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

// A COMMIT whose answer is lost was committed, or not. The store finds out which,
// and does it again when it was not.
func TestCommitWithoutAnAnswerIsSettled(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	for _, user := range []string{readCommitted, serializable} {
		for name, how := range map[string]harm{"it was committed": cutAfter, "it was not": cutBefore} {
			t.Run(user+": "+name, func(t *testing.T) {
				p, address := newProxy(t, c.URL(user, c.newDatabase(t)))
				counted := newCounter()
				s := openWith(t, sqlstore.Config{URL: address, OnStatement: counted.add})
				defer s.Close()
				create(t, s, "before")

				p.next.Store(int32(how))
				create(t, s, "c")
				r := newRotation()
				p.next.Store(int32(how))
				rotated, err := s.Rotate(t.Context(), r)
				if err != nil || rotated.Outcome != store.Renewed {
					t.Errorf("rotate: got %v (%v), want it renewed", rotated, err)
				}
				if counted.counted["ask_writer"] < 2 {
					t.Errorf("nobody asked what became of the COMMIT: %v", counted.counted)
				}
				rotated, err = s.Rotate(t.Context(), r)
				if err != nil || rotated.Outcome != store.Repeated {
					t.Errorf("rotate again: got %v (%v), want it repeated", rotated, err)
				}
				checkJournal(t, s)
			})
		}
	}
}

func TestCommitThatNobodyCanSettleIsUnknown(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	name := c.newDatabase(t)
	p, address := newProxy(t, c.URL(readCommitted, name))
	s := openWith(t, sqlstore.Config{URL: address})
	defer s.Close()
	sqlstore.SetSettleTime(s, 100*time.Millisecond)

	p.next.Store(int32(cutForGood))
	_, err := s.Write(t.Context(), store.Origin{}, plainClient("c"))
	if !errors.Is(err, store.ErrUnknown) {
		t.Errorf("write: got %v, want %v", err, store.ErrUnknown)
	}
	_, err = s.Write(t.Context(), store.Origin{}, plainClient("d"))
	if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown) {
		t.Errorf("write: got %v, want %v", err, store.ErrUnavailable)
	}
	other := openWith(t, sqlstore.Config{URL: c.URL(readCommitted, name)})
	defer other.Close()
	clients, err := other.Clients(t.Context(), "", 10)
	if err != nil || len(clients) != 1 || clients[0].ID != "c" {
		t.Errorf("got %v (%v), want the one that was committed", clients, err)
	}
}

// A node that is frozen or cut off with the heads in its hands holds up all others,
// but for some seconds only.
func TestSilentNodeDoesNotHoldUpTheOthersForLong(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	name := c.newDatabase(t)
	p, address := newProxy(t, c.URL(readCommitted, name))
	frozen := openWith(t, sqlstore.Config{URL: address})
	other := openWith(t, sqlstore.Config{URL: c.URL(readCommitted, name)})
	defer other.Close()

	p.next.Store(int32(silent))
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error)
	go func() {
		_, err := frozen.Write(ctx, store.Origin{}, plainClient("frozen"))
		answer <- err
	}()
	<-p.harmed // it has the heads
	begun := time.Now()
	create(t, other, "c")
	if took := time.Since(begun); took > 9*time.Second {
		t.Errorf("the other node waited %v", took)
	}
	cancel()
	err := <-answer
	if !errors.Is(err, store.ErrUnknown) {
		t.Errorf("the write of the silent node: got %v, want %v", err, store.ErrUnknown)
	}
	// Its transaction has ended; the node finds that out, and does not do it again, because
	// its caller may have tried elsewhere since.
	frozen.Close()
	_, err = other.Client(t.Context(), "frozen")
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the write that nobody waited for any more: got %v, want %v", err, store.ErrNotFound)
	}
	checkJournal(t, other)
}

func TestKilledNodesLoseNoAcknowledgedWrite(t *testing.T) {
	c := onCluster(t, postgres.Release18)
	address := c.bouncer.URL(readCommitted, c.newDatabase(t))
	s := openWith(t, sqlstore.Config{URL: address})
	defer s.Close()
	pairs := newPairs()
	for round := range 3 {
		one := startWith(t, "write", urlVariable+"="+address)
		other := startWith(t, "write", urlVariable+"="+address)
		pairs.listen(t, one, 100+37*round)
		pairs.listen(t, other, 100)
		checkPairs(t, s, pairs.begun, pairs.done)
		checkJournal(t, s)
	}
	t.Log(pairs)
}

// TestCrashOfTheDatabaseIsAnsweredTruly crashes PostgreSQL under the hands of two
// nodes: what was acknowledged is there, what was refused is not.
func TestCrashOfTheDatabaseIsAnsweredTruly(t *testing.T) {
	c := onCluster(t, postgres.Release18)
	address := c.URL(serializable, c.newDatabase(t))
	nodes := []*sqlstore.Store{openWith(t, sqlstore.Config{URL: address}), openWith(t, sqlstore.Config{URL: address})}
	stop := make(chan struct{})
	answers := make(map[string]error)
	var mu sync.Mutex
	var acknowledged atomic.Int64
	var writing sync.WaitGroup
	for n := range 8 {
		writing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				id := rand.Text()
				_, err := nodes[n%2].Write(context.Background(), store.Origin{}, plainClient(id))
				mu.Lock()
				answers[id] = err
				mu.Unlock()
				if err == nil {
					acknowledged.Add(1)
				}
			}
		})
	}
	for range 3 {
		for before := acknowledged.Load(); acknowledged.Load() < before+50; {
			runtime.Gosched()
		}
		err := c.Crash()
		if err == nil {
			err = c.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	writing.Wait()
	checkAnswers(t, nodes[0], answers)
	for _, node := range nodes {
		node.Close()
	}
}

func checkAnswers(t *testing.T, s store.Store, answers map[string]error) {
	t.Helper()
	counts := make(map[string]int)
	for id, answer := range answers {
		_, err := s.Client(t.Context(), id)
		switch {
		case answer == nil && err == nil:
			counts["acknowledged"]++
		case errors.Is(answer, store.ErrUnknown):
			counts["unknown"]++
		case errors.Is(answer, store.ErrUnavailable) && errors.Is(err, store.ErrNotFound):
			counts["unavailable"]++
		default:
			t.Errorf("write %s: answered %v, read %v", id, answer, err)
		}
	}
	checkJournal(t, s)
	t.Log(counts)
}

func TestDatabaseThatIsRestartedIsUsedAgain(t *testing.T) {
	c := onCluster(t, postgres.Release18)
	s := openWith(t, sqlstore.Config{URL: c.URL(readCommitted, c.newDatabase(t))})
	defer s.Close()
	create(t, s, "a")
	for range 3 {
		_, err := s.Client(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		c.restart(t, func() {
			_, err := s.Client(t.Context(), "a")
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("read without a database: got %v, want %v", err, store.ErrUnavailable)
			}
			_, err = s.Write(t.Context(), store.Origin{}, plainClient("nobody"))
			if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown) {
				t.Errorf("write without a database: got %v, want %v", err, store.ErrUnavailable)
			}
		})
		create(t, s, time.Now().String())
		_, err = s.Client(t.Context(), "a")
		if err != nil {
			t.Errorf("read after the restart: %v", err)
		}
		// Connections that were not used since are stale as well.
		c.restart(t, func() {})
		create(t, s, time.Now().String())
		c.restart(t, func() {})
		_, err = s.Client(t.Context(), "a")
		if err != nil {
			t.Errorf("read after the restart: %v", err)
		}
	}
	checkJournal(t, s)
}

// restart stops the cluster, does something, and starts it again.
func (c *cluster) restart(t *testing.T, between func()) {
	t.Helper()
	err := c.Stop()
	if err != nil {
		t.Fatal(err)
	}
	between()
	err = c.Start()
	if err != nil {
		t.Fatal(err)
	}
}
