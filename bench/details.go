package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// details are the numbers that are no comparison of rates, and the counts behind the
// goals that say nothing is stored.
func (rep report) details() string {
	var b strings.Builder
	b.WriteString(rep.flood.details())
	b.WriteString(rep.crowds.details())
	b.WriteString(rep.idle.details())
	for _, w := range rep.windows {
		fmt.Fprintf(&b, "%d %ss in %s, beside an idle time of the same length:\n\n", w.requests, w.unit, w.duration)
		fmt.Fprintf(&b, "- SQL statements: %.0f (%s); idle %.0f (%s)\n", w.loaded.total(), w.loaded, w.idle.total(), w.idle)
		fmt.Fprintf(&b, "- rows in all tables: %s\n", beforeAndAfter(w.before.rows, w.after.rows))
		fmt.Fprintf(&b, "- database files in bytes: %s\n\n", beforeAndAfter(w.before.size, w.after.size))
	}
	g := rep.growth
	fmt.Fprintf(&b, "%d JWTs and %d opaque tokens, the server stopped before and after:\n\n", g.jwts, g.opaques)
	fmt.Fprintf(&b, "- rows in all tables: %s\n", beforeAndAfter(g.before.rows, g.after.rows))
	fmt.Fprintf(&b, "- database file in bytes: %s, so %.0f for a million tokens\n\n",
		beforeAndAfter(g.before.size, g.after.size), g.eachMillion())
	b.WriteString(rep.revocations.details())
	fmt.Fprintf(&b, "Resident memory after all load: %s, at most %s. Making 4 KB durable takes %s here.\n",
		mega(rep.loadedMemory), mega(rep.mostMemory), micro(rep.syncTime))
	return b.String()
}

// eachMillion is how many bytes of the database a million tokens take.
func (g growth) eachMillion() float64 {
	const million = 1e6
	return float64(g.after.size-g.before.size) / float64(max(g.tokens(), 1)) * million
}

func (f flood) details() string {
	if len(f.with) == 0 {
		return ""
	}
	side := func(rounds []floodRound) string {
		of := func(value func(floodRound) time.Duration) time.Duration {
			var all []time.Duration
			for _, r := range rounds {
				all = append(all, value(r))
			}
			return median(all)
		}
		var rates []float64
		for _, r := range rounds {
			rates = append(rates, r.rate)
		}
		return fmt.Sprintf("%.0f/s, p50 %s, p99 %s", median(rates),
			micro(of(func(r floodRound) time.Duration { return r.p50 })), micro(of(func(r floodRound) time.Duration { return r.p99 })))
	}
	statuses := f.statuses()
	var answers []string
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		answers = append(answers, fmt.Sprintf("%d times %d", statuses[status], status))
	}
	return fmt.Sprintf("%d honest requests a second for ES256 JWTs, without and with %d times as many wrong secrets from the same address, "+
		"a half of them for the honest client id:\n\n", honestRate, floodTimes) +
		"- honest, without: " + side(f.without) + "\n" +
		"- honest, with: " + side(f.with) + "\n" +
		"- the flood: " + side(f.guesses) + "; it was answered " + strings.Join(answers, ", ") + "\n\n"
}

func (c crowds) details() string {
	if c.many == 0 {
		return "Servers with many keys were not measured.\n\n"
	}
	return fmt.Sprintf("%d keys and %d, of which %d ask in turn for tokens of either format:\n\n", c.few, c.many, callers) +
		fmt.Sprintf("- resident memory, idle for %s: %s, %s; %.0f bytes a key\n", idleFor, mega(c.fewMemory), mega(c.manyMemory), c.eachKey()) +
		fmt.Sprintf("- database: %s\n", mega(c.file)) +
		fmt.Sprintf("- start to ready: %.1f s from the database alone, %.1f s after an ordinary end; putting the rows there with SQL took %.1f s\n\n",
			c.loaded.Seconds(), c.again.Seconds(), c.filled.Seconds())
}

func (i idleConnections) details() string {
	if i.count == 0 {
		return ""
	}
	const kilobyte = 1 << 10
	each := func(bytes int64) string {
		return fmt.Sprintf("%s, %.1f KB each", mega(bytes), float64(bytes)/float64(i.count)/kilobyte)
	}
	return fmt.Sprintf("Resident memory that %d connections add, each idle after one request:\n\n", i.count) +
		"- grantd: " + each(i.ours) + "\n" +
		"- " + limitForm + ": " + each(i.limits) + "\n\n"
}

func (r revocations) details() string {
	if r.count == 0 {
		return "The memory of revocations was not measured: there is no sqlite3 command to make them.\n\n"
	}
	return fmt.Sprintf("%d revocations, resident memory without and with them:\n\n", r.count) +
		fmt.Sprintf("- idle for %s: %s, %s\n", idleFor, mega(r.without.idle), mega(r.with.idle)) +
		fmt.Sprintf("- after a load of opaque tokens: %s, %s\n", mega(r.without.loaded), mega(r.with.loaded)) +
		fmt.Sprintf("- start to ready with them: %s\n\n", milli(r.ready))
}

func beforeAndAfter(before, after int64) string {
	if before < 0 {
		return "not counted, no sqlite3 command"
	}
	return fmt.Sprintf("%d before, %d after", before, after)
}
