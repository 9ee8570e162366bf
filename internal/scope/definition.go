package scope

import (
	"slices"
	"strings"
)

// definition is one entry of a catalogue: a plain scope, or a template such as
// /accounts/{accountID}/wallets.read whose parameters each stand for one path
// segment.
type definition struct {
	text     string
	segments []segment
}

// segment is what stands between two slashes of a definition or of a grant.
type segment struct {
	// text is the segment itself, or the name of the parameter that it is.
	text      string
	parameter bool
	// kind is the type of a definition's parameter.
	kind Type
	// values are those a grant binds its parameter to, in ascending order; nil
	// leaves it open.
	values []string
}

// parseDefinition reads one entry of a catalogue; its parameters are slugs for now.
func parseDefinition(text string) (*definition, error) {
	segments, err := parseSegments(text, "definition", maxDefinitionBytes)
	if err != nil {
		return nil, err
	}
	for _, s := range segments {
		if s.values != nil {
			return nil, refuse(text, "binds the parameter %s, which only a grant does; write {%s}", s.text, s.text)
		}
	}
	return &definition{text: text, segments: segments}, nil
}

// parseSegments reads a definition or a grant.
func parseSegments(text, what string, most int) ([]segment, error) {
	if text == "" {
		return nil, refuseThing("the "+what, "is empty")
	}
	if len(text) > most {
		return nil, refuseThing("the "+what, "is longer than %d bytes; scopes are short", most)
	}
	at := stranger(text)
	if at >= 0 {
		return nil, refuseThing("the "+what, "has %s, which scopes may not hold; use printable ASCII without spaces, quotes and backslashes", character(text, at))
	}
	segments := make([]segment, 0, strings.Count(text, "/")+1)
	var names []string
	for part := range strings.SplitSeq(text, "/") {
		s, err := parseSegment(text, part)
		if err != nil {
			return nil, err
		}
		segments = append(segments, s)
		if !s.parameter {
			continue
		}
		if contains(names, s.text) {
			return nil, refuse(text, "names the parameter %s twice; give each its own name", s.text)
		}
		names = append(names, s.text)
		if len(names) > maxParameters {
			return nil, refuse(text, "has more than %d parameters", maxParameters)
		}
	}
	return segments, nil
}

func parseSegment(text, part string) (segment, error) {
	if part == "." || part == ".." {
		return segment{}, refuse(text, "has the segment %s, which path cleaning takes for something else; leave it out", part)
	}
	if !strings.ContainsAny(part, "{}") {
		return segment{text: part}, nil
	}
	inner, opened := strings.CutPrefix(part, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	name, list, binds := strings.Cut(inner, "=")
	if !opened || !closed || !parameterName(name) || strings.ContainsAny(list, "{}") {
		return segment{}, refuse(text, "has a parameter that is not a whole path segment; write it like /accounts/{accountID}/wallets.read, the name in letters and digits")
	}
	if !binds {
		return segment{text: name, parameter: true}, nil
	}
	values := strings.Split(list, "|")
	slices.Sort(values)
	for i, v := range values {
		if !value(v) {
			return segment{}, refuse(text, "binds the parameter %s to something that is no value; %s", name, whatValuesAre)
		}
		if i > 0 && values[i-1] == v {
			return segment{}, refuse(text, "binds the parameter %s to %s twice", name, v)
		}
	}
	return segment{text: name, parameter: true, values: values}, nil
}

// parameterName reports whether s is made of letters, digits and underscores.
func parameterName(s string) bool {
	return slug(s) && !strings.ContainsAny(s, "~.-")
}

// concrete reports whether no segment is a parameter.
func concrete(segments []segment) bool {
	return !slices.ContainsFunc(segments, func(s segment) bool { return s.parameter })
}

// setTypes gives the parameters their types by name.
func (d *definition) setTypes(types map[string]Type) {
	for i, s := range d.segments {
		if s.parameter {
			d.segments[i].kind = types[s.text]
		}
	}
}

// parameters returns the names of the definition's parameters, in order.
func (d *definition) parameters() []string {
	var names []string
	for _, s := range d.segments {
		if s.parameter {
			names = append(names, s.text)
		}
	}
	return names
}

func misfitting(s segment, v string) string {
	if v == "" {
		return "the value of " + s.text + " is empty"
	}
	return "the value " + short(v) + " of " + s.text + " " + s.kind.expects()
}
