package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// result is what came of one cell.
type result struct {
	row     *row
	feature string
	// flaw is what the judge found, nil when the feature works.
	flaw error
	// broken is wrong whatever was declared: a set-up, a program, a wire shape.
	broken error
	// evidence is printed when the cell is red.
	evidence string
}

func (r result) state() state { return r.row.states[r.feature] }

// red says why the cell is not as declared, or nil.
func (r result) red() error {
	switch {
	case r.broken != nil:
		return r.broken
	case r.state().verdict == works:
		return r.flaw
	case r.state().verdict == fails && r.flaw == nil:
		return errors.New("it works now, though it is declared to fail")
	}
	return nil
}

func (r result) print(out io.Writer) {
	fmt.Fprintf(out, "\nRED %s (%s)\n  declared: %s\n  seen: %v\n", r.row.path(r.feature), r.row.Name, r.row.Features[r.feature], r.red())
	fmt.Fprint(out, r.evidence)
}

// evidence is everything that one needs to find out what went wrong.
func (t *trial) evidence() string {
	var text strings.Builder
	block := func(title, content string) {
		content = strings.TrimRight(content, "\n")
		if content != "" {
			fmt.Fprintf(&text, "  %s:\n    %s\n", title, strings.ReplaceAll(content, "\n", "\n    "))
		}
	}
	fmt.Fprintf(&text, "  command: %q\n  environment: %s\n", t.out.command, names(t.env))
	block("standard output", t.out.stdout)
	block("standard error", t.out.stderr)
	for i, e := range t.saw.exchanges {
		block(fmt.Sprintf("request %d", i+1), strings.Join(e.head, "\n")+"\n\n"+string(e.body))
		block(fmt.Sprintf("answer %d", i+1), fmt.Sprintf("%d\n%s", e.status, e.answer))
	}
	block("the proxy had problems", strings.Join(t.saw.problems, "\n"))
	return text.String()
}
