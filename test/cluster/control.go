package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// forkNoticed is what a node says in its log when the history of the database is not
// the one that it knows.
var forkNoticed = regexp.MustCompile(`(?i)\bfork|change feed does not continue`)

// control is the negative control: an asynchronous standby under an older Patroni
// takes over without the last writes. Then the checker must find writes that are lost,
// or it finds none anywhere; and every node must notice that it is on another
// history.
func (r *runner) control(ctx context.Context) (err error) {
	const name = "Patroni 3.0.2 and etcd 3.4.23, asynchronous: the primary is cut off from etcd and the standby"
	if r.network == nil || !r.only.MatchString(name) {
		return nil
	}
	p := pair{name: "Patroni 3.0.2 and etcd 3.4.23", dir: filepath.Join(r.programs, "old")}
	_, err = os.Stat(p.dir)
	if err != nil {
		return r.lack(p.name)
	}
	e, s, err := r.ensemble(p, "old")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove(), e.remove()) }()
	begun := time.Now()
	before := s.forksNoticed()
	s.mayLose = true
	h, err := s.play(ctx, r.calm(), func(ctx context.Context, t *trial) error { return partPrimary.run(ctx, t, e) })
	if err != nil {
		return err
	}
	r.played++
	broken, looked := s.checkFork(&h, before)
	r.gaps = append(r.gaps, gap{"asynchronous: " + partPrimary.name, writeGap(&h)})
	r.verdict(name, &h, broken, looked, begun)
	return nil
}

// checkFork returns what is wrong after a fork, which is other than usual.
func (s *service) checkFork(h *history, before []int) (broken []string, looked int) {
	lost, _ := nothingLost(h)
	looked++
	if len(lost) == 0 {
		broken = append(broken, "the checker finds no lost write where the standby did not have the last ones")
	}
	for i, n := range s.forksNoticed() {
		looked++
		if n == before[i] {
			broken = append(broken, fmt.Sprintf("%s did not notice that history forked", s.nodes[i].name))
		}
	}
	// What holds whatever happens to the database.
	for _, check := range []func(*history) ([]string, int){everyTokenRequestSucceeds, revokedHereAtOnce} {
		more, n := check(h)
		broken, looked = slices.Concat(broken, more), looked+n
	}
	return broken, looked
}

// forksNoticed counts for each node how often its log tells of a fork.
func (s *service) forksNoticed() []int {
	counts := make([]int, len(s.nodes))
	for i, n := range s.nodes {
		text, _ := os.ReadFile(n.dir + ".log")
		counts[i] = len(forkNoticed.FindAllIndex(text, -1))
	}
	return counts
}
