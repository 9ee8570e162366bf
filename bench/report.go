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

	binary  int64
	startup startup
	example sample
	series  []series
	window  window
	// Resident memory in bytes: before the load, after it, and at most.
	idleMemory, loadedMemory, mostMemory int64
}

// sound returns an error when the numbers are worth nothing.
func (rep report) sound() error {
	for _, s := range rep.series {
		if s.bad() > 0 {
			return fmt.Errorf("%d answers of %q were not 2xx", s.bad(), s.name)
		}
	}
	if rep.example.algorithm != "ES256" {
		return fmt.Errorf("the tokens are signed with %q, not ES256", rep.example.algorithm)
	}
	return nil
}

func (rep report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s; %s.\n", rep.machine, rep.versions)
	fmt.Fprintf(&b, "The generator shares the cores with the servers. Medians of %d rounds of %s, taken in turn.\n\n", rep.rounds, rep.duration)
	b.WriteString(markdownTable(rep.goalRows()))
	b.WriteString("\nSpread is the slowest and the fastest round. The ratios are to the limit server that signs, of the\nsame round; 1 is as good. CPU is the server's, a request, as the kernel accounts it; it is the steadier of the\ntwo ratios when other programs run.\n\n")
	b.WriteString(markdownTable(rep.seriesRows()))
	b.WriteString("\n" + rep.details())
	return b.String()
}

func (rep report) seriesRows() [][]string {
	rows := [][]string{{"server", "connections", "requests/s", "spread", "ratio", "spread", "p50", "p99", "CPU", "CPU ratio", "not 2xx"}}
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
	w := rep.window
	rows := "not counted, no sqlite3 command"
	if w.before.rows >= 0 {
		rows = fmt.Sprintf("%d before, %d after", w.before.rows, w.after.rows)
	}
	return fmt.Sprintf("%d tokens in %s, beside an idle time of the same length:\n\n", w.requests, w.duration) +
		fmt.Sprintf("- SQL statements: %.0f (%s); idle %.0f (%s)\n", w.loaded.total(), w.loaded, w.idle.total(), w.idle) +
		fmt.Sprintf("- rows in all tables: %s\n", rows) +
		fmt.Sprintf("- database files: %d bytes before, %d after\n", w.before.size, w.after.size) +
		fmt.Sprintf("- resident memory after all load: %s, at most %s\n", mega(rep.loadedMemory), mega(rep.mostMemory))
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
