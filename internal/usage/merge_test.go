package usage_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/internal/usage"
)

// ward is a real database with the lease of it.
type ward struct {
	*testing.T
	*sqlstore.Store
	lease  store.Lease
	merger usage.Merger
}

func newWard(t *testing.T) *ward {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "grantd.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w := &ward{T: t, Store: db, merger: usage.Merger{Store: db, Logger: slog.New(slog.DiscardHandler)}}
	w.lease, err = db.AcquireLease(t.Context(), store.LeaseRequest{Name: "upkeep", At: noon, Until: noon.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// merge merges all there is.
func (w *ward) merge() {
	w.Helper()
	for {
		n, err := w.merger.Step(w.Context(), w.lease, noon.AddDate(1, 0, 0))
		if err != nil {
			w.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// stored is what is merged of a key.
func (w *ward) stored(span store.UsageSpan, at time.Time, id string) usage.Counts {
	w.Helper()
	counts, err := w.UsageCounts(w.Context(), span, span.Start(at), []string{id})
	if err != nil {
		w.Fatal(err)
	}
	if len(counts) == 0 {
		return usage.Counts{}
	}
	got, err := usage.Decode(counts[0].Data, counts[0].Start)
	if err != nil {
		w.Fatal(err)
	}
	return got
}

// flaky is a store that is away, or answers nothing to what it has done.
type flaky struct {
	*sqlstore.Store
	away, mute bool
}

func (f *flaky) AddUsage(ctx context.Context, batches ...store.UsageBatch) error {
	if f.away {
		return store.ErrUnavailable
	}
	err := f.Store.AddUsage(ctx, batches...)
	if f.mute {
		return errors.Join(store.ErrUnknown, err)
	}
	return err
}

func tokens(n uint64, ids ...string) map[string]*usage.Counts {
	counted := map[string]*usage.Counts{}
	for _, id := range ids {
		counted[id] = &usage.Counts{Uses: [3]uint64{n}}
	}
	return counted
}

func TestWhatNodesCountIsMergedByHourAndDay(t *testing.T) {
	w := newWard(t)
	for node := range byte(3) {
		outbox := usage.Outbox{Node: store.NodeID{node}, Store: w.Store}
		for minute := range 90 {
			outbox.Put(noon.Add(time.Duration(minute)*time.Minute), tokens(2, "a", fmt.Sprint("node-", node)))
			err := outbox.Send(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if minute == 45 {
				w.merge()
			}
		}
	}
	w.merge()
	for want, got := range map[uint64]usage.Counts{
		360: w.stored(store.Hour, noon, "a"),
		180: w.stored(store.Hour, noon.Add(time.Hour), "a"),
		540: w.stored(store.Day, noon, "a"),
	} {
		if got.Uses[usage.Tokens] != want {
			t.Errorf("got %d tokens, want %d", got.Uses[usage.Tokens], want)
		}
	}
	left, err := w.UsageBatches(t.Context(), noon.AddDate(1, 0, 0), 10)
	if err != nil || len(left) != 0 {
		t.Errorf("%d batches are left, %v", len(left), err)
	}
}

func TestABatchWhoseArrivalIsUnknownCountsOnce(t *testing.T) {
	w := newWard(t)
	db := &flaky{Store: w.Store, mute: true}
	outbox := usage.Outbox{Node: store.NodeID{1}, Store: db}
	outbox.Put(noon, tokens(5, "a"))
	for range 3 {
		err := outbox.Send(t.Context())
		if !errors.Is(err, store.ErrUnknown) {
			t.Fatalf("got %v", err)
		}
		w.merge()
		outbox.Put(noon, tokens(1, "a"))
	}
	db.mute = false
	err := outbox.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.merge()
	if got := w.stored(store.Hour, noon, "a"); got.Uses[usage.Tokens] != 8 {
		t.Errorf("got %d tokens, want 8", got.Uses[usage.Tokens])
	}
}

func TestAnOutageLosesNothingAndTakesLittleRoom(t *testing.T) {
	w := newWard(t)
	db := &flaky{Store: w.Store, away: true}
	outbox := usage.Outbox{Node: store.NodeID{1}, Store: db}
	for minute := range 180 {
		outbox.Put(noon.Add(time.Duration(minute)*time.Minute), tokens(1, "a", "b"))
		if outbox.Send(t.Context()) == nil {
			t.Fatal("the store is not away")
		}
	}
	// The one that was tried at first, and one for each hour.
	if waiting, dropped := outbox.Waiting(); waiting != 4 || dropped != 0 {
		t.Errorf("%d batches wait and %d were dropped", waiting, dropped)
	}
	db.away = false
	err := outbox.Send(t.Context())
	if waiting, _ := outbox.Waiting(); err != nil || waiting != 0 {
		t.Fatalf("%d batches wait, %v", waiting, err)
	}
	w.merge()
	for hour := range 3 {
		if got := w.stored(store.Hour, noon.Add(time.Duration(hour)*time.Hour), "b"); got.Uses[usage.Tokens] != 60 {
			t.Errorf("hour %d has %d tokens", hour, got.Uses[usage.Tokens])
		}
	}
}

func TestWhatWaitsIsBounded(t *testing.T) {
	outbox := usage.Outbox{Store: &flaky{away: true}}
	ids := make([]string, 20_000)
	for i := range ids {
		ids[i] = fmt.Sprintf("%d-%0250d", i, i)
	}
	for hour := range 20 {
		outbox.Put(noon.Add(time.Duration(hour)*time.Hour), tokens(1, ids...))
		_ = outbox.Send(t.Context())
	}
	waiting, dropped := outbox.Waiting()
	// Each is some 260 kB, and 64 MiB may wait.
	if dropped < 100 || waiting < 100 || waiting > 270 {
		t.Errorf("%d batches wait and %d were dropped", waiting, dropped)
	}
}

func TestADamagedBatchIsNotInTheWay(t *testing.T) {
	w := newWard(t)
	err := w.AddUsage(t.Context(), store.UsageBatch{Node: store.NodeID{1}, Seq: 1, At: noon, Data: []byte("damaged")})
	if err != nil {
		t.Fatal(err)
	}
	outbox := usage.Outbox{Node: store.NodeID{2}, Store: w.Store}
	outbox.Put(noon, tokens(3, "a"))
	err = outbox.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.merge()
	if got := w.stored(store.Day, noon, "a"); got.Uses[usage.Tokens] != 3 {
		t.Errorf("got %+v", got)
	}
}

func TestMergingNotesTheDayOfTheLastUse(t *testing.T) {
	w := newWard(t)
	created := noon.AddDate(0, 0, -200)
	for _, id := range []string{"used", "refused", "idle"} {
		_, err := w.Write(t.Context(), store.Origin{Actor: "test", At: created}, store.CreateClient{Client: store.Client{
			ID: id, Name: id, Mode: store.Live, CreatedAt: created, UpdatedAt: created,
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	outbox := usage.Outbox{Node: store.NodeID{1}, Store: w.Store}
	counted := tokens(1, "used", "")
	counted["refused"] = &usage.Counts{Failures: [7]uint64{1}}
	outbox.Put(noon, counted)
	err := outbox.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.merge()
	since := noon.AddDate(0, 0, -90)
	unused, err := w.FindClients(t.Context(), store.ClientQuery{Order: store.LongestUnused, UsedBefore: since, CreatedBefore: since, Limit: 10})
	if err != nil || len(unused.Clients) != 2 || unused.Clients[0].ID != "idle" || unused.Clients[1].ID != "refused" {
		t.Errorf("got %+v, %v", unused, err)
	}
}

func TestAMergerThatLostItsLeaseChangesNothing(t *testing.T) {
	w := newWard(t)
	outbox := usage.Outbox{Node: store.NodeID{1}, Store: w.Store}
	outbox.Put(noon, tokens(1, "a"))
	err := outbox.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.AcquireLease(t.Context(), store.LeaseRequest{Name: "upkeep", Holder: store.NodeID{2}, At: noon.Add(time.Hour), Until: noon.Add(2 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.merger.Step(t.Context(), w.lease, noon.AddDate(1, 0, 0))
	if got := w.stored(store.Hour, noon, "a"); !errors.Is(err, store.ErrNotHolder) || got.Used() {
		t.Errorf("got %v, and %+v", err, got)
	}
}
