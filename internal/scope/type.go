package scope

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
)

const (
	maxEnumValues          = 100
	maxPatternBytes        = 128
	maxPatternInstructions = 500
	// maxInstructions are those of all the patterns of a catalogue.
	maxInstructions = 5000
)

// Type says which values a parameter may have. The zero Type is slug.
type Type struct {
	// special is nil for a slug.
	special *special
}

// special holds what tells a type from slug.
type special struct {
	text string
	// values are those of an enum.
	values []string
	// pattern and program are those of a pattern, neither those of a uuid.
	pattern *regexp.Regexp
	program *program
}

// ParseType reads slug, uuid, enum:a|b|c or pattern:RE2. A pattern matches the
// whole value.
func ParseType(text string) (Type, error) {
	name, rest, more := strings.Cut(text, ":")
	switch {
	case text == "slug":
		return Type{}, nil
	case text == "uuid":
		return Type{&special{text: text}}, nil
	case name == "enum" && more:
		return parseEnum(text, rest)
	case name == "pattern" && more:
		return parsePattern(text, rest)
	}
	const known = "use slug, uuid, enum:a|b|c or pattern:[a-z]+"
	if !token(text) {
		return Type{}, refuseType("has an unknown type; %s", known)
	}
	return Type{}, refuseType("has the unknown type %s; %s", short(text), known)
}

func parseEnum(text, rest string) (Type, error) {
	if strings.Count(rest, "|") >= maxEnumValues {
		return Type{}, refuseType("has an enum of more than %d values; use a pattern", maxEnumValues)
	}
	values := strings.Split(rest, "|")
	for i, v := range values {
		at := stranger(v)
		switch {
		case at >= 0:
			return Type{}, refuseType("has an enum whose value %d has %s, which scopes may not hold", i+1, character(v, at))
		case !value(v):
			return Type{}, refuseType("has an enum whose value %d cannot be one; %s", i+1, whatValuesAre)
		case contains(values[:i], v):
			return Type{}, refuseType("has an enum that names %s twice", v)
		}
	}
	return Type{&special{text: text, values: values}}, nil
}

const whatValuesAre = "a value is 1 to 128 characters of printable ASCII without spaces, quotes, backslashes and any of / { } | =, and neither . nor .."

func parsePattern(text, pattern string) (Type, error) {
	if len(pattern) > maxPatternBytes {
		return Type{}, refuseType("has a pattern longer than %d bytes", maxPatternBytes)
	}
	for i := range len(pattern) {
		if pattern[i] <= ' ' || pattern[i] > '~' {
			return Type{}, refuseType("has a pattern with %s, which no value holds", character(pattern, i))
		}
	}
	p, err := newProgram(pattern)
	if err != nil {
		return Type{}, err
	}
	all, err := newProgram(anyValue)
	if err != nil {
		return Type{}, err
	}
	work := maxWork
	_, found := common(p, all, &work)
	if !found {
		return Type{}, refuseType("has a pattern that no value matches; %s", whatValuesAre)
	}
	whole, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
	if err != nil {
		return Type{}, notCompiled(err)
	}
	return Type{&special{text: text, pattern: whole, program: p}}, nil
}

func notCompiled(err error) error {
	var problem *syntax.Error
	if errors.As(err, &problem) {
		return refuseType("has a pattern that does not compile: %s", problem.Code)
	}
	return refuseType("has a pattern that does not compile")
}

// String returns the type as ParseType reads it.
func (t Type) String() string {
	if t.special == nil {
		return "slug"
	}
	return t.special.text
}

func (t Type) hasPattern() bool { return t.special != nil && t.special.program != nil }

// Matches reports whether the value is of the type. It does not allocate.
func (t Type) Matches(v string) bool {
	s := t.special
	switch {
	case s == nil:
		return slug(v)
	case s.pattern != nil:
		return value(v) && s.pattern.MatchString(v)
	case s.values != nil:
		return contains(s.values, v)
	}
	return uuid(v)
}

// expects completes the sentence "the value x of accountID …".
func (t Type) expects() string {
	s := t.special
	switch {
	case s == nil:
		return "is not 1 to 128 letters, digits and . _ ~ - (and neither . nor ..)"
	case s.pattern != nil:
		// A sentence has no room for quotes and backslashes.
		pattern := strings.TrimPrefix(s.text, "pattern:")
		if token(pattern) {
			return "does not match the pattern " + pattern
		}
		return "does not match its pattern"
	case s.values != nil:
		return "is not one of " + short(strings.Join(s.values, ", "))
	}
	return "is not a uuid"
}
