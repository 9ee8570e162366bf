package scope

import (
	"cmp"
	"slices"
	"strings"
)

// Clash is a pair of definitions of which one string is both. There is no example
// when it takes too long to find one.
type Clash struct{ Mine, Theirs, Example string }

// Overlap returns a definition of each catalogue that could match one string. When
// it takes too long to find out, any two are taken for such a pair.
func (c *Catalogue) Overlap(other *Catalogue) (Clash, bool) {
	compared := newComparison()
	for _, mine := range c.definitions {
		theirs, example := other.tree.overlap(mine, compared)
		if theirs != nil {
			return Clash{mine.text, theirs.definition.text, example}, true
		}
	}
	return Clash{}, false
}

// ambiguous refuses a definition for another one that the example matches, too.
func ambiguous(d, other *definition, example string) error {
	switch {
	case d.text == other.text:
		return refuse(d.text, "is there already; keep one of the two")
	case example == "":
		return refuse(d.text, "could mean the same as %s, and it takes too long to find out; use fewer and smaller patterns", other.text)
	}
	return refuse(d.text, "could mean the same as %s: %s is both; rename one of the two", other.text, short(example))
}

// unknown stands in an example for the value of two patterns that were too much
// work to compare; no value is equal to it.
const unknown = "/"

// clash returns a definition that one string could match as well as the segments,
// and the segments of such a string. When too much was compared, any definition is
// taken for one.
func (n *node) clash(segments []segment, c *comparison) (*leaf, []string) {
	c.visits--
	if c.visits < 0 {
		return n.some(), []string{unknown}
	}
	if len(segments) == 0 {
		return n.leaf, nil
	}
	s := segments[0]
	for _, b := range n.candidates(s) {
		example, overlap := b.text, true
		if s.parameter {
			example, overlap = c.matching(s.kind, b.text)
			example = cmp.Or(example, unknown)
		}
		if !overlap {
			continue
		}
		found, parts := b.next.clash(segments[1:], c)
		if found != nil {
			return found, append(parts, example)
		}
	}
	for _, e := range n.parameters {
		example, overlap := "", false
		if s.parameter {
			example, overlap = c.common(s.kind, e.kind)
		} else {
			example, overlap = c.matching(e.kind, s.text)
		}
		if !overlap {
			continue
		}
		found, parts := e.next.clash(segments[1:], c)
		if found != nil {
			return found, append(parts, cmp.Or(example, unknown))
		}
	}
	return nil, nil
}

// some returns a definition at this place or behind it.
func (n *node) some() *leaf {
	for n.leaf == nil {
		if len(n.parameters) > 0 {
			n = n.parameters[0].next
			continue
		}
		if len(n.literals.list) == 0 {
			return nil
		}
		n = n.literals.list[0].next
	}
	return n.leaf
}

// candidates are the spelled-out branches that a segment could be.
func (n *node) candidates(s segment) []branch[node] {
	if s.parameter {
		return n.literals.list
	}
	next := n.literals.get(s.text)
	if next == nil {
		return nil
	}
	return []branch[node]{{s.text, next}}
}

// overlap returns a definition that one string could match as well as d, and such
// a string; an empty one when that was too much work to find out.
func (n *node) overlap(d *definition, c *comparison) (*leaf, string) {
	found, parts := n.clash(d.segments, c)
	if found == nil || contains(parts, unknown) {
		return found, ""
	}
	slices.Reverse(parts)
	return found, strings.Join(parts, "/")
}
