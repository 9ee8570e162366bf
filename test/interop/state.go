package main

import (
	"fmt"
	"strings"
)

// state is what a row declares of one feature.
type state struct {
	// verdict is works, lacks or fails.
	verdict string
	// reason is there for all but a plain "works".
	reason string
}

const (
	works = "works"
	lacks = "lacks"
	fails = "fails"
)

// parseState reads "works", "works: caveat", "lacks: reason" or "fails: reason".
func parseState(text string) (state, error) {
	verdict, reason, explained := strings.Cut(text, ": ")
	s := state{verdict, strings.TrimSpace(reason)}
	switch {
	case verdict != works && verdict != lacks && verdict != fails:
		return s, fmt.Errorf("state %q is none of works, lacks and fails", text)
	case verdict != works && s.reason == "", explained && s.reason == "":
		return s, fmt.Errorf("state %q gives no reason: write %q", text, verdict+": the reason")
	case strings.Contains(reason, "\n"):
		return s, fmt.Errorf("state %q has more than one line", text)
	}
	return s, nil
}

// symbol is how the table of docs/interop.md shows it.
func (s state) symbol() string {
	switch {
	case s.verdict == lacks:
		return "–"
	case s.verdict == fails:
		return "✗"
	case s.reason != "":
		return "⚠"
	}
	return "✓"
}

// runs reports whether there is anything to run.
func (s state) runs() bool { return s.verdict != lacks }
