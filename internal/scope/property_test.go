package scope_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/scope"
)

// types are those of the parameters that the drawn definitions have. Many overlap.
var types = map[string]string{
	"s": "slug", "z": "slug", "u": "uuid", "e": "enum:a|b|9", "n": "pattern:[0-9]+",
	"v": "pattern:[ab]{1,2}", "d": "pattern:[.a]+", "h": "pattern:[0-9a-f-]{36}",
}

// drawValue draws a value of the parameter's type; for some, one of no type now and
// then.
func drawValue(t *rapid.T, name string) string {
	switch name {
	case "s", "z":
		return rapid.SampledFrom([]string{"a", "b", "9", "ab", "a.b", "a-1", "...", "c"}).Draw(t, "slug")
	case "u", "h":
		return rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(t, "uuid")
	case "e":
		return rapid.SampledFrom([]string{"a", "b", "9"}).Draw(t, "enum")
	}
	pattern := strings.TrimPrefix(types[name], "pattern:")
	return rapid.StringMatching(pattern).Filter(func(s string) bool {
		return len(s) <= 128 && s != "." && s != ".."
	}).Draw(t, "pattern")
}

// drawDefinition draws from few segments, so that equal and overlapping ones are
// common.
func drawDefinition(t *rapid.T) string {
	words := []string{"a", "b", "9", "a.b", "{s}", "{z}", "{u}", "{e}", "{n}", "{v}", "{d}", "{h}"}
	parts := rapid.SliceOfNDistinct(rapid.SampledFrom(words), 1, 3, rapid.ID[string]).Draw(t, "segments")
	return "/" + strings.Join(parts, "/")
}

// drawIndex draws a catalogue that is accepted, as an index.
func drawIndex(t *rapid.T) (*scope.Index[string], []string) {
	var definitions []string
	for _, d := range rapid.SliceOfN(rapid.Custom(drawDefinition), 1, 6).Draw(t, "definitions") {
		more := append(slices.Clone(definitions), d)
		_, err := scope.ParseCatalogue(more, used(types, more...))
		if err == nil {
			definitions = more
		}
	}
	c, err := scope.ParseCatalogue(definitions, used(types, definitions...))
	if err != nil {
		t.Fatal(err)
	}
	x := scope.NewIndex[string]()
	err = x.Add(c, "owner")
	if err != nil {
		t.Fatal(err)
	}
	return x, definitions
}

// drawScope draws a concrete scope of a definition.
func drawScope(t *rapid.T, definition string) string {
	parts := strings.Split(definition, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = drawValue(t, strings.Trim(part, "{}"))
		}
	}
	return strings.Join(parts, "/")
}

// drawGrant draws a grant of a definition: each parameter open, one value or a set.
func drawGrant(t *rapid.T, definition string) string {
	parts := strings.Split(definition, "/")
	for i, part := range parts {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		name := strings.Trim(part, "{}")
		switch rapid.SampledFrom([]string{"any", "one", "set"}).Draw(t, "binding") {
		case "one":
			parts[i] = drawValue(t, name)
		case "set":
			set := []string{drawValue(t, name), drawValue(t, name), drawValue(t, name)}
			slices.Sort(set)
			parts[i] = "{" + name + "=" + strings.Join(slices.Compact(set), "|") + "}"
		}
	}
	return strings.Join(parts, "/")
}

// drawRequest draws scopes that mean something, and some that do not.
func drawRequest(t *rapid.T, definitions []string) []string {
	var list []string
	for range rapid.IntRange(1, 4).Draw(t, "requested") {
		d := rapid.SampledFrom(append(slices.Clone(definitions), drawDefinition(t))).Draw(t, "requested definition")
		if rapid.IntRange(0, 9).Draw(t, "as it stands") > 0 {
			d = drawScope(t, d)
		}
		list = append(list, d)
	}
	return list
}

func drawGrants(t *rapid.T, definitions []string) []string {
	var list []string
	for range rapid.IntRange(0, 4).Draw(t, "grants") {
		list = append(list, drawGrant(t, rapid.SampledFrom(definitions).Draw(t, "granted definition")))
	}
	return list
}

// means says in the plainest way whether a concrete scope is of a definition.
func means(t *rapid.T, definition, one string) bool {
	want, parts := strings.Split(definition, "/"), strings.Split(one, "/")
	if len(want) != len(parts) {
		return false
	}
	for i, part := range parts {
		if !strings.HasPrefix(want[i], "{") {
			if want[i] != part {
				return false
			}
			continue
		}
		kind, err := scope.ParseType(types[strings.Trim(want[i], "{}")])
		if err != nil {
			t.Fatal(err)
		}
		if !kind.Matches(part) {
			return false
		}
	}
	return true
}

