package main

import (
	"errors"
	"os"
	"strings"
)

// markdownTable renders rows, the first of them as the head, so that the columns
// line up for a reader of the source as well.
func markdownTable(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			b.WriteString("| " + cell + strings.Repeat(" ", widths[i]-len([]rune(cell))+1))
		}
		b.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				b.WriteString("|" + strings.Repeat("-", width+2))
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}

// part is a generated part of a document, which stands between two lines.
type part string

const (
	mainPart part = "generated part"
	keysPart part = "part about many keys"
)

func (p part) begin() string { return "<!-- bench: begin of the " + string(p) + " -->\n" }
func (p part) end() string   { return "<!-- bench: end of the " + string(p) + " -->\n" }

// replace puts a text in place of the part.
func (p part) replace(name, text string) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(old), p.begin())
	_, after, ends := strings.Cut(rest, p.end())
	if !begins || !ends {
		return errors.New(name + " has no " + string(p) + " to replace; it needs these two lines:\n" + p.begin() + p.end())
	}
	return os.WriteFile(name, []byte(before+p.begin()+"\n"+text+"\n"+p.end()+after), 0o644)
}
