package scope

import (
	"slices"
	"strings"
)

// concreteScopes collects the concrete scopes that grants name, until they are
// more than a request may ask for.
type concreteScopes struct {
	scopes  []string
	bytes   int
	tooMany bool
}

// list returns them, or nil when they are too many.
func (c *concreteScopes) list() []string {
	if c.tooMany {
		return nil
	}
	return slices.Clip(c.scopes)
}

// add writes out a grant, unless one of its parameters may have any value.
func (c *concreteScopes) add(text string, segments []segment) {
	open := func(s segment) bool { return s.parameter && s.values == nil }
	switch {
	case c.tooMany || slices.ContainsFunc(segments, open):
	case concrete(segments):
		c.put(text)
	default:
		c.write(nil, segments)
	}
}

func (c *concreteScopes) write(before []string, segments []segment) {
	if c.tooMany {
		return
	}
	if len(segments) == 0 {
		c.put(strings.Join(before, "/"))
		return
	}
	values := segments[0].values
	if values == nil {
		values = []string{segments[0].text}
	}
	for _, v := range values {
		c.write(append(before, v), segments[1:])
	}
}

func (c *concreteScopes) put(one string) {
	if contains(c.scopes, one) {
		return
	}
	c.scopes = append(c.scopes, one)
	c.bytes += len(one) + 1
	c.tooMany = len(c.scopes) > maxRequestScopes || c.bytes > maxRequestBytes+1
}
