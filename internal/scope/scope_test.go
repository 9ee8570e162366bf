package scope_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/scope"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want []string
		fail string
	}{
		{name: "RFC 6749 §3.3: one scope", in: "/accounts.write", want: []string{"/accounts.write"}},
		{name: "RFC 6749 §3.3: request order is kept", in: "b a c", want: []string{"b", "a", "c"}},
		{name: "RFC 6749 §3.3: a repeated entry counts once", in: "a b a", want: []string{"a", "b"}},
		{name: "two spaces", in: "a  b", fail: "empty entry"},
		{name: "leading space", in: " a", fail: "empty entry"},
		{name: "trailing space", in: "a ", fail: "empty entry"},
		{name: "RFC 6749 §3.3: a quote is not in the grammar", in: `a"b`, fail: "character"},
		{name: "a backslash is not in the grammar", in: `a\b`, fail: "character"},
		{name: "a tab does not separate", in: "a\tb", fail: "character"},
		{name: "NUL", in: "a\x00b", fail: "character"},
		{name: "a look-alike letter is not ASCII", in: "/аccounts.read", fail: "character"},
		{name: "one million dots", in: strings.Repeat(".", 1_000_000), fail: "longer than"},
		{name: "100 scopes", in: strings.TrimSpace(numbered(100)), want: strings.Fields(numbered(100))},
		{name: "101 scopes", in: strings.TrimSpace(numbered(101)), fail: "more than 100"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := scope.Parse(tt.in)
			checkError(t, err, tt.fail)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse(%.40q) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("s")
		b.WriteByte(byte('a' + i/26))
		b.WriteByte(byte('a' + i%26))
		b.WriteByte(' ')
	}
	return b.String()
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Fatalf("got error %q, want none", err)
	case want != "" && err == nil:
		t.Fatalf("got no error, want one about %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Fatalf("got error %q, want one about %q", err, want)
	}
}

func TestDefinition(t *testing.T) {
	const wallets = "/accounts/{accountID}/wallets.read"
	tests := []struct {
		name       string
		definition string
		scope      string
		want       bool
	}{
		{"a plain scope matches itself", "/ping.read", "/ping.read", true},
		{"a plain scope matches nothing longer", "/ping.read", "/ping.read.more", false},
		{"a value in place of the parameter", wallets, "/accounts/a1/wallets.read", true},
		{"a uuid", wallets, "/accounts/7f3c0c0e-2b1f-4c7e-9f66-0f0f0f0f0f0f/wallets.read", true},
		{"an empty value", wallets, "/accounts//wallets.read", false},
		{"a dot", wallets, "/accounts/./wallets.read", false},
		{"two dots", wallets, "/accounts/../wallets.read", false},
		{"a percent sign", wallets, "/accounts/%2e/wallets.read", false},
		{"a star", wallets, "/accounts/*/wallets.read", false},
		{"a value over two segments", wallets, "/accounts/a/b/wallets.read", false},
		{"fewer segments", wallets, "/accounts/a1", false},
		{"more segments", wallets, "/accounts/a1/wallets.read/x", false},
		{"another verb", wallets, "/accounts/a1/wallets.write", false},
		{"the template itself", wallets, wallets, false},
		{"128 characters", wallets, "/accounts/" + strings.Repeat("a", 128) + "/wallets.read", true},
		{"129 characters", wallets, "/accounts/" + strings.Repeat("a", 129) + "/wallets.read", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := scope.ParseDefinition(tt.definition)
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Matches(tt.scope); got != tt.want {
				t.Errorf("%s matches %s: got %v, want %v", tt.definition, tt.scope, got, tt.want)
			}
		})
	}
}

func TestParseDefinitionRefuses(t *testing.T) {
	tests := []struct{ name, in, fail string }{
		{"nothing", "", "empty"},
		{"a space", "/a b", "character"},
		{"a parameter that is part of a segment", "/accounts/x{id}/read", "whole path segment"},
		{"an open brace", "/accounts/{id/read", "whole path segment"},
		{"a parameter without a name", "/accounts/{}/read", "whole path segment"},
		{"a parameter with a strange name", "/accounts/{a.b}/read", "whole path segment"},
		{"the same parameter twice", "/a/{id}/b/{id}/read", "twice"},
		{"a very long one", "/" + strings.Repeat("a", 600), "longer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := scope.ParseDefinition(tt.in)
			checkError(t, err, tt.fail)
		})
	}
}

