package scope

import (
	"slices"
	"strings"
)

// Grants is what a key was granted, compiled once. It does not change after it was
// made.
type Grants struct {
	text string
	// exact are the grants that bind nothing, or have nothing to bind: equal to what
	// they grant or to its definition. Many of them are in the set, too.
	exact []string
	set   map[string]struct{}
	// bound holds all grants with parameters; nil when there are none.
	bound *bound
	// concrete is what a request without a scope asks for.
	concrete []string
}

// CompileGrants reads the grants of a key. What cannot be read grants nothing,
// so that a damaged record narrows a key and never widens it.
func CompileGrants(grants []string) *Grants {
	const few = 8
	g := &Grants{text: strings.Join(grants, " ")}
	at := 0
	var named concreteScopes
	for _, grant := range grants {
		// The pieces of the one text are kept, not the strings that came in.
		one := g.text[at : at+len(grant)]
		at += len(grant) + 1
		segments, err := parseSegments(one, "grant", maxGrantBytes)
		if err == nil {
			g.add(one, segments)
			named.add(one, segments)
		}
	}
	if len(g.exact) > few {
		g.set = make(map[string]struct{}, len(g.exact))
		for _, one := range g.exact {
			g.set[one] = struct{}{}
		}
	}
	g.concrete = named.list()
	if slices.Equal(g.concrete, g.exact) {
		g.concrete = g.exact
	}
	return g
}

func (g *Grants) add(text string, segments []segment) {
	binds := slices.ContainsFunc(segments, func(s segment) bool { return s.values != nil })
	if !binds {
		g.exact = append(g.exact, text)
	}
	if concrete(segments) {
		return
	}
	// One that binds nothing by a name may still have values in place of some of the
	// parameters; only a definition tells.
	if g.bound == nil {
		g.bound = new(bound)
	}
	g.bound.insert(segments, text)
}

// String lists the grants, space-delimited and in order.
func (g *Grants) String() string { return g.text }

// Summary lists the grants as far as one sentence has room for them; those that
// grant nothing are left out.
func (g *Grants) Summary() string {
	const most = 400
	var b strings.Builder
	for one := range strings.SplitSeq(g.text, " ") {
		_, err := parseSegments(one, "grant", maxGrantBytes)
		switch {
		case err != nil:
			continue
		case b.Len() == 0 && len(one) > most:
			return one[:most] + "... and more"
		case b.Len()+len(" ")+len(one) > most:
			return b.String() + " and more"
		case b.Len() > 0:
			b.WriteByte(' ')
		}
		b.WriteString(one)
	}
	return b.String()
}

// granted is the end of a sentence that refuses a scope.
func (g *Grants) granted() string {
	summary := g.Summary()
	if summary == "" {
		return "nothing is granted to it"
	}
	return "granted: " + summary
}

// Default returns what a request without a scope parameter asks for: all concrete
// scopes that the grants name, in order and each once, those of sets written out.
// There is none when they are more than a request may ask for. The slice is
// shared; do not change it.
func (g *Grants) Default() []string { return g.concrete }

// allowing returns the grant that allows a concrete scope of the definition, empty
// when none does. It does not allocate.
func (g *Grants) allowing(d *definition, scope string) string {
	if g.names(d.text) {
		return d.text
	}
	if g.names(scope) {
		return scope
	}
	if g.bound == nil {
		return ""
	}
	return g.bound.find(scope, d.segments)
}

func (g *Grants) names(text string) bool {
	if g.set != nil {
		_, found := g.set[text]
		return found
	}
	return contains(g.exact, text)
}
