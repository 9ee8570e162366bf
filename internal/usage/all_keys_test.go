package usage_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/usage"
)

// marking is a store that sees which keys are marked as used.
type marking struct {
	store.Usage
	used []string
}

func (m *marking) MergeUsage(ctx context.Context, l store.Lease, merge store.UsageMerge) error {
	for _, one := range merge.Used {
		m.used = append(m.used, one.ClientID)
	}
	return m.Usage.MergeUsage(ctx, l, merge)
}

func TestOnlyKeysAreMarkedAsUsed(t *testing.T) {
	w := newWard(t)
	seen := &marking{Usage: w.Store}
	w.merger.Store = seen
	outbox := usage.Outbox{Node: store.NodeID{1}, Store: w.Store}
	outbox.Put(noon, usage.Together(tokens(2, "", "a", "b")))
	err := outbox.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.merge()
	if !slices.Equal(seen.used, []string{"a", "b"}) {
		t.Errorf("marked %q, want a and b", seen.used)
	}
}

func TestAllKeysTogetherAreOneMoreCount(t *testing.T) {
	w := newWard(t)
	outbox := usage.Outbox{Node: store.NodeID{1}, Store: w.Store}
	ids := []string{""}
	for n := range 2 * usage.MaxKeys {
		ids = append(ids, fmt.Sprintf("key-%d", n))
	}
	for minute := range 3 {
		outbox.Put(noon.Add(time.Duration(minute)*time.Minute), usage.Together(tokens(2, ids...)))
		err := outbox.Send(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if minute == 1 {
			w.merge()
		}
	}
	counts, batches, err := w.UsageOf(t.Context(), usage.AllKeys, store.Hour, noon, noon.Add(time.Hour))
	if err != nil || len(counts) != 1 || len(batches) != 1 {
		t.Fatalf("got %d counts and %d batches, %v; want one of each", len(counts), len(batches), err)
	}
	merged, err := usage.Decode(counts[0].Data, noon)
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := usage.Of(batches[0], usage.AllKeys)
	if err != nil {
		t.Fatal(err)
	}
	each := uint64(2 * len(ids))
	if merged.Uses[usage.Tokens] != 2*each || waiting.Uses[usage.Tokens] != each {
		t.Errorf("got %d and %d tokens, want %d and %d", merged.Uses[usage.Tokens], waiting.Uses[usage.Tokens], 2*each, each)
	}
	if got := usage.Together(nil); len(got) != 0 {
		t.Errorf("nothing together is %v", got)
	}
}
