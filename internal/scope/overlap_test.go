package scope_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/scope"
)

func TestCatalogueRefusesDefinitionsThatCouldMeanTheSame(t *testing.T) {
	types := map[string]string{
		"u": "uuid", "e": "enum:card|bank", "f": "enum:bank|cash", "c": "enum:42|7a",
		"n": "pattern:[0-9]+", "a": "pattern:[a-z]+", "v": "pattern:v[0-9]+", "w": "pattern:[uv]0+",
		"odd": "pattern:(aa)*a", "even": "pattern:(aa)+", "third": "pattern:(aaa)+",
		"star": `pattern:[*]+`, "dots": "pattern:[.]{1,3}", "dot": "pattern:[.]{1,2}x?",
		"long": "pattern:[a-z]{127}.*", "longer": "pattern:[0-9a-z]{127}[0-9]",
		"seven": "pattern:(a{7})+", "eleven": "pattern:(a{11})+", "thirteen": "pattern:(a{13})+", "K": "pattern:(?i)k+", "k": "pattern:[A-Z]k+",
	}
	tests := []struct {
		name string
		a, b string
		// example is a string that both match; empty when there is none.
		example string
	}{
		{"equal", "/a.read", "/a.read", "/a.read"},
		{"a template and a scope it matches", "/a/{id}/read", "/a/b/read", "/a/b/read"},
		{"a scope and a template that matches it", "/a/b/read", "/a/{id}/read", "/a/b/read"},
		{"templates that differ in the parameter's name", "/a/{id}/read", "/a/{x}/read", "/a/a/read"},
		{"templates that cross", "/a/{id}/b/read", "/a/c/{x}/read", "/a/c/b/read"},
		{"another verb", "/a/{id}/x.read", "/a/{id}/x.write", ""},
		{"another length", "/a/{id}/x.read", "/a/{id}/y/x.read", ""},
		{"a segment no slug can be", "/a/{id}/read", "/a/*/read", ""},
		{"a segment that is no uuid", "/a/{u}/read", "/a/me/read", ""},
		{"a slug and a uuid", "/{id}", "/{u}", "/aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"},
		{"a slug and an enum", "/{id}", "/{e}", "/card"},
		{"two enums with a value in common", "/{e}", "/{f}", "/bank"},
		{"two enums without", "/{e}", "/{c}", ""},
		{"an enum and a pattern that has one of its values", "/{c}", "/{n}", "/42"},
		{"an enum and a pattern that has none", "/{e}", "/{n}", ""},
		{"an enum and uuids", "/{e}", "/{u}", ""},
		{"a pattern and uuids", "/{n}", "/{u}", ""},
		{"digits and letters", "/{n}", "/{a}", ""},
		{"letters and what begins with a letter", "/{v}", "/{a}", ""},
		{"two patterns that meet in one value", "/{v}", "/{w}", "/v0"},
		{"odd and even", "/{odd}", "/{even}", ""},
		{"even and by three", "/{even}", "/{third}", "/aaaaaa"},
		{"a pattern beyond slugs", "/{star}", "/{id}", ""},
		{"dots that are no way up", "/{dots}", "/{id}", "/..."},
		{"dots with something behind", "/{dot}", "/{id}", "/.x"},
		{"what has in common a way up only", "/{dots}", "/{dot}", ""},
		{"what has a value of 128 characters in common", "/{long}", "/{longer}", "/" + strings.Repeat("a", 127) + "0"},
		{"what has a value of 91 characters in common", "/{seven}", "/{thirteen}", "/" + strings.Repeat("a", 91)},
		{"what would need 143 characters", "/{eleven}", "/{thirteen}", ""},
		{"case that does not matter to one", "/{K}", "/{k}", "/Kk"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			both := used(types, tt.a, tt.b)
			_, err := scope.ParseCatalogue([]string{tt.a, tt.b}, both)
			switch {
			case tt.example == "":
				checkError(t, err, "")
			case tt.a == tt.b:
				checkError(t, err, "scope "+tt.b+" is there already")
			case len(tt.example) < 100:
				checkError(t, err, fmt.Sprintf("scope %s could mean the same as %s: %s is both", tt.b, tt.a, tt.example))
			default:
				checkError(t, err, "could mean the same as")
			}
			checkOverlap(t, types, tt.a, tt.b, tt.example)
			if tt.example != "" {
				_, inA, foundA := index(t, used(types, tt.a), tt.a).Find(tt.example)
				_, inB, foundB := index(t, used(types, tt.b), tt.b).Find(tt.example)
				if !foundA || !foundB || inA.Definition() != tt.a || inB.Definition() != tt.b {
					t.Errorf("%s is found in %s (%v) and %s (%v)", tt.example, tt.a, foundA, tt.b, foundB)
				}
			}
		})
	}
}

// used are the types that the definitions use: no others may be given.
func used(types map[string]string, definitions ...string) map[string]string {
	some := map[string]string{}
	for name, kind := range types {
		if strings.Contains(strings.Join(definitions, " "), "{"+name+"}") {
			some[name] = kind
		}
	}
	return some
}

