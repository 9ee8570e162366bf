package sqlstore_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

// listening wakes the test until it ends.
func listening(t *testing.T, s *sqlstore.Store) <-chan struct{} {
	t.Helper()
	woken := make(chan struct{}, 100)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Listen(ctx, func() { woken <- struct{}{} }) }()
	t.Cleanup(func() {
		stop()
		err := <-ended
		if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("listening ended with %v", err)
		}
	})
	<-woken // it listens
	return woken
}

func TestWriteWakesTheOtherNodesOnceACommit(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	for _, user := range []string{readCommitted, serializable} {
		t.Run(user, func(t *testing.T) {
			name := c.newDatabase(t)
			counted := newCounter()
			// The messages of a node behind a pgbouncer arrive as well.
			writes := openWith(t, sqlstore.Config{URL: c.bouncer.URL(user, name), OnStatement: counted.add})
			defer writes.Close()
			listens := openWith(t, sqlstore.Config{URL: c.URL(user, name)})
			defer listens.Close()
			woken := listening(t, listens)
			var writing sync.WaitGroup
			for i := range 50 {
				writing.Go(func() { create(t, writes, string(rune('A'+i))) })
			}
			writing.Wait()
			<-woken
			counted.mu.Lock()
			defer counted.mu.Unlock()
			if counted.counted["notify_change"] > counted.counted["commit"] || counted.counted["notify_change"] == 0 {
				t.Errorf("%d messages in %d commits, want one a commit at most", counted.counted["notify_change"], counted.counted["commit"])
			}
		})
	}
}

func TestWhatChangesNothingWakesNobody(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	counted := newCounter()
	s := openWith(t, sqlstore.Config{URL: c.URL(readCommitted, c.newDatabase(t)), OnStatement: counted.add})
	defer s.Close()
	_, err := s.Rotate(t.Context(), newRotation())
	if err == nil {
		err = s.SetSetting(t.Context(), "a", []byte("b"))
	}
	if err != nil || counted.counted["notify_change"] != 0 {
		t.Errorf("%d messages (%v), want none", counted.counted["notify_change"], err)
	}
}

func TestNobodyListensThroughAPooler(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	name := c.newDatabase(t)
	s := openWith(t, sqlstore.Config{URL: c.bouncer.URL(readCommitted, name)})
	defer s.Close()
	err := s.Listen(t.Context(), func() { t.Error("woken") })
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "a pooler is between") {
		t.Errorf("got %v", err)
	}
	if n := c.number(t, name, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%LISTEN%' AND pid <> pg_backend_pid()"); n != 0 {
		t.Errorf("%d connections listen", n)
	}
	alone := openWith(t, sqlstore.Config{Path: t.TempDir() + "/grantd.db"})
	defer alone.Close()
	err = alone.Listen(t.Context(), func() { t.Error("woken") })
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("on SQLite: got %v", err)
	}
}

func TestListeningEndsWithItsConnection(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	name := c.newDatabase(t)
	s := openWith(t, sqlstore.Config{URL: c.URL(readCommitted, name)})
	defer s.Close()
	woken := make(chan struct{}, 1)
	ended := make(chan error, 1)
	go func() { ended <- s.Listen(context.Background(), func() { woken <- struct{}{} }) }()
	<-woken
	c.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"' AND query LIKE '%LISTEN%'")
	select {
	case err := <-ended:
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it listens on a connection that is gone")
	}
}
