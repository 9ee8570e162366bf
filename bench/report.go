package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// report is everything a run measured.
type report struct {
	machine, versions string
	rounds            int
	duration          time.Duration

	// syncTime is how long it takes to make a page durable.
	syncTime time.Duration

	binary      int64
	startup     startup
	examples    examples
	series      []series
	windows     []window
	growth      growth
	revocations revocations
	// Resident memory in bytes: before the load, after it, and at most.
	idleMemory, loadedMemory, mostMemory int64
}

// sound returns an error when the numbers are worth nothing.
func (rep report) sound() error {
	for _, s := range rep.series {
		if s.bad() > 0 {
			return fmt.Errorf("%d answers of %q were not as they should be", s.bad(), s.name)
		}
	}
	return errors.Join(expectAlgorithm(rep.examples.jwt, "ES256"), expectAlgorithm(rep.examples.opaque, "opaque"))
}

func expectAlgorithm(token sample, want string) error {
	got, err := token.algorithm()
	if err == nil && got != want {
		err = fmt.Errorf("a token is %q, not %s", got, want)
	}
	return err
}

func (rep report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s; %s.\n", rep.machine, rep.versions)
	fmt.Fprintf(&b, "The generator shares the cores with the servers. Medians of %d rounds of %s, taken in turn.\n\n", rep.rounds, rep.duration)
	b.WriteString(markdownTable(rep.goalRows()))
	b.WriteString("\n" + ratioNote + "\n")
	b.WriteString(markdownTable(rep.seriesRows()))
	b.WriteString("\n" + rep.details())
	return b.String()
}

const ratioNote = `Spread is the slowest and the fastest round. The ratios are to the limit server of the same round that
gets the same bytes: to the one that signs for a JWT, to the no-op one for everything else; 1 is as good. Those of a
key that asks for a few scopes of many are to the key that was granted just these and answers as many bytes, those of
a key with every rule to the same key without any. CPU is the server's, a request, as the kernel accounts it; it is
the steadier of the two ratios when other programs run.
`

func (rep report) seriesRows() [][]string {
	rows := [][]string{{"server", "connections", "requests/s", "spread", "ratio", "spread", "p50", "p99", "CPU", "CPU ratio", "bad"}}
	for _, s := range rep.series {
		low, high := spread(s.rates())
		ratio, ratioSpread, cpuRatio := "", "", ""
		if len(s.ratios) > 0 {
			least, most := spread(s.ratios)
			cpuRatio = fmt.Sprintf("%.2f", median(s.cpuRatios))
			ratio, ratioSpread = fmt.Sprintf("%.2f", median(s.ratios)), fmt.Sprintf("%.2f-%.2f", least, most)
		}
		rows = append(rows, []string{
			s.name,
			fmt.Sprint(s.connections),
			fmt.Sprintf("%.0f", median(s.rates())),
			fmt.Sprintf("%.0f-%.0f", low, high),
			ratio,
			ratioSpread,
			micro(medianOf(s.rounds, func(r sampleRun) time.Duration { return r.p50 })),
			micro(medianOf(s.rounds, func(r sampleRun) time.Duration { return r.p99 })),
			micro(medianOf(s.rounds, func(r sampleRun) time.Duration { return r.cpu })),
			cpuRatio,
			fmt.Sprint(s.bad()),
		})
	}
	return rows
}

// details are the counts behind the goals that say nothing is stored.
func (rep report) details() string {
	var b strings.Builder
	for _, w := range rep.windows {
		fmt.Fprintf(&b, "%d %ss in %s, beside an idle time of the same length:\n\n", w.requests, w.unit, w.duration)
		fmt.Fprintf(&b, "- SQL statements: %.0f (%s); idle %.0f (%s)\n", w.loaded.total(), w.loaded, w.idle.total(), w.idle)
		fmt.Fprintf(&b, "- rows in all tables: %s\n", beforeAndAfter(w.before.rows, w.after.rows))
		fmt.Fprintf(&b, "- database files in bytes: %s\n\n", beforeAndAfter(w.before.size, w.after.size))
	}
	g := rep.growth
	fmt.Fprintf(&b, "%d JWTs and %d opaque tokens, the server stopped before and after:\n\n", g.jwts, g.opaques)
	fmt.Fprintf(&b, "- rows in all tables: %s\n", beforeAndAfter(g.before.rows, g.after.rows))
	fmt.Fprintf(&b, "- database file in bytes: %s\n\n", beforeAndAfter(g.before.size, g.after.size))
	b.WriteString(rep.revocations.details())
	fmt.Fprintf(&b, "Resident memory after all load: %s, at most %s. Making 4 KB durable takes %s here.\n",
		mega(rep.loadedMemory), mega(rep.mostMemory), micro(rep.syncTime))
	return b.String()
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

func micro(d time.Duration) string { return fmt.Sprintf("%.1f µs", float64(d.Nanoseconds())/1000) }
func milli(d time.Duration) string { return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000) }
func mega(bytes int64) string      { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }

// markdownTable renders rows, the first of them as the head, so that the columns
// line up for a reader of the source as well.
func markdownTable(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			b.WriteString("| " + cell + strings.Repeat(" ", widths[i]-len([]rune(cell))+1))
		}
		b.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				b.WriteString("|" + strings.Repeat("-", width+2))
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}

// The generated part of a document stands between these lines.
const (
	beginGenerated = "<!-- bench: begin of the generated part -->\n"
	endGenerated   = "<!-- bench: end of the generated part -->\n"
)

func replaceGenerated(name, text string) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(old), beginGenerated)
	_, after, ends := strings.Cut(rest, endGenerated)
	if !begins || !ends {
		return errors.New(name + " has no generated part to replace; it needs these two lines:\n" + beginGenerated + endGenerated)
	}
	return os.WriteFile(name, []byte(before+beginGenerated+"\n"+text+"\n"+endGenerated+after), 0o644)
}
