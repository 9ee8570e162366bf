package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// report is everything a run measured.
type report struct {
	machine, versions string
	rounds            int
	duration          time.Duration
	// usual is the number of connections that the plot is about.
	usual int

	// syncTime is how long it takes to make a page durable.
	syncTime time.Duration

	binary      int64
	startup     startup
	examples    examples
	series      []series
	peers       []peerResult
	flood       flood
	crowds      crowds
	idle        idleConnections
	windows     []window
	growth      growth
	revocations revocations
	// Resident memory in bytes: before the load, after it, and at most.
	idleMemory, loadedMemory, mostMemory int64
}

// sound returns an error when the numbers are worth nothing.
func (rep report) sound() error {
	var errs []error
	all := rep.series
	for _, p := range rep.peers {
		all = append(all, p.series...)
	}
	for _, s := range all {
		if s.bad() > 0 {
			errs = append(errs, fmt.Errorf("%d answers of %q were not as they should be", s.bad(), s.name))
		}
	}
	return errors.Join(errs...)
}

// markdown is the generated part of the document, with the plot that is in this file
// beside it, if there is one.
func (rep report) markdown(plot string) string {
	var b strings.Builder
	b.WriteString(rep.heading() + "\n")
	if plot != "" {
		fmt.Fprintf(&b, "![Requests a second in proportion to the form limit server](%s)\n\n", filepath.Base(plot))
	}
	b.WriteString(markdownTable(rep.goalRows()))
	b.WriteString("\n" + rep.tables())
	b.WriteString("\n" + rep.details())
	return b.String()
}

func (rep report) heading() string {
	return fmt.Sprintf("Measured on %s; %s.\n", rep.machine, rep.versions) +
		fmt.Sprintf("The generator shares the cores with the servers. Medians of %d rounds of %s, taken in turn.\n", rep.rounds, rep.duration)
}

// tables are the comparisons.
func (rep report) tables() string {
	var b strings.Builder
	if len(rep.series) > 0 {
		b.WriteString(ratioNote + "\n")
		b.WriteString(markdownTable(rep.seriesRows()))
	}
	if len(rep.peers) > 0 {
		b.WriteString("\n" + peerNote + "\n")
		b.WriteString(markdownTable(rep.peerRows()))
		b.WriteString("\n" + rep.peerList())
	}
	return b.String()
}

const ratioNote = `Spread is the slowest and the fastest round. A row says whom its ratios are to: a limit server or another
row of the same round, which gets the same requests where it can and answers as many bytes; 1 is as good. CPU is the
server's, a request, as the kernel accounts it; its ratio is the steadier of the two when other programs run. That of
p99 says how many times as long the slowest of a hundred requests took.
`

func (rep report) seriesRows() [][]string {
	rows := [][]string{{"server", "connections", "requests/s", "spread", "p50", "p99", "CPU", "beside", "ratio", "spread", "CPU ratio", "p99 ratio"}}
	for _, s := range rep.series {
		low, high := spread(s.rates())
		row := []string{
			s.name,
			fmt.Sprint(s.connections),
			fmt.Sprintf("%.0f", median(s.rates())),
			fmt.Sprintf("%.0f-%.0f", low, high),
			micro(medianOf(s.rounds, func(r sampleRun) time.Duration { return r.p50 })),
			micro(medianOf(s.rounds, func(r sampleRun) time.Duration { return r.p99 })),
			micro(medianOf(s.rounds, func(r sampleRun) time.Duration { return r.cpu })),
		}
		if len(s.compared) == 0 {
			rows = append(rows, append(row, "", "", "", "", ""))
			continue
		}
		rows = append(rows, append(row, s.compared[0].cells()...))
		for _, other := range s.compared[1:] {
			rows = append(rows, append(make([]string, len(row)), other.cells()...))
		}
	}
	return rows
}

func (c comparison) cells() []string {
	low, high := spread(c.ratios)
	return []string{
		strings.TrimPrefix(c.name, "limit: "),
		fmt.Sprintf("%.2f", median(c.ratios)),
		fmt.Sprintf("%.2f-%.2f", low, high),
		fmt.Sprintf("%.2f", median(c.cpuRatios)),
		fmt.Sprintf("%.2f", median(c.p99Ratios)),
	}
}

func micro(d time.Duration) string { return fmt.Sprintf("%.1f µs", float64(d.Nanoseconds())/1000) }
func milli(d time.Duration) string { return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000) }
func mega(bytes int64) string      { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }
