package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// submit has a write done that leaves no change and no audit row.
func (s *Store) submit(ctx context.Context, doing string, apply func(context.Context, *session) error) error {
	err := s.enter()
	if err != nil {
		return failed(doing, err)
	}
	defer s.leave()
	return s.writer.submit(ctx, work{doing: doing, apply: apply})
}

// The row stays locked until the commit: a batch that is given twice at once waits
// for itself here, and is found to be there.
const advanceUsageNode = `
INSERT INTO usage_nodes (node, seq, written_at)
VALUES ($1, $2, $3)
ON CONFLICT (node) DO UPDATE
SET seq = excluded.seq, written_at = excluded.written_at
WHERE usage_nodes.seq < excluded.seq`

const insertUsageBatch = `
INSERT INTO usage_batches (at, node, seq, first_id, last_id, data)
VALUES ($1, $2, $3, $4, $5, $6)`

// batchesAtOnce bounds how many batches are stored in one operation.
const batchesAtOnce = 16

// AddUsage implements [store.Usage].
func (s *Store) AddUsage(ctx context.Context, batches ...store.UsageBatch) error {
	for chunk := range slices.Chunk(slices.Clone(batches), batchesAtOnce) {
		for i := range chunk {
			err := cmp.Or(checkText("usage", chunk[i].First), checkText("usage", chunk[i].Last))
			if err != nil {
				return err
			}
			chunk[i].Data = blob(chunk[i].Data)
		}
		err := s.submit(ctx, "store what keys were used for", func(ctx context.Context, session *session) error {
			return session.addUsage(ctx, chunk)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *session) addUsage(ctx context.Context, batches []store.UsageBatch) error {
	for _, b := range batches {
		next, err := s.did(ctx, "advance_usage_node", advanceUsageNode, b.Node[:], b.Seq, b.At.UnixMilli())
		if err == nil && next {
			err = s.exec(ctx, "insert_usage_batch", insertUsageBatch,
				b.At.UnixMilli(), b.Node[:], b.Seq, b.First, b.Last, b.Data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const selectUsageBatches = `
SELECT at, node, seq, first_id, last_id, data
FROM usage_batches
WHERE at < $1
ORDER BY at, node, seq
LIMIT $2`

// UsageBatches implements [store.Usage].
func (s *Store) UsageBatches(ctx context.Context, before time.Time, limit int) ([]store.UsageBatch, error) {
	batches, err := list(ctx, s, "select_usage_batches", selectUsageBatches, scanUsageBatch, before.UnixMilli(), max(limit, 0))
	if err != nil {
		return nil, failed("read batches of usage", err)
	}
	return batches, nil
}

func scanUsageBatch(row scanner) (store.UsageBatch, error) {
	var b store.UsageBatch
	var at int64
	var node []byte
	err := row.Scan(&at, &node, &b.Seq, &b.First, &b.Last, &b.Data)
	if err != nil {
		return store.UsageBatch{}, err
	}
	b.At = fromMillis(at)
	return b, fill(b.Node[:], node)
}

// keysAtOnce is how many keys one statement asks for; with less than that, the last
// is asked for several times, so that there is one text of it.
const keysAtOnce = 50

const selectUsageCounts = `
SELECT start, client_id, data
FROM usage_counts
WHERE span = $1 AND start = $2 AND client_id IN (
    $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
    $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36,
    $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52)`

// UsageCounts implements [store.Usage].
func (s *Store) UsageCounts(
	ctx context.Context, span store.UsageSpan, start time.Time, clientIDs []string,
) ([]store.UsageCount, error) {
	var all []store.UsageCount
	asked := slices.DeleteFunc(slices.Clone(clientIDs), func(id string) bool { return !isText(id) })
	for chunk := range slices.Chunk(asked, keysAtOnce) {
		args := []any{hours(span), start.UnixMilli()}
		for i := range keysAtOnce {
			args = append(args, chunk[min(i, len(chunk)-1)])
		}
		counts, err := list(ctx, s, "select_usage_counts", selectUsageCounts, scanUsageCount(span), args...)
		if err != nil {
			return nil, failed("read what keys were used for", err)
		}
		all = append(all, counts...)
	}
	return all, nil
}

func hours(span store.UsageSpan) int64 { return int64(time.Duration(span) / time.Hour) }

func scanUsageCount(span store.UsageSpan) func(scanner) (store.UsageCount, error) {
	return func(row scanner) (store.UsageCount, error) {
		c := store.UsageCount{Span: span}
		var start int64
		err := row.Scan(&start, &c.ClientID, &c.Data)
		c.Start = fromMillis(start)
		return c, err
	}
}

// One statement sees one moment: what is merged meanwhile is in the one half of it
// or in the other.
const selectUsageOf = `
SELECT 1 AS kind, start, data
FROM usage_counts
WHERE client_id = $1 AND span = $2 AND start >= $3 AND start < $4
UNION ALL
SELECT 2 AS kind, at, data
FROM usage_batches
WHERE first_id <= $1 AND last_id >= $1 AND at >= $3 AND at < $4
ORDER BY 1, 2`

// UsageOf implements [store.Usage].
func (s *Store) UsageOf(
	ctx context.Context, clientID string, span store.UsageSpan, from, to time.Time,
) ([]store.UsageCount, []store.UsageBatch, error) {
	var counts []store.UsageCount
	var batches []store.UsageBatch
	err := each(ctx, s, "select_usage_of", selectUsageOf, func() func(scanner) error {
		counts, batches = nil, nil
		return func(row scanner) error {
			var kind, at int64
			var data []byte
			err := row.Scan(&kind, &at, &data)
			if err != nil {
				return err
			}
			if kind == 1 {
				counts = append(counts, store.UsageCount{Span: span, Start: fromMillis(at), ClientID: clientID, Data: data})
				return nil
			}
			batches = append(batches, store.UsageBatch{At: fromMillis(at), Data: data})
			return nil
		}
	}, clientID, hours(span), from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return nil, nil, failed("read what a key was used for", err)
	}
	return counts, batches, nil
}

const secondsOfDay = int64(24 * time.Hour / time.Second)

// dayOf is in days since 1970; zero for the zero time.
func dayOf(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return store.Day.Start(at).Unix() / secondsOfDay
}

const deleteUsageBatch = `
DELETE FROM usage_batches WHERE node = $1 AND seq = $2`

const upsertUsageCount = `
INSERT INTO usage_counts (span, start, client_id, data)
VALUES ($1, $2, $3, $4)
ON CONFLICT (span, start, client_id) DO UPDATE SET data = excluded.data`

const updateLastUsedDay = `
UPDATE clients SET last_used_day = $1 WHERE id = $2 AND last_used_day < $1`

const deleteUsageNodes = `
DELETE FROM usage_nodes WHERE written_at < $1`

// nodeMemory is for how long the last number of a node is kept that writes no more:
// longer than anything of it can still be on its way.
const nodeMemory = 30 * 24 * time.Hour

// MergeUsage implements [store.Usage].
func (s *Store) MergeUsage(ctx context.Context, l store.Lease, m store.UsageMerge) error {
	own := m
	own.Batches, own.Used, own.Counts = slices.Clone(m.Batches), slices.Clone(m.Used), slices.Clone(m.Counts)
	for i := range own.Counts {
		err := checkText("usage", own.Counts[i].ClientID)
		if err != nil {
			return err
		}
		own.Counts[i].Data = blob(own.Counts[i].Data)
	}
	own.Used = slices.DeleteFunc(own.Used, func(key store.UsedClient) bool { return !isText(key.ClientID) })
	// Others lock keys in this order, too.
	slices.SortFunc(own.Used, func(a, b store.UsedClient) int { return strings.Compare(a.ClientID, b.ClientID) })
	return s.submit(ctx, "merge what keys were used for", func(ctx context.Context, session *session) error {
		err := session.guard(ctx, l)
		if err == nil {
			err = session.mergeUsage(ctx, own)
		}
		return err
	})
}

func (s *session) mergeUsage(ctx context.Context, m store.UsageMerge) error {
	var newest time.Time
	for _, b := range m.Batches {
		there, err := s.did(ctx, "delete_usage_batch", deleteUsageBatch, b.Node[:], b.Seq)
		if err == nil && !there {
			return fmt.Errorf("batch %d of a node: %w", b.Seq, store.ErrNotFound)
		}
		if err != nil {
			return err
		}
		if b.At.After(newest) {
			newest = b.At
		}
	}
	for _, c := range m.Counts {
		s.queue("upsert_usage_count", upsertUsageCount, hours(c.Span), c.Start.UnixMilli(), c.ClientID, c.Data)
	}
	for _, key := range m.Used {
		s.queue("update_last_used_day", updateLastUsedDay, dayOf(key.LastUsed), key.ClientID)
	}
	s.queue("delete_usage_nodes", deleteUsageNodes, newest.Add(-nodeMemory).UnixMilli())
	return nil
}
