package storetest

import (
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func usageTests() []test {
	return []test{
		{"batches come back as they were, the oldest first", usageBatchesBack},
		{"a batch that is given again is there once, also after it was merged", usageOnce},
		{"merging replaces counts and removes batches, and never the same batch twice", usageMerged},
		{"a key's usage is in counts or in batches that may hold it, of the time asked for", usageOfKey},
		{"counts that began before the instant go, the oldest first, at most so many", usageExpires},
		{"keys that are not used come in order of their last use, page by page", usageUnused},
		{"counts of many keys are read in one call", usageMany},
		{"it leaves no audit row and no change", usageLeavesNothing},
	}
}

func usageBatch(by byte, seq int64, at time.Time) store.UsageBatch {
	return store.UsageBatch{
		Node: node(by), Seq: seq, At: at.Truncate(time.Minute), First: "a", Last: "m", Data: fmt.Append(nil, by, " ", seq),
	}
}

func usageCount(id string, span store.UsageSpan, at time.Time, data string) store.UsageCount {
	return store.UsageCount{Span: span, Start: span.Start(at), ClientID: id, Data: []byte(data)}
}

func usedAt(id string, at time.Time) store.UsedClient {
	return store.UsedClient{ClientID: id, LastUsed: at}
}

func (e *env) addUsage(batches ...store.UsageBatch) {
	e.Helper()
	e.must("add usage", e.store.AddUsage(e.ctx, batches...))
}

func (e *env) usageBatches() []store.UsageBatch {
	e.Helper()
	batches, err := e.store.UsageBatches(e.ctx, now.AddDate(10, 0, 0), 1000)
	e.must("read batches", err)
	return batches
}

func (e *env) usageCounts(span store.UsageSpan, at time.Time, ids ...string) []store.UsageCount {
	e.Helper()
	counts, err := e.store.UsageCounts(e.ctx, span, span.Start(at), ids)
	e.must("read counts", err)
	return counts
}

func usageBatchesBack(e *env) {
	first, second, other := usageBatch(1, 1, now), usageBatch(1, 2, now.Add(time.Minute)), usageBatch(2, 1, now)
	e.addUsage(second, usageBatch(1, 1, now)) // the second is lower, so it counts as there
	e.addUsage(other)
	e.reopen()
	same(e, "batches", e.usageBatches(), []store.UsageBatch{other, second})
	e.addUsage(first)
	same(e, "batches", e.usageBatches(), []store.UsageBatch{other, second})
	limited, err := e.store.UsageBatches(e.ctx, now.AddDate(1, 0, 0), 1)
	e.must("read one", err)
	same(e, "the first", limited, []store.UsageBatch{other})
	none, err := e.store.UsageBatches(e.ctx, other.At, 10)
	e.must("read none", err)
	same(e, "number before the first", len(none), 0)
}

func usageOnce(e *env) {
	lease := e.acquire(1, now)
	b := usageBatch(3, 1, now)
	e.addUsage(b, b)
	e.addUsage(b)
	same(e, "batches", e.usageBatches(), []store.UsageBatch{b})
	e.must("merge", e.store.MergeUsage(e.ctx, lease, store.UsageMerge{Batches: []store.UsageBatch{b}}))
	e.addUsage(b)
	same(e, "batches after the merge", len(e.usageBatches()), 0)
	many := make([]store.UsageBatch, 40)
	for i := range many {
		many[i] = usageBatch(3, int64(i+2), now)
	}
	e.addUsage(many...)
	same(e, "batches", e.usageBatches(), many)
}

func usageMerged(e *env) {
	lease := e.acquire(1, now)
	one, two := usageBatch(1, 1, now), usageBatch(2, 1, now)
	e.addUsage(one)
	e.addUsage(two)
	merge := store.UsageMerge{
		Batches: []store.UsageBatch{one},
		Counts:  []store.UsageCount{usageCount("c", store.Hour, now, "1"), usageCount("c", store.Day, now, "2"), usageCount("d", store.Hour, now, "3")},
	}
	e.must("merge", e.store.MergeUsage(e.ctx, lease, merge))
	same(e, "batches", e.usageBatches(), []store.UsageBatch{two})
	same(e, "hour", e.usageCounts(store.Hour, now, "c"), merge.Counts[:1])
	same(e, "day", e.usageCounts(store.Day, now, "c", "d", "no \x00 text"), merge.Counts[1:2])
	fails(e, "merge again", e.store.MergeUsage(e.ctx, lease, store.UsageMerge{
		Batches: []store.UsageBatch{two, one}, Counts: []store.UsageCount{usageCount("c", store.Hour, now, "twice")},
	}), store.ErrNotFound)
	same(e, "batches", e.usageBatches(), []store.UsageBatch{two})
	same(e, "hour", e.usageCounts(store.Hour, now, "c"), merge.Counts[:1])
	replaced := usageCount("c", store.Hour, now, "4")
	e.must("merge the rest", e.store.MergeUsage(e.ctx, lease, store.UsageMerge{Batches: []store.UsageBatch{two}, Counts: []store.UsageCount{replaced}}))
	same(e, "hour", e.usageCounts(store.Hour, now, "c"), []store.UsageCount{replaced})
}

func usageOfKey(e *env) {
	lease := e.acquire(1, now)
	within, before, other := usageBatch(1, 1, now), usageBatch(1, 2, now.Add(-3*time.Hour)), usageBatch(1, 3, now)
	other.First, other.Last = "d", "e"
	e.addUsage(within, before, other)
	counts := []store.UsageCount{
		usageCount("c", store.Hour, now.Add(-2*time.Hour), "old"),
		usageCount("c", store.Hour, now.Add(-time.Hour), "first"),
		usageCount("c", store.Hour, now, "last"),
		usageCount("c", store.Day, now, "day"),
		usageCount("d", store.Hour, now, "other"),
	}
	e.must("merge", e.store.MergeUsage(e.ctx, lease, store.UsageMerge{Counts: counts}))
	got, batches, err := e.store.UsageOf(e.ctx, "c", store.Hour, store.Hour.Start(now.Add(-time.Hour)), now.Add(time.Hour))
	e.must("read usage", err)
	same(e, "counts", got, counts[1:3])
	same(e, "batches", batches, []store.UsageBatch{{At: within.At, Data: within.Data}})
	got, batches, err = e.store.UsageOf(e.ctx, "no \x00 text", store.Hour, now.Add(-time.Hour), now)
	e.must("read usage of nothing", err)
	same(e, "what is there", len(got)+len(batches), 0)
}

func usageExpires(e *env) {
	lease := e.acquire(1, now)
	var counts []store.UsageCount
	for i := range 5 {
		counts = append(counts, usageCount(fmt.Sprint("c", i%2), store.Hour, now.Add(time.Duration(i)*time.Hour), "x"))
	}
	day := usageCount("c0", store.Day, now, "day")
	e.must("merge", e.store.MergeUsage(e.ctx, lease, store.UsageMerge{Counts: append(counts, day)}))
	for _, want := range []int{2, 2, 0} {
		n, err := e.store.ExpireUsage(e.ctx, store.Hour, counts[4].Start, 2)
		e.must("expire", err)
		same(e, "removed", n, want)
	}
	n, err := e.store.ExpireUsage(e.ctx, store.Hour, now.AddDate(1, 0, 0), 0)
	e.must("expire nothing", err)
	same(e, "removed", n, 0)
	same(e, "the last hour", e.usageCounts(store.Hour, counts[4].Start, "c0"), counts[4:])
	same(e, "the day", e.usageCounts(store.Day, now, "c0"), []store.UsageCount{day})
}

func usageUnused(e *env) {
	lease := e.acquire(1, now)
	e.write(createClient("a"), createClient("b"), createClient("c"), createClient("d"), createClient("never"))
	at := newClient("a").CreatedAt
	used := []store.UsedClient{
		usedAt("a", at.AddDate(0, 0, 9)), usedAt("b", at.AddDate(0, 0, 3)), usedAt("c", at.AddDate(0, 0, 3)),
		usedAt("d", at.AddDate(0, 0, 5)), usedAt("gone", at),
	}
	e.must("merge", e.store.MergeUsage(e.ctx, lease, store.UsageMerge{Used: used}))
	e.must("merge an earlier use", e.store.MergeUsage(e.ctx, lease, store.UsageMerge{Used: []store.UsedClient{usedAt("a", at)}}))
	unused := store.ClientQuery{Order: store.LongestUnused, UsedBefore: at.AddDate(0, 0, 8), CreatedBefore: at.AddDate(0, 0, 8), Limit: 2}
	var got []string
	var days []int64
	for {
		page, err := e.store.FindClients(e.ctx, unused)
		e.must("read unused keys", err)
		for i, key := range page.Clients {
			got, days = append(got, key.ID), append(days, page.Places[i].Number)
		}
		if page.Next == (store.ClientPlace{}) {
			break
		}
		unused.After = page.Next
	}
	same(e, "unused keys", got, []string{"never", "b", "c", "d"})
	day := func(days int) int64 { return store.Day.Start(at.AddDate(0, 0, days)).Unix() / 86400 }
	same(e, "days of their last use", days, []int64{0, day(3), day(3), day(5)})
	none, err := e.store.FindClients(e.ctx, store.ClientQuery{Order: store.LongestUnused, UsedBefore: at, CreatedBefore: at, Limit: 10})
	e.must("read keys that are older than all", err)
	same(e, "unused keys", len(none.Clients), 0)
}

func usageMany(e *env) {
	lease := e.acquire(1, now)
	var counts []store.UsageCount
	var asked []string
	for i := range 1234 {
		id := fmt.Sprintf("%04d", i)
		asked = append(asked, id)
		counts = append(counts, usageCount(id, store.Hour, now, id))
	}
	e.must("merge", e.store.MergeUsage(e.ctx, lease, store.UsageMerge{Counts: counts}))
	got := map[string]string{}
	for _, c := range e.usageCounts(store.Hour, now, asked...) {
		got[c.ClientID] = string(c.Data)
	}
	same(e, "number of counts", len(got), len(counts))
	same(e, "the last", got["1233"], "1233")
}

func usageLeavesNothing(e *env) {
	head := e.write(createClient("c"))
	lease := e.acquire(1, now)
	b := usageBatch(1, 1, now)
	e.addUsage(b)
	e.must("merge", e.store.MergeUsage(e.ctx, lease, store.UsageMerge{
		Batches: []store.UsageBatch{b}, Used: []store.UsedClient{usedAt("c", now)},
	}))
	same(e, "head", e.head(), head)
	same(e, "number of audit rows", len(e.auditRows()), 1)
	same(e, "client", e.client("c"), newClient("c"))
}

// nodesUsage gives one batch to all nodes at once, as one does that never heard an
// answer, while another merges it.
func nodesUsage(e *env) {
	nodes := e.nodes()
	lease := e.acquire(1, now)
	for i := range 10 {
		b := usageBatch(7, int64(i+1), now)
		e.onAll(nodes, 4, func(s store.Store, n int) {
			if n%4 == 3 {
				err := s.MergeUsage(e.ctx, lease, store.UsageMerge{Batches: []store.UsageBatch{b}})
				if err != nil {
					fails(e, "merge", err, store.ErrNotFound)
				}
				return
			}
			fails(e, "add usage", s.AddUsage(e.ctx, b), nil)
		})
		left := len(e.usageBatches())
		err := e.store.MergeUsage(e.ctx, lease, store.UsageMerge{Batches: []store.UsageBatch{b}})
		if left == 1 {
			fails(e, "merge what is left", err, nil)
		} else {
			fails(e, "merge what is merged", err, store.ErrNotFound)
		}
		e.addUsage(b)
		same(e, "batches", len(e.usageBatches()), 0)
	}
}
