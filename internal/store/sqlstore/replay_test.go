package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

// usable is something that can be used from a minute before the instant on.
func usable(id string, at time.Time) store.OneTime {
	return store.OneTime{
		Kind: store.UsedAssertion, Owner: "c", ID: id, At: at, From: at.Add(-time.Minute), Until: at.Add(2 * time.Minute),
	}
}

// forgotten fails the test unless the use was refused for what was lost, and returns
// the instant before which nothing is known.
func forgotten(t *testing.T, err error) time.Time {
	t.Helper()
	lost, ok := errors.AsType[*store.ForgottenError](err)
	if !ok {
		t.Fatalf("got %v, want a ForgottenError", err)
	}
	return lost.Until
}

func mustUse(t *testing.T, s *sqlstore.Store, u store.OneTime) {
	t.Helper()
	err := s.Use(t.Context(), u)
	if err != nil {
		t.Fatalf("use %+v: %v", u, err)
	}
}

func TestNothingIsUsedTwiceAfterACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	// The other process has used something when it says so.
	p := start(t, "use", path)
	if !p.lines.Scan() || p.lines.Text() != "used" {
		t.Fatalf("the other process said %q", p.lines.Text())
	}
	p.kill(t)
	begun := time.Now()
	s := open(t, path)
	defer s.Close()
	until := forgotten(t, s.Use(t.Context(), usable("once", begun)))
	if until.Before(begun) {
		t.Errorf("nothing is known before %v, and the crash was before %v", until, begun)
	}
	if got := forgotten(t, s.Use(t.Context(), usable("new", begun.Add(59*time.Second)))); !got.Equal(until) {
		t.Errorf("the fence moved from %v to %v", until, got)
	}
	mustUse(t, s, usable("new", until.Add(time.Minute)))
}

// useUntilKilled is the other process of a test.
func useUntilKilled(s *sqlstore.Store) error {
	err := s.Use(context.Background(), usable("once", time.Now()))
	if err != nil {
		return err
	}
	fmt.Println("used")
	return holdUntilEOF(s)
}

func TestADatabaseWithoutAssertionsIsNotWrittenFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	c := newCounter()
	for range 2 {
		s := openWith(t, sqlstore.Config{Path: path, OnStatement: c.add})
		s.Close()
	}
	if c.counted["upsert_setting"] > 0 {
		t.Errorf("%v", c.counted)
	}
}

// A standby that takes over has the tables as they are after a crash: empty.
func TestNothingIsUsedTwiceAfterACrashOfPostgres(t *testing.T) {
	made, err := postgres.New(postgres.Options{})
	postgres.Missing(t, err)
	defer func() {
		err := made.Remove()
		if err != nil {
			t.Error(err)
		}
	}()
	url := made.URL(postgres.Superuser, "postgres")
	nodes := []*sqlstore.Store{openWith(t, sqlstore.Config{URL: url}), openWith(t, sqlstore.Config{URL: url})}
	for _, s := range nodes {
		defer s.Close()
	}
	now := time.Now()
	for i := range 100 {
		mustUse(t, nodes[i%2], usable(fmt.Sprint(i), now))
	}

	err = errors.Join(made.Stop(), made.Start())
	if err != nil {
		t.Fatal(err)
	}
	if err := nodes[0].Use(t.Context(), usable("7", now)); !errors.Is(err, store.ErrUsed) && !errors.Is(err, store.ErrUnknown) && !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("after a restart in good order: got %v, want ErrUsed", err)
	}

	err = errors.Join(made.Crash(), made.Start())
	if err != nil {
		t.Fatal(err)
	}
	fence := time.Time{}
	for i := range 100 {
		err := nodes[i%2].Use(t.Context(), usable(fmt.Sprint(i), now))
		if errors.Is(err, store.ErrUnavailable) {
			continue // a connection of before the crash
		}
		fence = forgotten(t, err)
	}
	if !fence.After(now) {
		t.Fatalf("the fence is at %v, and things were used up to %v", fence, now)
	}
	later := usable("new", fence.Add(time.Minute))
	mustUse(t, nodes[0], later)
	if err := nodes[1].Use(t.Context(), later); !errors.Is(err, store.ErrUsed) {
		t.Errorf("on the other node: %v", err)
	}
	for i := range 100 {
		if nodes[i%2].Use(t.Context(), usable(fmt.Sprint(i), now)) == nil {
			t.Errorf("%d was used twice", i)
		}
	}
}

func TestUsesAreRefusedWhilePostgresIsAway(t *testing.T) {
	made, err := postgres.New(postgres.Options{})
	postgres.Missing(t, err)
	s := openWith(t, sqlstore.Config{URL: made.URL(postgres.Superuser, "postgres")})
	defer s.Close()
	err = made.Remove()
	if err != nil {
		t.Fatal(err)
	}
	err = s.Use(t.Context(), usable("a", time.Now()))
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

func TestTheRingIsEmptied(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	name := c.newDatabase(t)
	s := openWith(t, sqlstore.Config{URL: c.URL(readCommitted, name)})
	defer s.Close()
	at := time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)
	most := 0
	for minute := range 120 {
		now := at.Add(time.Duration(minute) * time.Minute)
		mustUse(t, s, usable(fmt.Sprint(minute), now))
		err := s.ForgetUsed(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		err = c.databases[name].QueryRow(`
			SELECT (SELECT count(*) FROM used_0) + (SELECT count(*) FROM used_1) + (SELECT count(*) FROM used_2)`).Scan(&rows)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, rows)
	}
	// Two tables of ten minutes, and what is left of a third until it is emptied.
	if most > 25 {
		t.Errorf("%d rows were kept, one a minute", most)
	}
}

// Something that somebody else does with a table of the ring keeps nobody waiting.
func TestALockedTableOfTheRingIsEmptiedLater(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	name := c.newDatabase(t)
	s := openWith(t, sqlstore.Config{URL: c.URL(readCommitted, name)})
	defer s.Close()
	at := time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)
	mustUse(t, s, usable("a", at))
	tx, err := c.databases[name].Begin()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"used_0", "used_1", "used_2"} {
		_, err = tx.Exec("LOCK TABLE " + table + " IN ACCESS SHARE MODE")
		if err != nil {
			t.Fatal(err)
		}
	}
	err = s.ForgetUsed(t.Context(), at.Add(15*time.Minute))
	if err != nil {
		t.Errorf("while it is locked: %v", err)
	}
	mustUse(t, s, usable("b", at.Add(15*time.Minute)))
	err = tx.Rollback()
	if err != nil {
		t.Fatal(err)
	}
	err = s.ForgetUsed(t.Context(), at.Add(16*time.Minute))
	if err != nil {
		t.Error(err)
	}
	mustUse(t, s, usable("a", at.Add(16*time.Minute)))
}
