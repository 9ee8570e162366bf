package scope_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/scope"
)

// small draws from few strings, so that equal and overlapping ones are common.
func small(t *rapid.T, label string, withTemplates bool) string {
	segments := []string{"a", "b", "a.b"}
	if withTemplates {
		segments = append(segments, "{x}", "{y}")
	}
	n := rapid.IntRange(1, 3).Draw(t, label+" length")
	var parts []string
	used := map[string]bool{}
	for range n {
		part := rapid.SampledFrom(segments).Draw(t, label)
		if strings.HasPrefix(part, "{") && used[part] {
			part = "a"
		}
		used[part] = true
		parts = append(parts, part)
	}
	return "/" + strings.Join(parts, "/")
}

// Two definitions that match one string overlap, and a
// catalogue refuses them.
func TestNoStringHasTwoMeanings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := small(t, "a", true), small(t, "b", true)
		_, err := scope.ParseCatalogue([]string{a, b})
		x, errA := scope.ParseDefinition(a)
		y, errB := scope.ParseDefinition(b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		candidate := small(t, "candidate", false)
		if x.Matches(candidate) && y.Matches(candidate) && err == nil {
			t.Fatalf("%s and %s both match %s and were accepted", a, b, candidate)
		}
	})
}

// What Narrow lets through was granted, entry by entry, and asking again for it
// gives the same answer.
func TestNarrowGrantsNothingBeyondTheGrants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		granted := []string{small(t, "grant", true), small(t, "grant", true)}
		requested, err := scope.Parse(small(t, "request", false) + " " + small(t, "request", false))
		if err != nil {
			t.Fatal(err)
		}
		grants := scope.CompileGrants(granted)
		first := grants.Narrow(requested)
		for _, one := range requested {
			if first == nil && !grants.Allows(one) {
				t.Fatalf("%s went through with grants %v", one, granted)
			}
		}
		if second := grants.Narrow(requested); (first == nil) != (second == nil) {
			t.Fatalf("the second answer differs: %v, then %v", first, second)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"/accounts.write", "a b", "a  b", "/accounts/{accountID}/wallets.read", "\x00", `"`, "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		list, err := scope.Parse(in)
		if err != nil {
			return
		}
		// What is accepted can be written and read again without a change.
		again, err := scope.Parse(strings.Join(list, " "))
		if err != nil || strings.Join(again, " ") != strings.Join(list, " ") {
			t.Errorf("Parse(%q) = %q, and of that %q, %v", in, list, again, err)
		}
	})
}

func FuzzDefinition(f *testing.F) {
	f.Add("/accounts/{accountID}/wallets.read", "/accounts/a1/wallets.read")
	f.Add("/a/{b}", "/a/..")
	f.Fuzz(func(t *testing.T, definition, concrete string) {
		d, err := scope.ParseDefinition(definition)
		if err != nil || !d.Matches(concrete) || d.Concrete() {
			return
		}
		if strings.ContainsAny(concrete, " {}\"\\%") || strings.Contains(concrete, "/../") {
			t.Errorf("template %q matches %q", definition, concrete)
		}
	})
}
