package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// failover is a fault that costs the primary its place.
type failover struct {
	name  string
	fault func(t *trial, e *ensemble, old *member) error
	mend  func(e *ensemble, old *member) error
}

var (
	killPrimary = failover{
		"kill -9 of the primary", func(_ *trial, _ *ensemble, old *member) error { return old.kill() },
		func(e *ensemble, old *member) error { return e.start(old) },
	}
	// The nodes reach both servers all the time.
	partPrimary = failover{
		"the primary is cut off from etcd and the standby", func(_ *trial, e *ensemble, old *member) error {
			return old.host.cut(drop, e.hostsBut(old)...)
		},
		func(_ *ensemble, old *member) error { return old.host.heal() },
	}
	losePrimary = failover{
		"the primary is cut off from everything", func(t *trial, e *ensemble, old *member) error {
			others := e.hostsBut(old)
			for _, n := range t.nodes {
				others = append(others, n.host)
			}
			return old.host.cut(drop, others...)
		},
		func(_ *ensemble, old *member) error { return old.host.heal() },
	}
)

// hostsBut are the other hosts of the ensemble.
func (e *ensemble) hostsBut(m *member) []*host {
	return []*host{e.other(m).host, e.witness}
}

// run takes the primary its place, waits for the other one to have it, and mends
// what it broke.
func (f failover) run(ctx context.Context, t *trial, e *ensemble) error {
	old := e.primary()
	if old == nil {
		return errors.New("there is no primary")
	}
	end := t.begin("", apart)
	defer end()
	err := f.fault(t, e, old)
	if err != nil {
		return err
	}
	err = await("the standby is primary", 2*patience, func() bool { return ctx.Err() != nil || e.isPrimary(e.other(old)) })
	if err != nil {
		return fmt.Errorf("%w\n%s", err, e.logs())
	}
	err = f.mend(e, old)
	switch {
	case err != nil:
	case e.pair.synchronous:
		// A strict primary takes writes only when the old one has come back.
		err = e.awaitStandby()
	default:
		// The old one may take its place back, and the other one may never follow it.
		wait(ctx, 10*time.Second)
		err = await("there is a primary", patience, func() bool { return e.primary() != nil })
	}
	if err != nil {
		return fmt.Errorf("%w\n%s", err, e.logs())
	}
	end()
	wait(ctx, 2*time.Second)
	return ctx.Err()
}

// writeGap is the longest time without a write that was acknowledged.
func writeGap(h *history) time.Duration {
	var ends []time.Duration
	for _, e := range h.Events {
		if e.Outcome == acknowledged && slices.Contains([]op{opRevoke, opRefresh, opCreate, opUpdate}, e.Op) {
			ends = append(ends, e.Ended)
		}
	}
	slices.Sort(ends)
	var gap time.Duration
	for i := 1; i < len(ends); i++ {
		gap = max(gap, ends[i]-ends[i-1])
	}
	return gap
}

// available is three nodes on a PostgreSQL that Patroni keeps available.
func (r *runner) available(ctx context.Context) (err error) {
	if r.network == nil {
		return nil
	}
	rounds := []failover{killPrimary, partPrimary}
	if r.long {
		rounds = slices.Concat(slices.Repeat([]failover{killPrimary}, 5), slices.Repeat([]failover{partPrimary}, 3), slices.Repeat([]failover{losePrimary}, 3))
	}
	rounds = slices.DeleteFunc(rounds, func(f failover) bool { return !r.only.MatchString(f.name) })
	if len(rounds) == 0 {
		return nil
	}
	p := pair{name: "Patroni 4.0.7 and etcd 3.5.16", dir: filepath.Join(r.programs, "new"), synchronous: true}
	_, err = os.Stat(p.dir)
	if err != nil {
		return r.lack(p.name)
	}
	e, s, err := r.ensemble(p, "new")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove(), e.remove()) }()
	for _, f := range rounds {
		err = r.score(p.name+": "+f.name, func() (history, error) {
			h, err := s.play(ctx, r.calm(), func(ctx context.Context, t *trial) error { return f.run(ctx, t, e) })
			r.gaps = append(r.gaps, gap{f.name, writeGap(&h)})
			return h, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// gap is for how long nothing could be written.
type gap struct {
	fault string
	last  time.Duration
}

// lack leaves out what a missing program is needed for, but not where everything
// must run.
func (r *runner) lack(program string) error {
	if os.Getenv("CI") == "true" {
		return fmt.Errorf("%s is not there; test/cluster/setup.sh brings it", program)
	}
	r.left = append(r.left, program+" is not there; test/cluster/setup.sh brings it")
	return nil
}

// ensemble starts servers under Patroni and nodes on them, on hosts of their own.
func (r *runner) ensemble(p pair, prefix string) (*ensemble, *service, error) {
	hosts, err := r.hosts(prefix+"db", 3)
	if err != nil {
		return nil, nil, err
	}
	nodes, err := r.hosts(prefix+"node", 3)
	if err != nil {
		return nil, nil, err
	}
	e, err := newEnsemble(p, hosts, filepath.Join(r.dir, prefix))
	if err != nil {
		return nil, nil, err
	}
	s, err := newService(nodes, filepath.Join(r.dir, prefix+"-nodes"), r.binary, e.url())
	if err != nil {
		return nil, nil, errors.Join(err, errors.New(e.logs()), e.remove())
	}
	return e, s, nil
}
