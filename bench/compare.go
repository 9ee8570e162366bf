package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"
)

// contender is one row of the comparison: a server and what it gets.
type contender struct {
	name    string
	address string
	pid     int
	scripts scripts
	// base names the contender whose rate this one's is divided by; empty means
	// there is none.
	base string
	// ratio is what the ratio of the two rates has to be, rate what this one's
	// has to be in requests a second; zero means that there is no such goal.
	ratio, rate float64
}

// choose keeps the contenders whose name matches, and those they are compared
// with.
func choose(all []contender, only *regexp.Regexp) []contender {
	wanted := map[string]bool{}
	for _, c := range all {
		if only.MatchString(c.name) {
			wanted[c.name] = true
			wanted[c.base] = true
		}
	}
	return slices.DeleteFunc(all, func(c contender) bool { return !wanted[c.name] })
}

// sampleRun is what one contender did in one round.
type sampleRun struct {
	rate     float64
	cpu      time.Duration
	p50, p99 time.Duration
	bad      int
}

// series are a contender's rounds at one number of connections.
type series struct {
	contender
	connections int
	rounds      []sampleRun
	// ratios of the rates, and of the CPU time the other way round, to the base,
	// round by round: 1 is as good as the base.
	ratios, cpuRatios []float64
}

func (s series) rates() []float64 {
	var rates []float64
	for _, r := range s.rounds {
		rates = append(rates, r.rate)
	}
	return rates
}

func medianOf(rounds []sampleRun, value func(sampleRun) time.Duration) time.Duration {
	var values []time.Duration
	for _, r := range rounds {
		values = append(values, value(r))
	}
	return median(values)
}

func (s series) bad() int {
	total := 0
	for _, r := range s.rounds {
		total += r.bad
	}
	return total
}

// compare lets the contenders run in turn, round by round, every other round in
// the opposite order, so that what slows the machine down for a while slows all
// of them down.
func compare(ctx context.Context, all []contender, connections, rounds int, duration time.Duration, log io.Writer) ([]series, error) {
	table := make([]series, len(all))
	order := make([]int, len(all))
	for i, c := range all {
		table[i] = series{contender: c, connections: connections}
		order[i] = i
		// Nobody's first requests count.
		_, err := measure(ctx, c, connections, duration/4)
		if err != nil {
			return nil, err
		}
	}
	for round := range rounds {
		for _, i := range order {
			r, err := measure(ctx, all[i], connections, duration)
			if err != nil {
				return nil, err
			}
			table[i].rounds = append(table[i].rounds, r)
			fmt.Fprintf(log, "round %d, %d connections, %-44s %8.0f/s\n", round+1, connections, all[i].name, r.rate)
		}
		slices.Reverse(order)
	}
	for i := range table {
		table[i].compareWith(table)
	}
	return table, nil
}

func measure(ctx context.Context, c contender, connections int, duration time.Duration) (sampleRun, error) {
	before, err := cpuTime(c.pid)
	if err != nil {
		return sampleRun{}, err
	}
	r, err := load{address: c.address, scripts: c.scripts, connections: connections, duration: duration}.run(ctx)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && r.requests() == 0 {
		err = fmt.Errorf("no answer in %s", duration)
	}
	if err != nil {
		return sampleRun{}, fmt.Errorf("measure %s: %w", c.name, err)
	}
	after, err := cpuTime(c.pid)
	if err != nil {
		return sampleRun{}, err
	}
	return sampleRun{
		rate: r.rate(),
		cpu:  (after - before) / time.Duration(r.requests()),
		p50:  percentile(r.latencies, 50),
		p99:  percentile(r.latencies, 99),
		bad:  r.bad,
	}, nil
}

// compareWith sets the ratios to the base, each to that of the same round.
func (s *series) compareWith(table []series) {
	at := slices.IndexFunc(table, func(other series) bool { return other.name == s.base })
	if at < 0 {
		return
	}
	for i, r := range s.rounds {
		base := table[at].rounds[i]
		s.ratios = append(s.ratios, r.rate/base.rate)
		s.cpuRatios = append(s.cpuRatios, float64(base.cpu)/float64(max(r.cpu, 1)))
	}
}
