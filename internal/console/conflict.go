package console

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/admin"
)

// formField is a field of a record, as a form has it.
type formField struct {
	// name is what the Admin API calls it, and label what the form does.
	name, label string
	// names says which fields of the form belong to it; nil for the one of its name.
	names func(string) bool
	// lines is what it comes to, a line each; nil for its text.
	lines func(url.Values) []string
}

func (f formField) has(name string) bool {
	return f.names != nil && f.names(name) || f.names == nil && name == f.name
}

func (f formField) read(typed url.Values) []string {
	if f.lines != nil {
		return f.lines(typed)
	}
	return strings.Split(strings.TrimSpace(strings.Join(typed[f.name], "\n")), "\n")
}

// keepField is the name of the choice about a field in a conflict.
const (
	keepField = "keep."
	theirs    = "theirs"
)

// conflict is the page after somebody else has changed what a form is about. It carries
// the form, so that nothing has to be typed twice.
type conflict struct {
	// What is the record; Again takes the decision, and Back begins with what is there.
	What, Again, Back string
	Version           string
	Fields            []field
	Rows              []conflictRow
}

// conflictRow is a field that is not what the form was made from any more.
type conflictRow struct {
	Name, Label  string
	Mine, Theirs []line
	// Untouched says that only the other one has changed it.
	Untouched bool
}

// line is a line of a value; Only says that the other side does not have it.
type line struct {
	Text string
	Only bool
}

// compare lays out the fields that others have changed since the form was made, and that
// the form would make something else.
func compare(mine, other url.Values, since *admin.ChangedSince, fields []formField) conflict {
	c := conflict{}
	for _, name := range slices.Sorted(maps.Keys(mine)) {
		if name == "version" || strings.HasPrefix(name, keepField) || name == confirmPassword || name == confirmCode {
			continue
		}
		for _, value := range mine[name] {
			c.Fields = append(c.Fields, field{name, value})
		}
	}
	for _, d := range since.Differences {
		i := slices.IndexFunc(fields, func(f formField) bool { return f.name == d.Field })
		if i < 0 || d.Agreed {
			continue
		}
		ours, now := fields[i].read(mine), fields[i].read(other)
		c.Rows = append(c.Rows, conflictRow{d.Field, fields[i].label, marked(ours, now), marked(now, ours), d.Untouched})
	}
	return c
}

func marked(lines, others []string) []line {
	all := make([]line, len(lines))
	for i, text := range lines {
		all[i] = line{text, !slices.Contains(others, text)}
	}
	return all
}

// seenVersion is the version that a form was made from. One that says none is of no version:
// nobody may write over what they have not seen.
func seenVersion(typed url.Values) string { return cmp.Or(typed.Get("version"), "none") }

// settled takes the fields of the other side into a form for which that was decided.
func settled(typed, other url.Values, fields []formField) url.Values {
	all := maps.Clone(typed)
	for _, f := range fields {
		if typed.Get(keepField+f.name) != theirs {
			continue
		}
		maps.DeleteFunc(all, func(name string, _ []string) bool { return f.has(name) })
		for name, values := range other {
			if f.has(name) {
				all[name] = values
			}
		}
	}
	return all
}
