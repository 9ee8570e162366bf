package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// amount is how many requests are measured for each figure.
func (r *runner) amount() int {
	if r.long {
		return 10_000
	}
	return 1_000
}

const (
	queriesFigure = "queries for tokens and introspections"
	spreadFigure  = "revocations on the other nodes"
)

// figures measures the nodes of a service without faults.
func (r *runner) figures(ctx context.Context, s *service, d *database) error {
	if r.only.MatchString(queriesFigure) {
		err := r.countQueries(s, d)
		if err != nil {
			return fmt.Errorf("%s: %w", queriesFigure, err)
		}
	}
	if r.only.MatchString(spreadFigure) {
		err := r.measureSpread(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", spreadFigure, err)
		}
	}
	return nil
}

// quiet is a caller whose history nobody reads.
func quiet() *caller { return &caller{newRecorder(), new(atomic.Int64)} }

const calls = `
SELECT calls, regexp_replace(query, '\s+', ' ', 'g')
FROM pg_stat_statements
WHERE query NOT LIKE '%pg_stat_statements%'`

// statements reads how often PostgreSQL ran each statement so far.
func (d *database) statements() (map[string]int, error) {
	text, err := query(d.url, calls)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for line := range strings.Lines(text) {
		number, statement, _ := strings.Cut(strings.TrimSpace(line), "\t")
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("read %q: %w", line, err)
		}
		counts[statement] += n
	}
	return counts, nil
}

// countQueries asks PostgreSQL what it ran while every node issued tokens and
// introspected them. Only what goes on without requests may have been run.
func (r *runner) countQueries(s *service, d *database) error {
	begun := time.Now()
	_, err := query(d.url, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
	if err != nil {
		return err
	}
	before, err := d.statements()
	if err != nil {
		return err
	}
	c := quiet()
	var running sync.WaitGroup
	const clients = 4
	for _, n := range s.nodes {
		for range clients {
			running.Go(func() {
				for range r.amount() / clients {
					t, _ := c.token(&s.key, n)
					c.introspect(n, &s.key, t.Access)
				}
			})
		}
	}
	running.Wait()
	lasted := time.Since(begun)
	after, err := d.statements()
	if err != nil {
		return err
	}
	h := c.taken()
	active := 0
	for _, e := range h.Events {
		if e.Op == opIntrospect && e.Active {
			active++
		}
	}
	wanted := len(s.nodes) * r.amount()
	var broken []string
	if active != wanted || int(c.requests.Load()) != wanted {
		broken = append(broken, fmt.Sprintf("%d of %d tokens were active", active, wanted))
	}
	r.say("\n%d tokens and %d introspections, by %d nodes in %s; what PostgreSQL ran meanwhile:\n", wanted, wanted, len(s.nodes), lasted.Round(100*time.Millisecond))
	r.say("| calls | statement |\n|---|---|")
	total := 0
	for _, statement := range slices.Sorted(maps.Keys(after)) {
		n := after[statement] - before[statement]
		if n == 0 {
			continue
		}
		total += n
		r.say("| %d | `%s` |", n, strings.ReplaceAll(statement, "|", "\\|"))
		// The feed is read five times a second by each node, and nothing else as often.
		if limit := 6*len(s.nodes)*int(lasted.Seconds()+1) + 10; n > limit {
			broken = append(broken, fmt.Sprintf("%d calls, where there is time for %d without requests: %s", n, limit, statement))
		}
	}
	r.say("| %d | in all, %.4f for each request |\n", total, float64(total)/float64(2*wanted))
	r.played++
	r.verdict(queriesFigure, &h, broken, 2*wanted, begun)
	return nil
}

// measureSpread revokes tokens and asks the other nodes until they know it.
func (r *runner) measureSpread(ctx context.Context, s *service) error {
	begun := time.Now()
	const clients = 30
	var mu sync.Mutex
	var delays []time.Duration
	var failures []error
	var running sync.WaitGroup
	left := atomic.Int64{}
	left.Store(int64(r.amount()))
	for i := range clients {
		running.Go(func() {
			c := quiet()
			for turn := i; left.Add(-1) >= 0 && ctx.Err() == nil; turn++ {
				worst, err := c.spreads(ctx, s, s.nodes[turn%len(s.nodes)])
				mu.Lock()
				if err != nil {
					failures = append(failures, err)
				} else {
					delays = append(delays, worst)
				}
				mu.Unlock()
			}
		})
	}
	running.Wait()
	if len(failures) > 0 || len(delays) == 0 {
		return errors.Join(append(failures[:min(3, len(failures))], ctx.Err())...)
	}
	slices.Sort(delays)
	at := func(share float64) time.Duration {
		return delays[min(len(delays)-1, int(share*float64(len(delays))))].Round(time.Millisecond)
	}
	r.say("\n| revocations | p50 | p99 | most |\n|---|---|---|---|")
	r.say("| %d in %s, refused by both other nodes after | %s | %s | %s |\n", len(delays), time.Since(begun).Round(time.Second), at(0.5), at(0.99), at(1))
	var broken []string
	if at(0.99) > time.Second || at(1) > spread {
		broken = append(broken, fmt.Sprintf("p99 %s, most %s", at(0.99), at(1)))
	}
	r.played++
	r.verdict(spreadFigure, &history{}, broken, len(delays), begun)
	return nil
}

// spreads revokes a token at one node and returns how long it took until all others
// had said that it is not active.
func (c *caller) spreads(ctx context.Context, s *service, n *node) (time.Duration, error) {
	t, ok := c.token(&s.key, n)
	if !ok {
		return 0, errors.New("no token")
	}
	revoked := c.revoke(n, &s.key, t.Access)
	if revoked.Outcome != acknowledged {
		return 0, fmt.Errorf("revoke: %d %s", revoked.Status, revoked.Detail)
	}
	worst := time.Duration(0)
	for _, other := range s.nodes {
		for e := (event{Active: true}); other != n && e.Active; {
			e = c.introspect(other, &s.key, t.Access)
			switch {
			case e.Outcome != acknowledged:
				return 0, fmt.Errorf("introspect: %d %s", e.Status, e.Detail)
			case !e.Active:
				worst = max(worst, e.Ended-revoked.Ended)
			case e.Ended-revoked.Ended > patience || !wait(ctx, 25*time.Millisecond):
				return e.Ended - revoked.Ended, nil
			}
		}
	}
	return worst, nil
}
