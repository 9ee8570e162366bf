package scope

import "strings"

// Grants is what a key was granted, compiled once: concrete scopes and
// templates that grant every value. It does not change after it was made.
type Grants struct {
	text      string
	concrete  []string
	templates []Definition
}

// CompileGrants reads the grants of a key. What cannot be read grants nothing,
// so that a damaged record narrows a key and never widens it.
func CompileGrants(grants []string) *Grants {
	g := &Grants{text: strings.Join(grants, " ")}
	for _, one := range grants {
		d, err := ParseDefinition(one)
		switch {
		case err != nil:
		case d.Concrete():
			g.concrete = append(g.concrete, one)
		default:
			g.templates = append(g.templates, d)
		}
	}
	return g
}

// String lists the grants, space-delimited and in order.
func (g *Grants) String() string { return g.text }

// Summary lists the grants as far as one sentence has room for them.
func (g *Grants) Summary() string {
	const most = 400
	if len(g.text) <= most {
		return g.text
	}
	cut := strings.LastIndexByte(g.text[:most], ' ')
	return g.text[:max(cut, 0)] + " and more"
}

// Default returns what a request without a scope parameter asks for: all
// concrete scopes of the key, in order. There is none when they are more than a
// request may ask for. The slice is shared; do not change it.
func (g *Grants) Default() []string {
	if len(g.concrete) > maxRequestScopes || len(g.text) > maxRequestBytes {
		return nil
	}
	return g.concrete
}

// Allows reports whether the concrete scope was granted.
func (g *Grants) Allows(scope string) bool {
	if contains(g.concrete, scope) {
		return true
	}
	for _, t := range g.templates {
		if t.Matches(scope) {
			return true
		}
	}
	return false
}

// Narrow returns nil when everything asked for was granted, and otherwise an
// *Error for the first scope that was not. It never grants less than was asked:
// a client that gets another set than it asked for cannot tell why.
func (g *Grants) Narrow(requested []string) error {
	for _, one := range requested {
		if g.Allows(one) {
			continue
		}
		if strings.ContainsAny(one, "{}") {
			return refuse(one, "is a template; ask for a concrete scope, with a value in place of each parameter")
		}
		if g.text == "" {
			return refuse(one, "is not granted to this key; nothing is granted to it")
		}
		return refuse(one, "is not granted to this key; granted: %s", g.Summary())
	}
	return nil
}
