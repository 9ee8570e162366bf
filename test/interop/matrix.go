package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// matrix is one run over all that matches.
type matrix struct {
	// root is the module, dir holds the ecosystems and golden/.
	root, dir string
	only      *regexp.Regexp
	// whole is set when nothing is left out; only then is docs/interop.md looked at.
	whole  bool
	update bool
	jobs   int
	// limit is how long a program may run.
	limit time.Duration
	// patience is how long a verifier may hold on to the keys that it knows, because
	// some read them again only half a minute after they last did, and to its life.
	patience time.Duration
	setUp    func(ctx context.Context, script string, out io.Writer) error
	out      io.Writer
}

// report is what came of a run.
type report struct {
	results []result
	// faults are wrong beside the cells.
	faults []error
}

func (m *matrix) run(ctx context.Context) (*report, error) {
	c, err := readCatalogue(m.dir)
	if err != nil {
		return nil, err
	}
	rep := &report{faults: c.faults}
	ready := m.setUpAll(ctx, c, rep)
	temp, err := os.MkdirTemp("", "interop")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	ca, err := newAuthority(temp)
	if err != nil {
		return nil, err
	}
	g := &golden{dir: filepath.Join(m.dir, "golden"), update: m.update}
	err = m.runClients(ctx, m.cells(c.clients, ready, rep), ca, g, rep)
	if err != nil {
		return nil, err
	}
	err = m.runVerifiers(ctx, m.cells(c.verifiers, ready, rep), ca, rep)
	if err != nil {
		return nil, err
	}
	return rep, m.conclude(c, g, rep)
}

// cell is one thing to run.
type cell struct {
	row     *row
	feature string
}

// cells returns what is to be run of these rows. What cannot be run, because
// its set-up failed, is red at once.
func (m *matrix) cells(rows []*row, ready map[string]error, rep *report) []cell {
	var cells []cell
	for _, r := range rows {
		for _, feature := range slices.Sorted(maps.Keys(r.states)) {
			if !r.states[feature].runs() || !m.only.MatchString(r.path(feature)) {
				continue
			}
			err := ready[r.ecosystem]
			if err != nil {
				rep.results = append(rep.results, result{row: r, feature: feature, broken: err})
				continue
			}
			cells = append(cells, cell{r, feature})
		}
	}
	return cells
}

// setUpAll sets up the ecosystems of which something is to be run, and says
// what became of each.
func (m *matrix) setUpAll(ctx context.Context, c *catalogue, rep *report) map[string]error {
	ready := map[string]error{}
	for _, ecosystem := range c.ecosystems {
		if !m.whole && !m.wants(c, ecosystem) {
			continue
		}
		err := m.setUp(ctx, filepath.Join(m.dir, ecosystem, "setup.sh"), m.out)
		if err != nil {
			ready[ecosystem] = err
			rep.faults = append(rep.faults, fmt.Errorf("%s: %w", ecosystem, err))
		}
	}
	return ready
}

func (m *matrix) wants(c *catalogue, ecosystem string) bool {
	return slices.ContainsFunc(slices.Concat(c.clients, c.verifiers), func(r *row) bool {
		return r.ecosystem == ecosystem && slices.ContainsFunc(slices.Collect(maps.Keys(r.states)), func(feature string) bool {
			return m.only.MatchString(r.path(feature))
		})
	})
}

// conclude looks at what belongs to the whole: files that belong to nothing, and the page.
func (m *matrix) conclude(c *catalogue, g *golden, rep *report) error {
	if !m.whole {
		return nil
	}
	if m.update && rep.failed() > 0 {
		fmt.Fprintln(m.out, "docs/interop.md is left as it is, because not everything is as declared")
		return nil
	}
	stale, err := g.stale(c.clients)
	if err != nil {
		return err
	}
	for _, file := range stale {
		rep.faults = append(rep.faults, fmt.Errorf("%s belongs to no cell that is run; -update removes it", short(m.dir, file)))
	}
	err = keep(filepath.Join(m.root, "docs", "interop.md"), writePage(c), m.update)
	if err != nil {
		rep.faults = append(rep.faults, fmt.Errorf("docs: %w", err))
	}
	return nil
}

func (r *report) failed() int {
	failed := len(r.faults)
	for _, result := range r.results {
		if result.red() != nil {
			failed++
		}
	}
	return failed
}

// print shows what is red and ends with the counts. It reports whether all is well.
func (r *report) print(out io.Writer) bool {
	slices.SortStableFunc(r.results, func(a, b result) int {
		return strings.Compare(a.row.path(a.feature), b.row.path(b.feature))
	})
	for _, result := range r.results {
		if result.red() != nil {
			result.print(out)
		}
	}
	for _, err := range r.faults {
		fmt.Fprintf(out, "\nRED %v\n", err)
	}
	failed := r.failed()
	if failed == 0 && len(r.results) == 0 {
		fmt.Fprintf(out, "\nRED %v\n", errNothing)
		failed++
	}
	passed := len(r.results) + len(r.faults) - r.failed()
	fmt.Fprintf(out, "\n%d passed, %d failed\n", passed, failed)
	return failed == 0
}

var errNothing = errors.New("nothing was run")

// names lists the variables of an environment, without their values.
func names(env map[string]string) string {
	return strings.Join(slices.Sorted(maps.Keys(env)), " ")
}
