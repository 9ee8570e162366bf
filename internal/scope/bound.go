package scope

import "slices"

// bound is a tree of grants with parameters, as far as they can be read without
// their definitions: which segment is spelled out, and which parameter may have
// which values.
type bound struct {
	literals   branches[bound]
	parameters []boundEdge
	// grant is the text of the grant that ends here, if any.
	grant string
}

type boundEdge struct {
	name string
	// values are in ascending order; nil allows all.
	values []string
	next   *bound
}

func (b *bound) insert(segments []segment, grant string) {
	at := b
	for _, s := range segments {
		if s.parameter {
			at = at.parameter(s)
			continue
		}
		at = at.literals.grow(s.text)
	}
	at.grant = grant
}

func (b *bound) parameter(s segment) *bound {
	for _, have := range b.parameters {
		if have.name == s.text && slices.Equal(have.values, s.values) {
			return have.next
		}
	}
	next := new(bound)
	b.parameters = append(b.parameters, boundEdge{s.text, s.values, next})
	return next
}

// find returns the grant that allows a concrete scope, whose definition has the
// segments; empty when none does. It visits no node twice.
func (b *bound) find(scope string, definition []segment) string {
	part, rest, more := cut(scope)
	// The scope matches its definition, so what is spelled out here is either the
	// definition's own word or a value of its parameter.
	next := b.literals.get(part)
	if next != nil {
		grant := next.end(rest, more, definition)
		if grant != "" {
			return grant
		}
	}
	if !definition[0].parameter {
		return ""
	}
	for i := range b.parameters {
		p := &b.parameters[i]
		if p.name != definition[0].text || !p.allows(part) {
			continue
		}
		grant := p.next.end(rest, more, definition)
		if grant != "" {
			return grant
		}
	}
	return ""
}

func (b *bound) end(rest string, more bool, definition []segment) string {
	if !more {
		return b.grant
	}
	return b.find(rest, definition[1:])
}

func (p *boundEdge) allows(v string) bool {
	if p.values == nil {
		return true
	}
	_, found := slices.BinarySearch(p.values, v)
	return found
}
