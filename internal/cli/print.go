package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/grantd/grantd/internal/manifest"
)

// output remembers the first write that failed.
type output struct {
	to  io.Writer
	err error
}

// Write writes to the output.
func (o *output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("write the output: %w", err)
	}
	return n, err
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// printJSON writes v for scripts.
func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(v)
	if err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

// printFields writes names and values in two columns.
func printFields(w io.Writer, fields [][2]string) {
	rows := make([][]string, len(fields))
	for i, field := range fields {
		rows[i] = []string{"  " + field[0], field[1]}
	}
	printTable(w, rows)
}

// printTable writes rows in columns.
func printTable(w io.Writer, rows [][]string) {
	const gap = 2
	table := tabwriter.NewWriter(w, 0, 0, gap, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = clean(cell)
		}
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	// The output remembers a failed write.
	_ = table.Flush()
}

// printInstant writes a time to the millisecond, where one decides.
func printInstant(t time.Time) string { return t.Local().Format("2006-01-02T15:04:05.999Z07:00") }

// ago says roughly how long ago something was.
func ago(now, at time.Time) string {
	d := max(now.Sub(at), 0)
	unit := time.Second
	for _, larger := range []time.Duration{time.Minute, time.Hour, day} {
		if d >= larger {
			unit = larger
		}
	}
	if d < time.Second {
		return "just now"
	}
	return manifest.FormatDuration(d.Truncate(unit)) + " ago"
}

func printTime(t time.Time) string { return t.Local().Format(time.RFC3339) }

// printList joins and cuts a list to what fits into a column.
func printList[T ~string](list []T) string {
	const most = 60
	text := make([]string, len(list))
	for i, one := range list {
		text[i] = string(one)
	}
	joined := strings.Join(text, " ")
	if len(joined) <= most {
		return joined
	}
	return joined[:strings.LastIndexByte(" "+joined[:most], ' ')] + "…"
}

// join lists all of it.
func join[T ~string](list []T) string {
	var b strings.Builder
	for i, one := range list {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(one))
	}
	return b.String()
}