// allows says in the plainest way whether a grant of a definition allows a concrete
// scope of the definition.
func allows(grant, definition, one string) bool {
	granted, want, parts := strings.Split(grant, "/"), strings.Split(definition, "/"), strings.Split(one, "/")
	if len(granted) != len(want) {
		return false
	}
	for i, part := range parts {
		name, list, binds := strings.Cut(strings.Trim(granted[i], "{}"), "=")
		switch {
		case granted[i] == part:
		case !strings.HasPrefix(want[i], "{") || name != strings.Trim(want[i], "{}") || !strings.HasPrefix(granted[i], "{"):
			return false
		case binds && !slices.Contains(strings.Split(list, "|"), part):
			return false
		}
	}
	return true
}

// No two definitions of a catalogue that was accepted match one string, and a
// string is found where it belongs.
func TestNoStringHasTwoMeanings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, definitions := drawIndex(t)
		for _, one := range drawRequest(t, definitions) {
			meant := slices.DeleteFunc(slices.Clone(definitions), func(d string) bool { return !means(t, d, one) })
			if len(meant) > 1 {
				t.Fatalf("%s is all of %v", one, meant)
			}
			_, match, found := x.Find(one)
			if found != (len(meant) == 1) || found && match.Definition() != meant[0] {
				t.Fatalf("%s was found: %v, want it to be one of %v", one, found, meant)
			}
		}
	})
}

// Two catalogues overlap when a string is of both, and the example is one.
func TestAnOverlapHasAnExample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, mine := drawIndex(t)
		_, theirs := drawIndex(t)
		one, errOne := scope.ParseCatalogue(mine, used(types, mine...))
		two, errTwo := scope.ParseCatalogue(theirs, used(types, theirs...))
		if errOne != nil || errTwo != nil {
			t.Fatal(errOne, errTwo)
		}
		clash, overlap := one.Overlap(two)
		if overlap && (!means(t, clash.Mine, clash.Example) || !means(t, clash.Theirs, clash.Example)) {
			t.Fatalf("%s is not both %s and %s", clash.Example, clash.Mine, clash.Theirs)
		}
		for _, d := range mine {
			example := drawScope(t, d)
			isTheirs := slices.ContainsFunc(theirs, func(d string) bool { return means(t, d, example) })
			if isTheirs && !overlap {
				t.Fatalf("%s is of both %v and %v, and no overlap was found", example, mine, theirs)
			}
		}
	})
}

// What Narrow lets through is exactly what is in the catalogue and what a grant
// allows, asking again gives the same answer, and Explain agrees.
func TestNarrowGrantsWhatTheGrantsAllow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, definitions := drawIndex(t)
		granted := drawGrants(t, append(slices.Clone(definitions), drawDefinition(t)))
		grants := scope.CompileGrants(granted)
		allowed := func(one string) bool {
			return slices.ContainsFunc(definitions, func(d string) bool {
				return means(t, d, one) && slices.ContainsFunc(granted, func(g string) bool { return allows(g, d, one) })
			})
		}
		requested := drawRequest(t, definitions)
		owners, err := x.Narrow(grants, requested, nil)
		at := slices.IndexFunc(requested, func(one string) bool { return !allowed(one) })
		switch {
		case at < 0 && err != nil:
			t.Fatalf("%v were granted by %v, and refused: %v", requested, granted, err)
		case at < 0 && len(owners) != len(requested):
			t.Fatalf("%d owners of %v", len(owners), requested)
		case at >= 0 && err == nil:
			t.Fatalf("%s was not granted by %v, and went through", requested[at], granted)
		case at >= 0:
			checkSentence(t, err.Error())
			if want := x.Explain(grants, requested[at]); want.Sentence != err.Error() {
				t.Fatalf("Narrow says %q, Explain says %q", err, want.Sentence)
			}
		}
		again, errAgain := x.Narrow(grants, requested, nil)
		if !slices.Equal(owners, again) || (err == nil) != (errAgain == nil) {
			t.Fatalf("the second answer differs: %v %v, then %v %v", owners, err, again, errAgain)
		}
		checkExplanations(t, x, grants, requested, granted)
	})
}

