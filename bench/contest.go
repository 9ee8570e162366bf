package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// contest is how contenders are measured beside each other.
type contest struct {
	connections, rounds int
	// duration is how long each runs in a round.
	duration time.Duration
	log      io.Writer
}

// compare lets the contenders run in turn, round by round, every other round in
// the opposite order, so that what slows the machine down for a while slows all
// of them down.
func (c contest) compare(ctx context.Context, all []contender) ([]series, error) {
	table := make([]series, len(all))
	order := make([]int, len(all))
	for i, one := range all {
		table[i] = series{contender: one, connections: c.connections}
		order[i] = i
		// Nobody's first requests count.
		err := c.warmUp(ctx, one)
		if err != nil {
			return nil, err
		}
	}
	for round := range c.rounds {
		for _, i := range order {
			r, err := c.measure(ctx, all[i], c.duration)
			if err != nil {
				return nil, err
			}
			table[i].rounds = append(table[i].rounds, r)
			fmt.Fprintf(c.log, "round %d, %d connections, %-48s %8.0f/s\n", round+1, c.connections, all[i].name, r.rate)
		}
		slices.Reverse(order)
	}
	for i := range table {
		table[i].compareWith(table)
	}
	return table, nil
}

// warmUp lets a contender run before it is measured: a moment, or until it gets no
// faster if it is cold. Some compile what they run only then.
func (c contest) warmUp(ctx context.Context, one contender) error {
	if !one.cold {
		const part = 4
		_, err := c.measure(ctx, one, c.duration/part)
		return err
	}
	w := warming{}
	for round := range longestWarmUp {
		r, err := c.measure(ctx, one, c.duration)
		if err != nil {
			return err
		}
		if w.done(r.rate) && round >= one.coldRounds {
			return nil
		}
	}
	return nil
}

// longestWarmUp is how many rounds a contender can take to get warm.
const longestWarmUp = 30

// warming tells when a rate does not grow any more.
type warming struct {
	best float64
	// still is how many rounds in a row were not faster.
	still int
}

// done takes the rate of one more round.
func (w *warming) done(rate float64) bool {
	const faster, enough = 1.05, 2
	w.still++
	if rate > w.best*faster {
		w.still = 0
	}
	w.best = max(w.best, rate)
	return w.still >= enough
}

func (c contest) measure(ctx context.Context, one contender, duration time.Duration) (sampleRun, error) {
	before, err := cpuTime(one.pid, one.family)
	if err != nil {
		return sampleRun{}, fmt.Errorf("measure %s: %w", one.name, err)
	}
	r, err := load{
		address: one.address, scripts: one.scripts, connections: c.connections, duration: duration,
		protocol: one.protocol, roots: one.roots,
	}.run(ctx)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && r.requests() == 0 {
		err = fmt.Errorf("no answer in %s", duration)
	}
	if err != nil {
		return sampleRun{}, fmt.Errorf("measure %s: %w", one.name, err)
	}
	after, err := cpuTime(one.pid, one.family)
	if err != nil {
		return sampleRun{}, fmt.Errorf("measure %s: %w", one.name, err)
	}
	return sampleRun{
		rate: r.rate(),
		cpu:  (after - before) / time.Duration(r.requests()),
		p50:  percentile(r.latencies, 50),
		p99:  percentile(r.latencies, 99),
		bad:  r.bad,
	}, nil
}
