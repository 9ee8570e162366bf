package main

import (
	"context"
	"syscall"
	"time"
)

// scenario is a fault and its end.
type scenario struct {
	name string
	// network says that it needs hosts that can be cut off.
	network bool
	faults  func(ctx context.Context, t *trial, d *database, last time.Duration) error
}

// scenarios are those of three nodes on one PostgreSQL; each fault lasts for the time
// given.
var scenarios = []scenario{
	{"nothing happens", false, func(ctx context.Context, _ *trial, _ *database, last time.Duration) error {
		wait(ctx, last)
		return nil
	}},
	{"kill -9 of a node", false, killNode},
	{"kill -9 of PostgreSQL", false, killDatabase},
	{"PostgreSQL is restarted", false, restartDatabase},
	{"a node is frozen", false, freezeNode},
	{"PostgreSQL is frozen", false, freezeDatabase},
	{"a node cannot reach the database: packets vanish", true, func(ctx context.Context, t *trial, d *database, last time.Duration) error {
		return cutNodes(ctx, t, d, last, drop, t.nodes[:1])
	}},
	{"a node cannot reach the database: connections are reset", true, func(ctx context.Context, t *trial, d *database, last time.Duration) error {
		return cutNodes(ctx, t, d, last, reset, t.nodes[1:2])
	}},
	{"no node can reach the database: packets vanish", true, func(ctx context.Context, t *trial, d *database, last time.Duration) error {
		return cutNodes(ctx, t, d, last, drop, t.nodes)
	}},
	{"no node can reach the database: connections are reset", true, func(ctx context.Context, t *trial, d *database, last time.Duration) error {
		return cutNodes(ctx, t, d, last, reset, t.nodes)
	}},
	{"rolling restart", false, func(ctx context.Context, t *trial, _ *database, _ time.Duration) error {
		return rollingRestart(ctx, t, "")
	}},
}

func killNode(ctx context.Context, t *trial, _ *database, last time.Duration) error {
	n := t.nodes[t.rounds%len(t.nodes)]
	end := t.begin(n.name, away)
	defer end()
	err := n.process.end(syscall.SIGKILL)
	if err != nil {
		return err
	}
	wait(ctx, last)
	return n.start()
}

func killDatabase(ctx context.Context, t *trial, d *database, last time.Duration) error {
	end := t.begin("", apart)
	defer end()
	err := d.kill()
	if err != nil {
		return err
	}
	wait(ctx, last)
	return d.start()
}

func restartDatabase(_ context.Context, t *trial, d *database, _ time.Duration) error {
	end := t.begin("", apart)
	defer end()
	err := d.cluster.Stop()
	if err != nil {
		return err
	}
	return d.start()
}

func freezeNode(ctx context.Context, t *trial, _ *database, last time.Duration) error {
	n := t.nodes[t.rounds%len(t.nodes)]
	end := t.begin(n.name, frozen)
	defer end()
	err := n.process.signal(syscall.SIGSTOP)
	if err != nil {
		return err
	}
	wait(ctx, last)
	return n.process.signal(syscall.SIGCONT)
}

func freezeDatabase(ctx context.Context, t *trial, d *database, last time.Duration) error {
	end := t.begin("", apart)
	defer end()
	err := signalAll(d.data(), syscall.SIGSTOP)
	if err != nil {
		return err
	}
	wait(ctx, last)
	return signalAll(d.data(), syscall.SIGCONT)
}

// cutNodes takes the database away from some nodes.
func cutNodes(ctx context.Context, t *trial, d *database, last time.Duration, how cutting, nodes []*node) error {
	for _, n := range nodes {
		end := t.begin(n.name, apart)
		defer end()
		err := n.host.cut(how, d.host)
		if err != nil {
			return err
		}
	}
	wait(ctx, last)
	for _, n := range nodes {
		err := n.host.heal()
		if err != nil {
			return err
		}
	}
	return nil
}

// rollingRestart ends one node after the other as an operator does, and starts it
// again, with another binary if there is one.
func rollingRestart(ctx context.Context, t *trial, binary string) error {
	for _, n := range t.nodes {
		end := t.begin(n.name, away)
		err := n.process.end(syscall.SIGTERM)
		if err == nil {
			if binary != "" {
				n.binary = binary
			}
			err = n.start()
		}
		end()
		if err != nil {
			return err
		}
		wait(ctx, time.Second)
	}
	return nil
}
