package scope_test

import (
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/scope"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"/accounts.write", "a b", "a  b", "/accounts/{accountID}/wallets.read", "\x00", `"`, "é", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		list, err := scope.Parse(in)
		if err != nil {
			checkSentence(t, err.Error())
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
	f.Add("/accounts/{accountID}/wallets.read", "slug", "/accounts/a1/wallets.read")
	f.Add("/a/{b}", "uuid", "/a/..")
	f.Add("/{b}/{c}", "pattern:.+", "/a/b")
	f.Add("/{b}", "enum:a|b", "/b")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, definition, kind, concrete string) {
		for _, types := range []map[string]string{nil, {"b": kind}} {
			c, err := scope.ParseCatalogue([]string{definition}, types)
			if err != nil {
				checkSentence(t, err.Error())
				continue
			}
			x := scope.NewIndex[int]()
			err = x.Add(c, 1)
			if err != nil {
				t.Fatal(err)
			}
			_, match, found := x.Find(concrete)
			if !found {
				checkSentence(t, x.Explain(scope.CompileGrants(nil), concrete).Sentence)
				continue
			}
			if match.Definition() != definition {
				t.Errorf("%q is found in %q, want %q", concrete, match.Definition(), definition)
			}
			_, err = scope.Parse(concrete)
			if err != nil || strings.ContainsAny(concrete, "{}") || strings.Contains(concrete+"/", "/../") ||
				strings.Count(concrete, "/") != strings.Count(definition, "/") {
				t.Errorf("%q matches %q, %v", definition, concrete, err)
			}
		}
	})
}

func FuzzGrant(f *testing.F) {
	f.Add("/accounts/{accountID}/wallets.read", "/accounts/a1/wallets.read")
	f.Add("/accounts/{accountID=a1|a2}/wallets.read", "/accounts/a2/wallets.read")
	f.Add("/accounts/a1/wallets.read", "/accounts/a1/wallets.read")
	f.Add("/x/{id=7f3c0c0e-2b1f-4c7e-9f66-0f0f0f0f0f0f}/{part}", "/x/7f3c0c0e-2b1f-4c7e-9f66-0f0f0f0f0f0f/p")
	f.Add("/x/{part=p}/{id}", "")
	f.Add("/ping.read", "/ping.write")
	c, err := scope.ParseCatalogue([]string{"/ping.read", "/accounts/{accountID}/wallets.read", "/x/{id}/{part}"}, map[string]string{"id": "uuid"})
	if err != nil {
		f.Fatal(err)
	}
	x := scope.NewIndex[int]()
	err = x.Add(c, 1)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, grant, requested string) {
		grants := scope.CompileGrants([]string{grant})
		_, err := x.Narrow(grants, []string{requested}, nil)
		got := x.Explain(grants, requested)
		checkSentence(t, got.Sentence)
		if got.Granted != (err == nil) || err != nil && got.Sentence != err.Error() {
			t.Errorf("Narrow says %v, Explain says %+v", err, got)
		}
		if got.Granted && got.Grant != grant {
			t.Errorf("%q was granted by %q, want %q", requested, got.Grant, grant)
		}
		bad := c.CheckGrant(grant)
		if bad != nil {
			checkSentence(t, bad.Error())
			return
		}
		_, err = x.Narrow(grants, grants.Default(), nil)
		if err != nil {
			t.Errorf("the default %q of %q: %v", grants.Default(), grant, err)
		}
	})
}

func FuzzType(f *testing.F) {
	for _, seed := range []string{"slug", "uuid", "enum:a|b|c", "pattern:[a-z]+", "pattern:(a|b)*c{2,5}", `pattern:\d{4}-\d\d`, "pattern:^a$", "pattern:(?i:k)", "enum:"} {
		f.Add(seed, "a1")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		kind, err := scope.ParseType(text)
		if err != nil {
			checkSentence(t, err.Error())
			return
		}
		if kind.String() != text {
			t.Errorf("%q is written as %q", text, kind)
		}
		if kind.Matches(value) && (value == "" || len(value) > 128 || value == "." || value == ".." || strings.ContainsAny(value, "/{}|= \"\\")) {
			t.Errorf("%q matches %q", text, value)
		}
		// Every type has a value, which the catalogue gives as an example; and one that is
		// a slug and of the type is found when both are compared.
		c, err := scope.ParseCatalogue([]string{"{x}"}, map[string]string{"x": text})
		if err != nil {
			t.Fatal(err)
		}
		clash, found := c.Overlap(c)
		if !found || !kind.Matches(clash.Example) {
			t.Errorf("%q has the example %q, %v", text, clash.Example, found)
		}
		slugs, err := scope.ParseCatalogue([]string{"{x}"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		clash, found = c.Overlap(slugs)
		var slug scope.Type
		if found && (!kind.Matches(clash.Example) || !slug.Matches(clash.Example)) {
			t.Errorf("%q and slug have the example %q", text, clash.Example)
		}
		if !found && kind.Matches(value) && slug.Matches(value) {
			t.Errorf("%q and slug both match %q, and no overlap was found", text, value)
		}
	})
}
