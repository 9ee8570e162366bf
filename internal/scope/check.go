package scope

import "slices"

// checkGrant refuses a grant that binds no definition of the tree.
func (n *node) checkGrant(grant, missing string) error {
	segments, err := parseSegments(grant, "grant", maxGrantBytes)
	if err != nil {
		return err
	}
	if n.binding(segments, false) != nil {
		return nil
	}
	meant := n.binding(segments, true)
	if meant == nil {
		return refuse(grant, "%s", missing)
	}
	return refuse(grant, "is invalid: %s", meant.complaint(segments))
}

// binding looks for the definition whose parameters the segments of a grant bind,
// or a concrete scope gives values. With loose, values need not be of their type
// and names may be wrong: that is how a sentence finds out what was meant.
func (n *node) binding(grant []segment, loose bool) *definition {
	return n.bind(grant, grant, loose)
}

func (n *node) bind(rest, grant []segment, loose bool) *definition {
	if len(rest) == 0 {
		if n.leaf == nil || !loose && n.leaf.definition.complaint(grant) != "" {
			return nil
		}
		return n.leaf.definition
	}
	s := rest[0]
	var next []*node
	if !s.parameter {
		literal := n.literals.get(s.text)
		if literal != nil {
			next = append(next, literal)
		}
	}
	for _, e := range n.parameters {
		next = append(next, e.next)
	}
	if s.parameter && loose {
		for _, b := range n.literals.list {
			next = append(next, b.next)
		}
	}
	for _, one := range next {
		found := one.bind(rest[1:], grant, loose)
		if found != nil {
			return found
		}
	}
	return nil
}

// complaint says what is wrong with the segments of a grant, or of a concrete
// scope, that are as many as those of the definition; empty when nothing is.
func (d *definition) complaint(grant []segment) string {
	for i, want := range d.segments {
		s := grant[i]
		switch {
		case want.parameter && !s.parameter:
			if !want.kind.Matches(s.text) {
				return misfitting(want, s.text)
			}
		case want.parameter && s.text != want.text:
			return "it names a parameter " + s.text + ", which " + d.text + " lacks; the one in its place is " + want.text
		case want.parameter:
			at := slices.IndexFunc(s.values, func(v string) bool { return !want.kind.Matches(v) })
			if at >= 0 {
				return misfitting(want, s.values[at])
			}
		case s.parameter:
			return "it names a parameter " + s.text + ", which " + d.text + " lacks"
		}
	}
	return ""
}
