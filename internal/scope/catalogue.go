package scope

// Catalogue is the set of scopes an API defines. No two of its definitions can
// match one string, so a concrete scope has at most one meaning.
type Catalogue struct {
	concrete  map[string]Definition
	templates []Definition
}

// ParseCatalogue reads the definitions of one API.
func ParseCatalogue(definitions []string) (*Catalogue, error) {
	c := &Catalogue{concrete: make(map[string]Definition, len(definitions))}
	for _, text := range definitions {
		d, err := ParseDefinition(text)
		if err != nil {
			return nil, err
		}
		other, found := c.clash(d)
		if found {
			return nil, refuse(d.text, "could mean the same as %s in this catalogue; keep one of them", other.text)
		}
		if d.Concrete() {
			c.concrete[d.text] = d
			continue
		}
		c.templates = append(c.templates, d)
	}
	return c, nil
}

// clash returns a definition of the catalogue that could match what d matches.
func (c *Catalogue) clash(d Definition) (Definition, bool) {
	if d.Concrete() {
		return c.Find(d.text)
	}
	for _, t := range c.templates {
		if t.overlaps(d) {
			return t, true
		}
	}
	for _, plain := range c.concrete {
		if plain.overlaps(d) {
			return plain, true
		}
	}
	return Definition{}, false
}

// Find returns the definition that a concrete scope belongs to.
func (c *Catalogue) Find(scope string) (Definition, bool) {
	d, found := c.concrete[scope]
	if found {
		return d, true
	}
	for _, t := range c.templates {
		if t.Matches(scope) {
			return t, true
		}
	}
	return Definition{}, false
}

// Overlap returns a definition of each catalogue that could match one string.
func (c *Catalogue) Overlap(other *Catalogue) (string, string, bool) {
	for _, list := range [][]Definition{c.templates, c.plain()} {
		for _, mine := range list {
			theirs, found := other.clash(mine)
			if found {
				return mine.text, theirs.text, true
			}
		}
	}
	return "", "", false
}

func (c *Catalogue) plain() []Definition {
	list := make([]Definition, 0, len(c.concrete))
	for _, d := range c.concrete {
		list = append(list, d)
	}
	return list
}

// CheckGrant reports why a key cannot be granted this: a grant is a definition
// of the catalogue as it stands (a template then grants every value), or a
// concrete scope that a template matches.
func (c *Catalogue) CheckGrant(grant string) error {
	d, err := ParseDefinition(grant)
	if err != nil {
		return err
	}
	for _, t := range c.templates {
		if t.text == d.text {
			return nil
		}
	}
	_, found := c.Find(grant)
	if d.Concrete() && found {
		return nil
	}
	return refuse(grant, "is not in the catalogue of the API; name one that is")
}