func TestCatalogueRefusesDefinitionsThatCouldMeanTheSame(t *testing.T) {
	tests := []struct {
		name string
		a, b string
		fail string
	}{
		{"equal", "/a.read", "/a.read", "could mean the same"},
		{"a template and a scope it matches", "/a/{id}/read", "/a/b/read", "could mean the same"},
		{"a scope and a template that matches it", "/a/b/read", "/a/{id}/read", "could mean the same"},
		{"templates that differ in the parameter's name", "/a/{id}/read", "/a/{x}/read", "could mean the same"},
		{"templates that cross", "/a/{id}/b/read", "/a/c/{x}/read", "could mean the same"},
		{"another verb", "/a/{id}/x.read", "/a/{id}/x.write", ""},
		{"another length", "/a/{id}/x.read", "/a/{id}/y/x.read", ""},
		{"a segment no value can be", "/a/{id}/read", "/a/*/read", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := scope.ParseCatalogue([]string{tt.a, tt.b})
			checkError(t, err, tt.fail)

			one, two := catalogue(t, tt.a), catalogue(t, tt.b)
			_, _, overlap := one.Overlap(two)
			if want := tt.fail != ""; overlap != want {
				t.Errorf("%s overlaps %s: got %v, want %v", tt.a, tt.b, overlap, want)
			}
		})
	}
}

func catalogue(t *testing.T, definitions ...string) *scope.Catalogue {
	t.Helper()
	c, err := scope.ParseCatalogue(definitions)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCheckGrant(t *testing.T) {
	c := catalogue(t, "/ping.read", "/accounts/{accountID}/wallets.read")
	tests := []struct{ name, grant, fail string }{
		{"a plain scope", "/ping.read", ""},
		{"a template as it stands", "/accounts/{accountID}/wallets.read", ""},
		{"one value of a template", "/accounts/a1/wallets.read", ""},
		{"a scope that is not there", "/ping.write", "not in the catalogue"},
		{"a template under another name", "/accounts/{id}/wallets.read", "not in the catalogue"},
		{"an invalid value", "/accounts/../wallets.read", "not in the catalogue"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkError(t, c.CheckGrant(tt.grant), tt.fail)
		})
	}
}

func TestNarrow(t *testing.T) {
	grants := scope.CompileGrants([]string{"/ping.read", "/accounts/{accountID}/wallets.read", "/accounts/a1/files.read"})
	tests := []struct {
		name string
		in   []string
		fail string
	}{
		{"what was granted", []string{"/ping.read"}, ""},
		{"a value of a template", []string{"/accounts/a1/wallets.read", "/accounts/a2/wallets.read"}, ""},
		{"the one value that was granted", []string{"/accounts/a1/files.read"}, ""},
		{"another value than the one granted", []string{"/accounts/a2/files.read"}, "not granted"},
		{"one that was granted and one that was not", []string{"/ping.read", "/ping.write"}, "/ping.write is not granted"},
		{"a template", []string{"/accounts/{accountID}/wallets.read"}, "ask for a concrete scope"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkError(t, grants.Narrow(tt.in), tt.fail)
		})
	}
	if diff := cmp.Diff([]string{"/ping.read", "/accounts/a1/files.read"}, grants.Default()); diff != "" {
		t.Errorf("Default (-want +got):\n%s", diff)
	}
}

func TestThereIsNoDefaultBeyondWhatARequestMayAskFor(t *testing.T) {
	for n, want := range map[int]int{100: 100, 101: 0} {
		got := scope.CompileGrants(strings.Fields(numbered(n))).Default()
		if len(got) != want {
			t.Errorf("%d grants have a default of %d scopes, want %d", n, len(got), want)
		}
	}
}

func TestADamagedGrantNarrows(t *testing.T) {
	grants := scope.CompileGrants([]string{"/a/{b", "/ping.read"})
	checkError(t, grants.Narrow([]string{"/a/{b"}), "template")
	checkError(t, grants.Narrow([]string{"/ping.read"}), "")
}

func TestSummaryIsOneSentenceLong(t *testing.T) {
	grants := scope.CompileGrants(strings.Fields(numbered(100) + numbered(100)))
	got := grants.Summary()
	if len(got) > 410 || !strings.HasSuffix(got, " and more") {
		t.Errorf("Summary is %d bytes long: %s", len(got), got)
	}
}
