package scope

import "strings"

// Index holds the catalogues of all APIs of one mode, compiled to one tree. It may
// be read from many goroutines once nothing is added any more.
type Index[V any] struct {
	tree     node
	owners   []V
	compared *comparison
}

// NewIndex makes an empty index.
func NewIndex[V any]() *Index[V] {
	return &Index[V]{compared: newComparison()}
}

// Add adds a catalogue, whose owner is v. It returns an *Error, and adds nothing,
// when one string could match a definition of it and one that is there.
func (x *Index[V]) Add(c *Catalogue, v V) error {
	x.compared.work, x.compared.visits = maxWork, maxVisits
	for i, d := range c.definitions {
		other, example := x.tree.overlap(d, x.compared)
		if other != nil {
			return inEntry(ambiguous(d, other.definition, example), i)
		}
	}
	for _, d := range c.definitions {
		x.tree.insert(d, len(x.owners))
	}
	x.owners = append(x.owners, v)
	return nil
}

// CheckGrant is [Catalogue.CheckGrant] for all catalogues at once.
func (x *Index[V]) CheckGrant(grant string) error {
	return x.tree.checkGrant(grant, "is in the catalogue of no API; name one that is, or create an API that has it")
}

// Match is what a concrete scope means: its definition, and the values of the
// parameters.
type Match struct {
	definition *definition
	scope      string
}

// Definition returns the definition that the scope belongs to.
func (m *Match) Definition() string { return m.definition.text }

// Value returns the value of a parameter; false when there is no such parameter.
func (m *Match) Value(parameter string) (string, bool) {
	rest := m.scope
	for _, s := range m.definition.segments {
		var part string
		part, rest, _ = cut(rest)
		if s.parameter && s.text == parameter {
			return part, true
		}
	}
	return "", false
}

// Find returns the owner of a concrete scope, and what the scope means. It does
// not allocate.
func (x *Index[V]) Find(scope string) (V, Match, bool) {
	found := x.find(scope)
	if found == nil {
		var none V
		return none, Match{}, false
	}
	return x.owners[found.owner], Match{found.definition, scope}, true
}

func (x *Index[V]) find(scope string) *leaf {
	// What is longer matches nothing, and is not even looked at.
	if len(scope) > maxRequestBytes {
		return nil
	}
	return x.tree.find(scope)
}

// Narrow appends the owner of each requested scope, in order, when all of them are
// granted, and otherwise returns an *Error for the first that is not. It never
// grants less than was asked: a client that gets another set than it asked for
// cannot tell why. It does not allocate when owners has room and nothing is
// refused.
func (x *Index[V]) Narrow(g *Grants, requested []string, owners []V) ([]V, error) {
	if len(requested) > maxRequestScopes {
		return nil, refuse("", "has more than %d entries; ask for fewer scopes", maxRequestScopes)
	}
	for _, one := range requested {
		found, grant := x.decide(g, one)
		if grant == "" {
			return nil, x.refusal(g, one, found)
		}
		owners = append(owners, x.owners[found.owner])
	}
	return owners, nil
}

// decide returns what a scope means, nil when nothing, and the grant that allows
// it, empty when none does. It is the only place that decides this.
func (x *Index[V]) decide(g *Grants, scope string) (*leaf, string) {
	found := x.find(scope)
	if found == nil {
		return nil, ""
	}
	return found, g.allowing(found.definition, scope)
}

// refusal says why decide did not allow a scope.
func (x *Index[V]) refusal(g *Grants, scope string, found *leaf) error {
	switch {
	case scope == "":
		return refuse("", "has an empty entry; separate scopes by exactly one space")
	case len(scope) > maxRequestBytes:
		return refuse("", "has an entry longer than %d bytes; scopes are short", maxRequestBytes)
	case !token(scope):
		return refuse("", "has %s of an entry, which scopes may not hold; use printable ASCII without spaces, quotes and backslashes", character(scope, stranger(scope)))
	case strings.ContainsAny(scope, "{}"):
		return refuse(scope, "is a template; ask for a concrete scope, with a value in place of each parameter")
	case found == nil:
		return refuse(scope, "%s", x.unknown(g, scope))
	}
	return refuse(scope, "is not granted to this key; %s", g.granted())
}

// unknown says why a scope means nothing.
func (x *Index[V]) unknown(g *Grants, scope string) string {
	// One with more segments than a definition has room for resembles none.
	if strings.Count(scope, "/") < maxDefinitionBytes {
		var segments []segment
		for part := range strings.SplitSeq(scope, "/") {
			segments = append(segments, segment{text: part})
		}
		meant := x.tree.binding(segments, true)
		if meant != nil {
			return "is invalid: " + meant.complaint(segments)
		}
	}
	return "is in the catalogue of no API; " + g.granted()
}

// Decision says whether a scope is granted, and why.
type Decision struct {
	Scope   string
	Granted bool
	// Definition is the one that the scope belongs to, and Grant the one that allows
	// it; empty when there is none.
	Definition, Grant string
	// Sentence is the reason, in words that may be shown to the owner of the key.
	Sentence string
}

// Explain says what Narrow decides about a scope, and why.
func (x *Index[V]) Explain(g *Grants, scope string) Decision {
	found, grant := x.decide(g, scope)
	d := Decision{Scope: scope, Granted: grant != "", Grant: grant}
	if found != nil {
		d.Definition = found.definition.text
	}
	if !d.Granted {
		d.Sentence = x.refusal(g, scope, found).Error()
		return d
	}
	d.Sentence = "scope " + short(scope) + " is granted by " + short(grant)
	return d
}
