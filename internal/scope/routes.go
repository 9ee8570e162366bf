package scope

import (
	"errors"
	"slices"
	"strings"
)

const (
	maxRoutes      = 1000
	maxMethodBytes = 32
)

// Route is one kind of request to an API.
type Route struct {
	// Method is the HTTP method, in capital letters.
	Method string
	// Path is the path of the URL, with parameters like those of scopes.
	Path string
	// Scopes are the definitions that are needed, all of them. Their parameters are
	// bound to those of the path with the same name.
	Scopes []string
}

// Routes says which scopes the requests to an API need. It does not change after
// it was made.
type Routes struct {
	routes []route
	// byMethod holds the paths; the owner of one is its place in routes.
	byMethod map[string]*node
}

type route struct {
	text  string
	needs []*definition
}

// ParseRoutes reads the routes of an API with this catalogue. A parameter of a
// path has the type that the catalogue gives it.
func ParseRoutes(routes []Route, c *Catalogue) (*Routes, error) {
	if len(routes) > maxRoutes {
		return nil, refuseThing("the list of routes", "has more than %d entries; leave out those that need no scope", maxRoutes)
	}
	r := &Routes{byMethod: map[string]*node{}}
	known := make(map[string]*definition, len(c.definitions))
	for _, d := range c.definitions {
		known[d.text] = d
	}
	for i, one := range routes {
		err := r.add(one, c.types, known)
		if err != nil {
			return nil, inEntry(err, i)
		}
	}
	return r, nil
}

func (r *Routes) add(one Route, types map[string]Type, known map[string]*definition) error {
	notCapital := func(c rune) bool { return (c < 'A' || c > 'Z') && c != '-' }
	if one.Method == "" || len(one.Method) > maxMethodBytes || strings.ContainsFunc(one.Method, notCapital) {
		return refuseThing("a route", "has a method that is none; write it like GET")
	}
	path, err := parsePath(one.Path, types)
	if err != nil {
		return err
	}
	needs, err := neededBy(one, path, known)
	if err != nil {
		return err
	}
	tree := r.byMethod[one.Method]
	if tree == nil {
		tree = new(node)
		r.byMethod[one.Method] = tree
	}
	other := tree.insert(path, len(r.routes))
	if other != nil {
		return refuseThing("route "+one.Method+" "+one.Path, "is the same as %s %s; keep one of the two", one.Method, other.text)
	}
	r.routes = append(r.routes, route{one.Method + " " + one.Path, needs})
	return nil
}

func parsePath(text string, types map[string]Type) (*definition, error) {
	if !strings.HasPrefix(text, "/") {
		return nil, refuseThing("a route", "has a path that does not begin with a slash; write it like /accounts/{accountID}/wallets")
	}
	segments, err := parseSegments(text, "path of a route", maxDefinitionBytes)
	if err != nil {
		return nil, ofPath(err)
	}
	for _, s := range segments {
		if s.values != nil {
			return nil, refuseThing("the path of a route", "binds the parameter %s; write {%s}", s.text, s.text)
		}
	}
	d := &definition{text, segments}
	d.setTypes(types)
	return d, nil
}

// ofPath makes an *Error about a scope one about a path, which is read alike.
func ofPath(err error) error {
	var problem *Error
	if !errors.As(err, &problem) || problem.Scope == "" {
		return err
	}
	return refuseThing("path "+short(problem.Scope), "%s", problem.Reason)
}

// neededBy returns the definitions that a route needs, all of whose parameters
// its path has.
func neededBy(one Route, path *definition, known map[string]*definition) ([]*definition, error) {
	if len(one.Scopes) > maxRequestScopes {
		return nil, refuseThing("route "+one.Method+" "+one.Path, "needs more than %d scopes, and no token has as many", maxRequestScopes)
	}
	bound := path.parameters()
	needs := make([]*definition, 0, len(one.Scopes))
	for _, text := range one.Scopes {
		d := known[text]
		if d == nil {
			_, err := parseDefinition(text)
			if err != nil {
				return nil, err
			}
			return nil, refuse(text, "is needed by route %s %s and not in the catalogue of the API; write it as it stands there", one.Method, one.Path)
		}
		for _, name := range d.parameters() {
			if !slices.Contains(bound, name) {
				return nil, refuse(text, "has the parameter %s, which the path of route %s %s lacks", name, one.Method, one.Path)
			}
		}
		needs = append(needs, d)
	}
	return needs, nil
}

// Find returns the concrete scopes that a request needs and the route it takes.
// The path is the one of the request line, without the query; one with a
// percent-encoded value takes no route. What is spelled out wins over a parameter,
// an earlier route over a later one, and HEAD is GET where it has no route. A nil
// Routes has none.
func (r *Routes) Find(method, path string) (needs []string, route string, found bool) {
	at := r.find(method, path)
	if at == nil && method == "HEAD" {
		at = r.find("GET", path)
	}
	if at == nil {
		return nil, "", false
	}
	taken := r.routes[at.owner]
	values := Match{at.definition, path}
	for _, d := range taken.needs {
		needs = append(needs, d.with(values))
	}
	return needs, taken.text, true
}

func (r *Routes) find(method, path string) *leaf {
	if r == nil || r.byMethod[method] == nil || len(path) > maxRequestBytes {
		return nil
	}
	found := r.byMethod[method].find(path)
	// What is spelled out is the same in both, so the path has more of them only when
	// a value has one.
	if found != nil && strings.Count(path, "%") > strings.Count(found.definition.text, "%") {
		return nil
	}
	return found
}

// with returns the concrete scope with the values of a match.
func (d *definition) with(values Match) string {
	parts := make([]string, len(d.segments))
	for i, s := range d.segments {
		parts[i] = s.text
		if s.parameter {
			parts[i], _ = values.Value(s.text)
		}
	}
	return strings.Join(parts, "/")
}