func checkOverlap(t *testing.T, types map[string]string, a, b, example string) {
	t.Helper()
	one, two := catalogue(t, used(types, a), a), catalogue(t, used(types, b), b)
	for range 2 {
		clash, found := one.Overlap(two)
		want := scope.Clash{Mine: one.Definitions()[0], Theirs: two.Definitions()[0], Example: example}
		if found != (example != "") || found && clash != want {
			t.Errorf("%s overlaps %s: got %v %+v, want %+v", one.Definitions(), two.Definitions(), found, clash, want)
		}
		one, two = two, one
	}
}

// What would take too long to find out is refused.
func TestTheComparisonOfPatternsIsBounded(t *testing.T) {
	var definitions []string
	types := map[string]string{}
	for n := range 18 {
		name := fmt.Sprintf("p%d", n)
		types[name] = fmt.Sprintf("pattern:([ab]?[ab]?){40}[.]{%d}", n+1)
		definitions = append(definitions, "/{"+name+"}")
	}
	_, err := scope.ParseCatalogue(definitions, types)
	checkError(t, err, "and it takes too long to find out; use fewer and smaller patterns")
}

func TestTheComparisonOfPatternsWithWordsIsBounded(t *testing.T) {
	definitions := []string{"/{p0}/x", "/{p1}/x", "/{p2}/x"}
	types := map[string]string{}
	for n := range definitions {
		types[fmt.Sprintf("p%d", n)] = fmt.Sprintf("pattern:(a?[ab]?){80}%d", n)
	}
	for n := range 997 {
		definitions = append(definitions, fmt.Sprintf("/%sx%d/x", strings.Repeat("ab", 60), n))
	}
	_, err := scope.ParseCatalogue(definitions, types)
	checkError(t, err, "and it takes too long to find out; use fewer and smaller patterns")
}

// Each pair that is compared takes a megabyte here; when there is no work left,
// none is.
func TestNothingIsComparedWhenTooMuchWas(t *testing.T) {
	var definitions []string
	types := map[string]string{}
	const levels, kinds = 12, 8
	for n := range 1000 {
		definition := ""
		for level := range levels {
			kind := n >> (3 * (level % 4)) % kinds
			name := fmt.Sprintf("p%d_%d", level, kind)
			types[name] = fmt.Sprintf("pattern:([ab]?){%d}[ab]*c?", 100+kind)
			definition += "/{" + name + "}"
		}
		definitions = append(definitions, fmt.Sprintf("%s/x%d", definition, n))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := scope.ParseCatalogue(definitions, types)
	checkError(t, err, "and it takes too long to find out; use fewer and smaller patterns")
	runtime.ReadMemStats(&after)
	const most = 500 << 20
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("it took %d MiB, want %d at most", took>>20, most>>20)
	}
}

// Each type has values of the others, and only the last segment tells the
// definitions apart: each is held against all of them.
func TestTheIndexBoundsTheComparison(t *testing.T) {
	const apis, levels = 8, 9
	x := scope.NewIndex[int]()
	for api := range apis {
		var definitions []string
		types := map[string]string{}
		for level := range levels {
			types[fmt.Sprintf("p%d", level)] = fmt.Sprintf("pattern:[a-z]+|%d", api)
		}
		for n := range 500 {
			definition := ""
			for level := range levels {
				definition += fmt.Sprintf("/{%c%d}", "sp"[n>>level%2], level)
			}
			definitions = append(definitions, fmt.Sprintf("%s/x%d.%d", definition, api, n))
		}
		err := x.Add(catalogue(t, types, definitions...), api)
		switch api {
		case 0:
			checkError(t, err, "")
		case apis - 1:
			checkError(t, err, "and it takes too long to find out; use fewer and smaller patterns")
		}
	}
	last := fmt.Sprintf("%s/x%d.0", strings.Repeat("/a", levels), apis-1)
	_, _, found := x.Find(last)
	if found {
		t.Errorf("%s is of a catalogue that was refused", last)
	}
}

func TestLargeCataloguesAreComparedAlongTheirTree(t *testing.T) {
	x := scope.NewIndex[int]()
	for api := range 20 {
		var definitions []string
		for n := range 1000 {
			definitions = append(definitions, fmt.Sprintf("/accounts/{accountID}/api%d-thing%d.read", api, n))
		}
		err := x.Add(catalogue(t, map[string]string{"accountID": "uuid"}, definitions...), api)
		checkError(t, err, "")
	}
	err := x.Add(catalogue(t, nil, "/accounts/{id}/api7-thing7.read"), 20)
	checkError(t, err, "scope /accounts/{id}/api7-thing7.read could mean the same as /accounts/{accountID}/api7-thing7.read: /accounts/aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa/api7-thing7.read is both")
	owner, _, _ := x.Find("/accounts/aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa/api7-thing7.read")
	if owner != 7 {
		t.Errorf("got owner %d, want 7", owner)
	}
}