func checkExplanations(t *rapid.T, x *scope.Index[string], grants *scope.Grants, requested, granted []string) {
	for _, one := range requested {
		_, err := x.Narrow(grants, []string{one}, nil)
		got := x.Explain(grants, one)
		if got.Granted != (err == nil) || err != nil && got.Sentence != err.Error() {
			t.Fatalf("%s: Narrow says %v, Explain says %+v", one, err, got)
		}
		sound := slices.Contains(granted, got.Grant) && allows(got.Grant, got.Definition, one) && means(t, got.Definition, one)
		if got.Granted && !sound {
			t.Fatalf("%s was not granted by %s as a %s", one, got.Grant, got.Definition)
		}
		checkSentence(t, got.Sentence)
	}
}

// What a key gets without asking for anything, it may ask for.
func TestTheDefaultIsGranted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, definitions := drawIndex(t)
		granted := drawGrants(t, definitions)
		for _, one := range granted {
			err := x.CheckGrant(one)
			if err != nil {
				t.Fatalf("%s: %v", one, err)
			}
		}
		grants := scope.CompileGrants(granted)
		_, err := x.Narrow(grants, grants.Default(), nil)
		if err != nil {
			t.Fatalf("the default %v of %v is refused: %v", grants.Default(), granted, err)
		}
	})
}

// A grant with sets is worth as much as one grant for each value.
func TestASetIsTheUnionOfItsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, definitions := drawIndex(t)
		granted := drawGrants(t, definitions)
		var ones []string
		for _, g := range granted {
			ones = append(ones, unfold(g)...)
		}
		sets, union := scope.CompileGrants(granted), scope.CompileGrants(ones)
		requested := drawRequest(t, definitions)
		for _, g := range ones {
			if !strings.Contains(g, "{") {
				requested = append(requested, g)
			}
		}
		for _, one := range requested {
			_, bySet := x.Narrow(sets, []string{one}, nil)
			_, byOnes := x.Narrow(union, []string{one}, nil)
			if (bySet == nil) != (byOnes == nil) {
				t.Fatalf("%s: %v says %v, %v says %v", one, granted, bySet, ones, byOnes)
			}
		}
		if diff := cmp.Diff(union.Default(), sets.Default()); diff != "" {
			t.Fatalf("the default of %v and that of %v:\n%s", granted, ones, diff)
		}
	})
}

// unfold writes out the sets of a grant.
func unfold(grant string) []string {
	before, rest, found := strings.Cut(grant, "=")
	if !found {
		return []string{grant}
	}
	list, after, _ := strings.Cut(rest, "}")
	before = before[:strings.LastIndexByte(before, '{')]
	var all []string
	for v := range strings.SplitSeq(list, "|") {
		all = append(all, unfold(before+v+after)...)
	}
	return all
}

// The examples of two patterns and their absence are compared with trying all short
// strings.
func TestPatternsMeetWhereAStringMatchesBoth(t *testing.T) {
	var short []string
	for i := range 4 * 4 * 4 * 4 * 4 {
		var s []byte
		for ; i > 0; i /= 4 {
			s = append(s, "ab."[max(i%4-1, 0)])
		}
		short = append(short, string(s))
	}
	atom := rapid.SampledFrom([]string{"a", "b", "[ab]", "[.]", ".", "(a|b[.])", "a{2}", "(?i)B", "[^a]", "(ab)"})
	times := rapid.SampledFrom([]string{"", "", "?", "*", "+", "{1,2}"})
	pattern := rapid.Custom(func(t *rapid.T) string {
		text := "pattern:"
		for range rapid.IntRange(1, 3).Draw(t, "atoms") {
			text += atom.Draw(t, "atom") + times.Draw(t, "times")
		}
		return text
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := pattern.Draw(t, "a"), pattern.Draw(t, "b")
		one, errA := scope.ParseCatalogue([]string{"{x}"}, map[string]string{"x": a})
		two, errB := scope.ParseCatalogue([]string{"{x}"}, map[string]string{"x": b})
		if errA != nil || errB != nil {
			t.Skip("a pattern without values")
		}
		kindA, _ := scope.ParseType(a)
		kindB, _ := scope.ParseType(b)
		clash, found := one.Overlap(two)
		if found && (!kindA.Matches(clash.Example) || !kindB.Matches(clash.Example)) {
			t.Fatalf("%s and %s have the example %s", a, b, clash.Example)
		}
		for _, s := range short {
			if !kindA.Matches(s) || !kindB.Matches(s) {
				continue
			}
			if !found {
				t.Fatalf("%s and %s both match %s, and no overlap was found", a, b, s)
			}
			if len(s) < len(clash.Example) {
				t.Fatalf("%s and %s: the example %s is longer than %s", a, b, clash.Example, s)
			}
		}
	})
}
