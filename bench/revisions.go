package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// revisions compares two binaries of grantd.
type revisions struct {
	// base is the binary to compare with, and program the one that is judged.
	base, program string
	// pairs is how often both are started anew: how fast a process is depends a little
	// on where its memory happens to lie. Each pair runs so many rounds.
	pairs, rounds int
	duration      time.Duration
	connections   int
	// tolerance is how much slower is not yet worse, as a part of 1.
	tolerance float64
	out       io.Writer
}

// fewestRounds is how many rounds it takes to tell a slower program from noise.
const fewestRounds = 8

// errWorse says that a row is slower than it was.
var errWorse = errors.New("this tree is slower than the base")

// compareMode is bench compare.
func compareMode(ctx context.Context, args []string, out io.Writer) error {
	r := revisions{connections: 32, out: out}
	flags := newFlags("compare")
	flags.StringVar(&r.base, "base", "build/compare/grantd", "the binary to compare with")
	flags.StringVar(&r.program, "grantd", "build/grantd", "the binary that is judged")
	flags.IntVar(&r.pairs, "pairs", 4, "how often both are started anew")
	flags.IntVar(&r.rounds, "rounds", 4, "how often each row is measured with a pair")
	flags.DurationVar(&r.duration, "duration", 500*time.Millisecond, "how long each measurement takes")
	flags.Float64Var(&r.tolerance, "tolerance", 0.05, "how much slower is not yet worse, as a part of 1")
	err := parse(flags, args)
	if err != nil {
		return err
	}
	if r.pairs < 1 || r.rounds < 1 || r.pairs*r.rounds < fewestRounds || r.tolerance <= 0 || r.tolerance >= 1 {
		return fmt.Errorf("-pairs times -rounds must be at least %d, since fewer show nothing, and -tolerance between 0 and 1", fewestRounds)
	}
	return r.run(ctx)
}

// run measures all rows, and those that look worse once more, with new processes: only
// what is worse both times is worse.
func (r revisions) run(ctx context.Context) error {
	first, err := r.measure(ctx, nil)
	if err != nil {
		return err
	}
	fmt.Fprint(r.out, "\n", r.table(first))
	suspects := r.worse(first)
	if len(suspects) == 0 {
		return nil
	}
	fmt.Fprintf(r.out, "\nonce more: %s\n", strings.Join(suspects, "; "))
	second, err := r.measure(ctx, suspects)
	if err != nil {
		return err
	}
	fmt.Fprint(r.out, "\n", r.table(second))
	convicted := both(suspects, r.worse(second))
	if len(convicted) == 0 {
		fmt.Fprintln(r.out, "\nnot worse the second time")
		return nil
	}
	return fmt.Errorf("%w by more than %.0f %%, twice: %s", errWorse, r.tolerance*100, strings.Join(convicted, "; "))
}

// both is what is in two lists.
func both(first, second []string) []string {
	return slices.DeleteFunc(slices.Clone(first), func(one string) bool { return !slices.Contains(second, one) })
}

// measure runs the rows that something is said of, or all, and returns one verdict for each.
func (r revisions) measure(ctx context.Context, suspects []string) ([]verdict, error) {
	folder, err := os.MkdirTemp("", "grantd-compare")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	old, err := prepareSide(ctx, r.base, filepath.Join(folder, "base"))
	if err != nil {
		return nil, fmt.Errorf("prepare the base: %w", err)
	}
	now, err := prepareSide(ctx, r.program, filepath.Join(folder, "now"))
	if err != nil {
		return nil, fmt.Errorf("prepare this tree: %w", err)
	}
	var verdicts []verdict
	for pair := range r.pairs {
		// Whoever starts second gets other memory.
		order := []*side{old, now}
		if pair%2 == 1 {
			slices.Reverse(order)
		}
		table, err := r.measurePair(ctx, order, old, now, suspects)
		if err != nil {
			return nil, err
		}
		verdicts = gatherVerdicts(verdicts, table)
	}
	return verdicts, nil
}

func (r revisions) measurePair(ctx context.Context, order []*side, old, now *side, suspects []string) ([]series, error) {
	for i, s := range order {
		err := s.start(ctx)
		if err != nil {
			for _, running := range order[:i] {
				err = errors.Join(err, running.stop())
			}
			return nil, err
		}
	}
	table, err := rows(old, now, suspects).compareAll(ctx, contest{connections: r.connections, rounds: r.rounds, duration: r.duration, log: io.Discard})
	return table, errors.Join(err, old.stop(), now.stop())
}

// duels are the contenders of each row.
type duels [][]contender

func (d duels) compareAll(ctx context.Context, c contest) ([]series, error) {
	var all []series
	for _, contenders := range d {
		table, err := c.compare(ctx, contenders)
		if err != nil {
			return nil, err
		}
		all = append(all, table...)
	}
	return all, nil
}

// rows are the main rows that something is said of, or all, each of both sides.
func rows(old, now *side, suspects []string) duels {
	before, after := old.requests(), now.requests()
	var all duels
	for i, row := range after {
		named := func(suspect string) bool { return strings.HasPrefix(suspect, row.name+": ") }
		if suspects != nil && !slices.ContainsFunc(suspects, named) {
			continue
		}
		base := row.name + ", base"
		all = append(all, []contender{
			{name: base, address: old.address, pid: old.pid(), scripts: before[i].scripts},
			{name: row.name, address: now.address, pid: now.pid(), scripts: row.scripts, against: []against{{name: base}}},
		})
	}
	return all
}
