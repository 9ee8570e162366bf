package scope

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Catalogue is the set of scopes an API defines. No two of its definitions can
// match one string, so a concrete scope has at most one meaning. It does not
// change after it was made.
type Catalogue struct {
	texts       []string
	definitions []*definition
	types       map[string]Type
	tree        node
}

// ParseCatalogue reads the definitions of one API, and the types of their
// parameters by name; a parameter without one is a slug.
func ParseCatalogue(definitions []string, types map[string]string) (*Catalogue, error) {
	if len(definitions) > maxDefinitions {
		return nil, refuse("", "has more than %d definitions; use templates such as /accounts/{accountID}/wallets.read, or more than one API", maxDefinitions)
	}
	kinds, err := parseTypes(types)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{texts: slices.Clone(definitions), types: kinds}
	compared := newComparison()
	for i, text := range definitions {
		err := c.add(text, compared)
		if err != nil {
			return nil, inEntry(err, i)
		}
	}
	err = c.checkNames()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// parseTypes goes by name, so that of several mistakes it is always the same one
// that is reported.
func parseTypes(types map[string]string) (map[string]Type, error) {
	if len(types) > maxDefinitions {
		return nil, refuseThing("the list of types", "has more than %d entries; leave out those of parameters that no scope has", maxDefinitions)
	}
	kinds := make(map[string]Type, len(types))
	patterns, instructions := map[string]bool{}, 0
	for _, name := range slices.Sorted(maps.Keys(types)) {
		err := checkName(name)
		if err != nil {
			return nil, err
		}
		kind, err := ParseType(types[name])
		if err != nil {
			return nil, ofParameter(err, name)
		}
		kinds[name] = kind
		if kind.hasPattern() && !patterns[kind.String()] {
			patterns[kind.String()] = true
			instructions += len(kind.special.program.steps)
		}
		// A scope that is asked for may be held against all of them.
		if instructions > maxInstructions {
			return nil, ofParameter(refuseType("has a pattern for which there is no room beside the others; use fewer or smaller ones"), name)
		}
	}
	return kinds, nil
}

func checkName(name string) error {
	at := stranger(name)
	switch {
	case at >= 0:
		return refuseThing("the name of a parameter", "has %s; use letters, digits and underscores", character(name, at))
	case !parameterName(name):
		return refuseThing("the name of a parameter", "is %s; use letters, digits and underscores", cmp.Or(short(name), "empty"))
	}
	return nil
}

// add adds a definition. The place of an *Error in the list is not known yet.
func (c *Catalogue) add(text string, compared *comparison) error {
	d, err := parseDefinition(text)
	if err != nil {
		return err
	}
	d.setTypes(c.types)
	other, example := c.tree.overlap(d, compared)
	if other != nil {
		return ambiguous(d, other.definition, example)
	}
	c.tree.insert(d, 0)
	c.definitions = append(c.definitions, d)
	return nil
}

// checkNames refuses a type that no definition uses: its name may be misspelled.
func (c *Catalogue) checkNames() error {
	var used []string
	for _, d := range c.definitions {
		used = append(used, d.parameters()...)
	}
	slices.Sort(used)
	used = slices.Compact(used)
	for _, name := range slices.Sorted(maps.Keys(c.types)) {
		_, found := slices.BinarySearch(used, name)
		if found {
			continue
		}
		reason := "has a type, and no scope has a parameter of that name"
		if len(used) > 0 {
			reason += fmt.Sprintf("; they have %s", short(strings.Join(used, ", ")))
		}
		return &Error{Reason: reason, Parameter: name}
	}
	return nil
}

// Definitions returns the definitions in order. The slice is shared; do not
// change it.
func (c *Catalogue) Definitions() []string { return c.texts }

// CheckGrant returns an *Error when a key cannot be granted this. A grant is a
// definition of the catalogue with its parameters left open, bound to a value, or
// bound to a set of values.
func (c *Catalogue) CheckGrant(grant string) error {
	return c.tree.checkGrant(grant, "is not in the catalogue of the API; name one that is")
}
