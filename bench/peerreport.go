package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const peerNote = `Each peer ran by itself, in turn with grantd, which did equal work, and with the form limit server that
gets grantd's requests. Its ratio is to that limit server, and grantd's multiple is how many times the peer's rate, or
its CPU time the other way round, grantd reached in the same round. CPU time and memory are of all processes of a peer.
`

func (rep report) peerRows() [][]string {
	rows := [][]string{{"peer", "requests/s", "spread", "p50", "p99", "CPU", "ratio", "spread", "grantd", "grantd's multiple", "spread", "of CPU"}}
	for _, p := range rep.peers {
		if p.Missing != "" {
			rows = append(rows, []string{p.Name, "missing", "", "", "", "", "", "", "", "", "", ""})
			continue
		}
		for _, s := range p.series {
			if ours, c, found := p.answerTo(s.name); found {
				rows = append(rows, peerRow(s, ours, c))
			}
		}
	}
	return rows
}

// answerTo returns grantd's series beside a peer's.
func (p peerResult) answerTo(name string) (series, comparison, bool) {
	for _, s := range p.series {
		for _, c := range s.compared {
			if c.name == name && !strings.HasPrefix(name, "limit: ") {
				return s, c, true
			}
		}
	}
	return series{}, comparison{}, false
}

func peerRow(theirs, ours series, c comparison) []string {
	low, high := spread(theirs.rates())
	beside := theirs.compared[0]
	least, most := spread(beside.ratios)
	times := func(values []float64) string { return significant(median(values)) }
	lowest, highest := spread(c.ratios)
	return []string{
		theirs.name,
		fmt.Sprintf("%.0f", median(theirs.rates())),
		fmt.Sprintf("%.0f-%.0f", low, high),
		micro(medianOf(theirs.rounds, func(r sampleRun) time.Duration { return r.p50 })),
		micro(medianOf(theirs.rounds, func(r sampleRun) time.Duration { return r.p99 })),
		micro(medianOf(theirs.rounds, func(r sampleRun) time.Duration { return r.cpu })),
		significant(median(beside.ratios)),
		significant(least) + "-" + significant(most),
		fmt.Sprintf("%.0f/s", median(ours.rates())),
		times(c.ratios),
		significant(lowest) + "-" + significant(highest),
		times(c.cpuRatios),
	}
}

// significant writes a number with two digits that mean something, or all that stand
// before the point.
func significant(value float64) string {
	if value <= 0 {
		return "0"
	}
	digits := 1 - int(math.Floor(math.Log10(value)))
	return strconv.FormatFloat(value, 'f', max(digits, 0), 64)
}

// peerList says what the peers are and how they were set up.
func (rep report) peerList() string {
	var b strings.Builder
	for _, p := range rep.peers {
		fmt.Fprintf(&b, "- **%s** (`%s` %s): %s", p.Name, p.Package, p.Version, strings.TrimSpace(p.Settings))
		if p.Missing != "" {
			fmt.Fprintf(&b, " Missing: %s", p.Missing)
		} else {
			fmt.Fprintf(&b, " It held %s after the load.", mega(p.memory))
		}
		b.WriteString("\n")
	}
	return b.String()
}
