package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// service is a set of nodes with one database, and the keys that its clients have.
type service struct {
	nodes     []*node
	key       key
	signer    signer
	registers []register
	secrets   []string // must not turn up in a log
	dir       string
	rounds    int
	// mayLose says that writes may be lost, so that keys that were made may be unknown.
	mayLose bool
}

// newService starts nodes on hosts, and makes what the load needs.
func newService(hosts []*host, dir, binary, url string) (*service, error) {
	s := &service{dir: dir}
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		return nil, err
	}
	env := secretsOfCluster(url)
	for _, h := range hosts {
		n, err := newNode(h, dir, binary, env)
		if err == nil {
			err = n.start()
		}
		if err != nil {
			return nil, errors.Join(err, s.remove())
		}
		s.nodes = append(s.nodes, n)
	}
	err = s.furnish()
	if err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

func (s *service) furnish() error {
	c := &caller{newRecorder(), new(atomic.Int64)}
	e := event{}
	c.call(&e, s.nodes[0], "POST", "/apis", map[string]any{"audience": audience, "scopes": []string{scope}})
	if e.Outcome != acknowledged {
		return fmt.Errorf("create the API: %d %s", e.Status, e.Detail)
	}
	var made bool
	s.key, made = c.create(s.nodes[0], "load")
	if !made {
		return fmt.Errorf("create a key: %+v", c.taken().Events)
	}
	shared, made := c.create(s.nodes[0], "registers")
	if !made {
		return fmt.Errorf("create a key: %+v", c.taken().Events)
	}
	for i := range s.nodes {
		s.registers = append(s.registers, register{shared, fields[i%len(fields)]})
	}
	var err error
	s.signer, err = c.newSigner(s.nodes[0], "signer")
	if err != nil {
		return err
	}
	s.secrets = []string{s.key.Secret}
	time.Sleep(spread) // from now on every node knows the keys
	return nil
}

// trial is one scenario while it runs.
type trial struct {
	*service
	*recorder
	load *load
}

// play runs faults under load and returns what the clients saw.
func (s *service) play(ctx context.Context, calm time.Duration, faults func(ctx context.Context, t *trial) error) (history, error) {
	s.rounds++
	r := newRecorder()
	l := &load{
		caller: &caller{r, new(atomic.Int64)}, nodes: s.nodes, key: s.key, signer: s.signer, registers: s.registers, mayLose: s.mayLose,
		round: s.rounds,
	}
	l.start(ctx)
	t := &trial{s, r, l}
	wait(ctx, calm)
	err := faults(ctx, t)
	wait(ctx, calm)
	l.finish()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = l.settle()
	}
	h := r.taken()
	return h, errors.Join(err, save(h, filepath.Join(s.dir, fmt.Sprintf("history-%d.json", s.rounds))))
}

// save keeps a history for who wants to know more.
func save(h history, file string) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func (s *service) remove() error {
	var err error
	for _, n := range s.nodes {
		err = errors.Join(err, n.remove())
		for _, flaw := range n.flaws(s.secrets) {
			err = errors.Join(err, errors.New(flaw))
		}
	}
	return err
}
