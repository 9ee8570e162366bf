package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// counts is how many tests ended how. A test with subtests is not counted
// beside them.
type counts struct{ passed, failed, skipped int }

func (c counts) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.passed, c.failed, c.skipped)
}

// tally follows the packages of a run; a package may run more than once.
type tally struct {
	out   io.Writer
	total counts
	open  map[string]*suite
	// blamed is the number of failures when the last command ended.
	blamed int
}

// suite is one run of one package.
type suite struct {
	// state is the last action of each test: run, pass, fail or skip.
	state map[string]string
	// output is what each test printed; the package's own is under "".
	output map[string][]string
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, open: map[string]*suite{}}
}

func (t *tally) event(e event) {
	if e.Action == "command-end" {
		t.end(e.Package, e.Code)
		return
	}
	s := t.open[e.Package]
	if s == nil {
		s = &suite{state: map[string]string{}, output: map[string][]string{}}
		t.open[e.Package] = s
	}
	switch {
	case e.Action == "output":
		s.output[e.Test] = append(s.output[e.Test], e.Output)
	case e.Action == "run" || e.Test != "" && isEnd(e.Action):
		s.state[e.Test] = e.Action
	case e.Test == "" && isEnd(e.Action):
		t.finish(e.Package, s, e.Action, e.Elapsed)
	}
}

// end counts a command that failed without a test that failed: go vet, or a go
// test that could not even begin.
func (t *tally) end(command string, code int) {
	t.close()
	if code != 0 && t.total.failed == t.blamed {
		t.total.failed++
		fmt.Fprintf(t.out, "FAIL  %s: exit code %d\n", command, code)
	}
	t.blamed = t.total.failed
}

func isEnd(action string) bool {
	return action == "pass" || action == "fail" || action == "skip"
}

// finish counts the tests of a package that has ended, prints its line and what
// its failures wrote.
func (t *tally) finish(name string, s *suite, action string, seconds float64) {
	delete(t.open, name)
	c, shown := s.count()
	if action == "fail" && c.failed == 0 {
		// The build, TestMain or a check outside of any test.
		c.failed = 1
		shown = append(shown, "")
	}
	t.total.passed += c.passed
	t.total.failed += c.failed
	t.total.skipped += c.skipped
	if c == (counts{}) {
		return
	}
	verdict := "ok  "
	if c.failed > 0 {
		verdict = "FAIL"
	}
	for _, test := range shown {
		for _, line := range s.output[test] {
			fmt.Fprint(t.out, line)
		}
	}
	fmt.Fprintf(t.out, "%s  %-52s %6.1fs  %s\n", verdict, name, seconds, c)
}

// count returns the counts and the tests whose output is to be shown.
func (s *suite) count() (counts, []string) {
	c := counts{}
	var shown []string
	names := slices.Sorted(maps.Keys(s.state))
	for _, name := range names {
		state := s.state[name]
		below := func(other string) bool { return strings.HasPrefix(other, name+"/") }
		group := slices.ContainsFunc(names, below)
		// A group that failed while all its subtests passed failed by itself.
		blamed := func(other string) bool { return below(other) && isBad(s.state[other]) }
		switch {
		case isBad(state):
			shown = append(shown, name)
			if !slices.ContainsFunc(names, blamed) {
				c.failed++
			}
		case group:
		case state == "skip":
			shown = append(shown, name)
			c.skipped++
		default:
			c.passed++
		}
	}
	if slices.ContainsFunc(names, func(name string) bool { return s.state[name] == "run" }) {
		// A test that never ended: the panic or the time-out is the package's.
		shown = append(shown, "")
	}
	return c, shown
}

// isBad: a test that began and never ended failed too.
func isBad(state string) bool { return state == "fail" || state == "run" }

// close ends the packages that did not end by themselves.
func (t *tally) close() {
	for _, name := range slices.Sorted(maps.Keys(t.open)) {
		fmt.Fprintf(t.out, "%s: the results end here\n", name)
		t.finish(name, t.open[name], "fail", 0)
	}
}
