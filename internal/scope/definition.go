package scope

import "strings"

// Definition is one entry of a catalogue: a plain scope, or a template such as
// /accounts/{accountID}/wallets.read whose parameters each stand for one path
// segment of letters, digits and ._~- (but never "." or "..").
type Definition struct {
	text string
	// segments is nil for a plain scope.
	segments []segment
}

type segment struct {
	literal   string
	parameter bool
}

func (s segment) matches(text string) bool {
	if s.parameter {
		return slug(text)
	}
	return s.literal == text
}

func (s segment) overlaps(other segment) bool {
	if s.parameter {
		return other.parameter || slug(other.literal)
	}
	return other.matches(s.literal)
}

// ParseDefinition reads one entry of a catalogue.
func ParseDefinition(text string) (Definition, error) {
	if !token(text) {
		return Definition{}, refuse("", "has an entry that is empty or holds a character scopes may not hold; use printable ASCII without spaces, quotes and backslashes")
	}
	if len(text) > maxScopeBytes {
		return Definition{}, refuse("", "has an entry longer than %d bytes", maxScopeBytes)
	}
	if !strings.ContainsAny(text, "{}") {
		return Definition{text: text}, nil
	}
	var names []string
	var segments []segment
	for part := range strings.SplitSeq(text, "/") {
		if !strings.ContainsAny(part, "{}") {
			segments = append(segments, segment{literal: part})
			continue
		}
		name, ok := parameter(part)
		if !ok {
			return Definition{}, refuse(text, "has a parameter that is not a whole path segment; write it like /accounts/{accountID}/wallets.read")
		}
		if contains(names, name) {
			return Definition{}, refuse(text, "names the parameter %s twice; give each its own name", name)
		}
		names = append(names, name)
		segments = append(segments, segment{parameter: true})
	}
	return Definition{text: text, segments: segments}, nil
}

func parameter(part string) (string, bool) {
	name, opened := strings.CutPrefix(part, "{")
	name, closed := strings.CutSuffix(name, "}")
	ok := opened && closed && slug(name) && !strings.ContainsAny(name, "~.-")
	return name, ok
}

// String returns the definition as it was written.
func (d Definition) String() string { return d.text }

// Concrete reports whether the definition has no parameters, so that it can be
// asked for as it stands.
func (d Definition) Concrete() bool { return d.segments == nil }

// Matches reports whether a concrete scope is what the definition means.
func (d Definition) Matches(scope string) bool {
	if d.Concrete() {
		return scope == d.text
	}
	rest, more := scope, true
	for _, want := range d.segments {
		if !more {
			return false
		}
		var part string
		part, rest, more = strings.Cut(rest, "/")
		if !want.matches(part) {
			return false
		}
	}
	return !more
}

// overlaps reports whether one concrete scope could match both definitions.
func (d Definition) overlaps(other Definition) bool {
	if d.Concrete() {
		return other.Matches(d.text)
	}
	if other.Concrete() {
		return d.Matches(other.text)
	}
	if len(d.segments) != len(other.segments) {
		return false
	}
	for i, mine := range d.segments {
		if !mine.overlaps(other.segments[i]) {
			return false
		}
	}
	return true
}
