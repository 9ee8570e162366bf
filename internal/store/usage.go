package store

import (
	"context"
	"time"
)

// Usage keeps what keys were used for. What is counted, and how, is in the data,
// which the store does not look into; see package usage. It leaves no audit row
// and no change in the feed.
type Usage interface {
	// AddUsage stores batches of one node in the order of their numbers. A number
	// that is not higher than the last one stored of this node was stored before: it
	// is skipped, also when it has been merged since, so a batch may be given again
	// when it is not known whether it arrived.
	AddUsage(ctx context.Context, batches ...UsageBatch) error
	// UsageBatches returns at most limit batches whose At is before the instant, the
	// oldest first.
	UsageBatches(ctx context.Context, before time.Time, limit int) ([]UsageBatch, error)
	// UsageCounts returns what is stored for these keys in the span that begins at
	// the instant, in no order; nothing for those that were not used.
	UsageCounts(ctx context.Context, span UsageSpan, start time.Time, clientIDs []string) ([]UsageCount, error)
	// MergeUsage stores the counts in place of those there are, removes the batches,
	// and notes that the keys were used, all under the lease: see WriteUnder. A batch
	// that is gone is ErrNotFound, and nothing is changed: somebody has merged it.
	MergeUsage(ctx context.Context, l Lease, m UsageMerge) error
	// UsageOf returns what is stored for one key in the spans that begin at from or
	// later and before to, and the batches of that time that may hold something of
	// it, all of the same moment: what is being merged is in one of the two.
	UsageOf(ctx context.Context, clientID string, span UsageSpan, from, to time.Time) ([]UsageCount, []UsageBatch, error)
	// ExpireUsage removes at most limit counts of the span that began before the
	// instant, the oldest first, and returns how many.
	ExpireUsage(ctx context.Context, span UsageSpan, before time.Time, limit int) (int, error)
}

// UsageBatch is what the keys of one node were used for in one minute, or a part
// of it.
type UsageBatch struct {
	// Node and Seq are its identity.
	Node NodeID
	Seq  int64
	// At is the minute.
	At time.Time
	// First and Last are the lowest and the highest client id in it.
	First, Last string
	Data        []byte
}

// UsageSpan is how much time a count is about.
type UsageSpan time.Duration

// The spans.
const (
	Hour = UsageSpan(time.Hour)
	Day  = UsageSpan(24 * time.Hour)
)

// Start returns when the span began that the instant is in.
func (s UsageSpan) Start(at time.Time) time.Time { return at.UTC().Truncate(time.Duration(s)) }

// UsageCount is what one key was used for in one span.
type UsageCount struct {
	Span     UsageSpan
	Start    time.Time
	ClientID string
	Data     []byte
}

// UsageMerge is one step of merging.
type UsageMerge struct {
	// Batches are merged; of them Node and Seq matter.
	Batches []UsageBatch
	Counts  []UsageCount
	// Used are the keys that were used, and when.
	Used []UsedClient
}

// UsedClient is a key and when it was used last.
type UsedClient struct {
	LastUsed time.Time
	ClientID string
}
