package usage

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Merger makes counts of hours and days from batches, under a lease.
type Merger struct {
	// Store has the batches.
	Store store.Usage
	// Logger is told of a batch that cannot be read.
	Logger *slog.Logger
}

// How much is merged in one transaction.
const (
	mergeBatches = 16
	mergeKeys    = 2 * MaxKeys
)

// Step merges some of the batches from before the instant, in one transaction, and
// returns how many; zero when there are none.
func (m *Merger) Step(ctx context.Context, lease store.Lease, before time.Time) (int, error) {
	batches, err := m.Store.UsageBatches(ctx, before, mergeBatches)
	if err != nil || len(batches) == 0 {
		return 0, err
	}
	hours := spans{}
	taken := 0
	for taken < len(batches) && (taken == 0 || hours.keys() < mergeKeys) {
		m.read(ctx, hours, batches[taken])
		taken++
	}
	// Before count adds to the hours what is stored of them.
	days := hours.days()
	merge := store.UsageMerge{Batches: batches[:taken]}
	err = m.count(ctx, &merge, store.Hour, hours)
	if err == nil {
		err = m.count(ctx, &merge, store.Day, days)
	}
	if err == nil {
		err = m.Store.MergeUsage(ctx, lease, merge)
	}
	if err != nil {
		return 0, fmt.Errorf("merge what keys were used for: %w", err)
	}
	return taken, nil
}

// spans are the counts of keys by the beginning of a span.
type spans map[time.Time]map[string]*Counts

func (s spans) keys() int {
	n := 0
	for _, keys := range s {
		n += len(keys)
	}
	return n
}

func (s spans) add(start time.Time, id string, counts *Counts) {
	if s[start] == nil {
		s[start] = map[string]*Counts{}
	}
	if s[start][id] == nil {
		s[start][id] = &Counts{}
	}
	s[start][id].Add(counts)
}

func (s spans) days() spans {
	days := spans{}
	for start, keys := range s {
		for id, counts := range keys {
			days.add(store.Day.Start(start), id, counts)
		}
	}
	return days
}

// read adds what the batch counts. One that is damaged is in the way of all others,
// so what cannot be read of it is lost.
func (m *Merger) read(ctx context.Context, hours spans, b store.UsageBatch) {
	for key, err := range All(b) {
		if err != nil {
			m.Logger.LogAttrs(ctx, slog.LevelError, "a batch of usage cannot be read; it is dropped",
				slog.Int64("number", b.Seq), slog.String("cause", err.Error()))
			return
		}
		hours.add(store.Hour.Start(b.At), key.ID, &key.Counts)
	}
}

// count adds what is stored of the spans, and puts the sums into the merge.
func (m *Merger) count(ctx context.Context, merge *store.UsageMerge, span store.UsageSpan, counted spans) error {
	for start, keys := range counted {
		ids := slices.Sorted(maps.Keys(keys))
		stored, err := m.Store.UsageCounts(ctx, span, start, ids)
		if err != nil {
			return err
		}
		known := map[string]Counts{}
		for _, one := range stored {
			known[one.ClientID], err = Decode(one.Data, start)
			if err != nil {
				m.Logger.LogAttrs(ctx, slog.LevelError, "a count of usage cannot be read; it begins anew",
					slog.String("client_id", one.ClientID), slog.String("cause", err.Error()))
			}
		}
		for _, id := range ids {
			before := known[id]
			if span == store.Day && keys[id].Used() && !before.Used() && id != "" && id != AllKeys {
				merge.Used = append(merge.Used, store.UsedClient{ClientID: id, LastUsed: start})
			}
			keys[id].Add(&before)
			merge.Counts = append(merge.Counts, store.UsageCount{Span: span, Start: start, ClientID: id, Data: keys[id].Encode(start)})
		}
	}
	return nil
}
