package scope_test

import (
	"strconv"
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
		{name: "RFC 6749 §3.3: a quote is not in the grammar", in: `a"b`, fail: "the character U+0022 at place 2 of entry 1"},
		{name: "a backslash is not in the grammar", in: `a\b`, fail: "the character U+005C at place 2"},
		{name: "a tab does not separate", in: "a\tb", fail: "the character U+0009 at place 2"},
		{name: "NUL", in: "a\x00b", fail: "the character U+0000 at place 2"},
		{name: "a look-alike letter is not ASCII", in: "/ping.read /аccounts.read", fail: "the character U+0430 at place 2 of entry 2"},
		{name: "a place is counted in characters", in: "é", fail: "U+00E9 at place 1"},
		{name: "a character beyond the sixteenth bit", in: "ab𝐜", fail: "the character U+1D41C at place 3"},
		{name: "half a character", in: "ab\xd0", fail: "the byte 0xD0 at place 3"},
		{name: "one million dots", in: strings.Repeat(".", 1_000_000), fail: "longer than 4096 bytes"},
		{name: "one million segments", in: strings.Repeat("/a", 1_000_000), fail: "longer than 4096 bytes"},
		{name: "100 000 scopes", in: strings.Repeat("a ", 100_000), fail: "longer than 4096 bytes"},
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
		b.WriteString("s" + strconv.Itoa(1000+i) + " ")
	}
	return b.String()
}

// checkError wants an error about something, or none for "". Every error must be
// fit for an OAuth error description.
func checkError(t testing.TB, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Fatalf("got error %q, want none", err)
	case want != "" && err == nil:
		t.Fatalf("got no error, want one about %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Fatalf("got error %q, want one about %q", err, want)
	case err != nil:
		checkSentence(t, err.Error())
	}
}

// checkSentence wants printable ASCII without quotes and backslashes that is not
// too long to read.
func checkSentence(t interface {
	Helper()
	Fatalf(string, ...any)
}, sentence string,
) {
	t.Helper()
	for _, c := range sentence {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			t.Fatalf("the sentence %q holds %q", sentence, c)
		}
	}
	if sentence == "" || len(sentence) > 2000 {
		t.Fatalf("a sentence of %d bytes: %.100q", len(sentence), sentence)
	}
}

func catalogue(t testing.TB, types map[string]string, definitions ...string) *scope.Catalogue {
	t.Helper()
	c, err := scope.ParseCatalogue(definitions, types)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func index(t testing.TB, types map[string]string, definitions ...string) *scope.Index[string] {
	t.Helper()
	x := scope.NewIndex[string]()
	err := x.Add(catalogue(t, types, definitions...), "owner")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestFind(t *testing.T) {
	const (
		wallets = "/accounts/{accountID}/wallets.read"
		files   = "/files/{fileID}/{part}.read"
	)
	tests := []struct {
		name       string
		definition string
		scope      string
		want       bool
	}{
		{"a plain scope matches itself", "/ping.read", "/ping.read", true},
		{"a plain scope matches nothing longer", "/ping.read", "/ping.read.more", false},
		{"a plain scope without a slash", "openid", "openid", true},
		{"a plain scope of strange characters", "a|b=c:*", "a|b=c:*", true},
		{"a value in place of the parameter", wallets, "/accounts/a1/wallets.read", true},
		{"a uuid", wallets, "/accounts/7f3c0c0e-2b1f-4c7e-9f66-0f0f0f0f0f0f/wallets.read", true},
		{"an empty value", wallets, "/accounts//wallets.read", false},
		{"a dot", wallets, "/accounts/./wallets.read", false},
		{"two dots", wallets, "/accounts/../wallets.read", false},
		{"three dots", wallets, "/accounts/.../wallets.read", true},
		{"a percent sign", wallets, "/accounts/%2e/wallets.read", false},
		{"a star", wallets, "/accounts/*/wallets.read", false},
		{"a look-alike letter", wallets, "/accounts/\u0430/wallets.read", false},
		{"a value over two segments", wallets, "/accounts/a/b/wallets.read", false},
		{"fewer segments", wallets, "/accounts/a1", false},
		{"more segments", wallets, "/accounts/a1/wallets.read/x", false},
		{"another verb", wallets, "/accounts/a1/wallets.write", false},
		{"the template itself", wallets, wallets, false},
		{"nothing", wallets, "", false},
		{"128 characters", wallets, "/accounts/" + strings.Repeat("a", 128) + "/wallets.read", true},
		{"129 characters", wallets, "/accounts/" + strings.Repeat("a", 129) + "/wallets.read", false},
		{"one million segments", wallets, strings.Repeat("/accounts", 1_000_000), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, match, got := index(t, nil, tt.definition).Find(tt.scope)
			if got != tt.want {
				t.Fatalf("%s matches %.80s: got %v, want %v", tt.definition, tt.scope, got, tt.want)
			}
			if got && match.Definition() != tt.definition {
				t.Errorf("got definition %s, want %s", match.Definition(), tt.definition)
			}
		})
	}
}

func TestFindGoesBackFromASegmentThatIsSpelledOut(t *testing.T) {
	x := index(t, map[string]string{"n": "pattern:[0-9]+"},
		"/a/me/profile.read", "/a/{id}/files.read", "/a/{n}/numbers.read", "/a/me/{id}/files.read")
	for one, want := range map[string]string{
		"/a/me/profile.read":  "/a/me/profile.read",
		"/a/me/files.read":    "/a/{id}/files.read",
		"/a/12/files.read":    "/a/{id}/files.read",
		"/a/12/numbers.read":  "/a/{n}/numbers.read",
		"/a/me/me/files.read": "/a/me/{id}/files.read",
		"/a/me/numbers.read":  "",
	} {
		_, match, found := x.Find(one)
		if found != (want != "") || found && match.Definition() != want {
			t.Errorf("%s: got %v, want %q", one, found, want)
		}
	}
}

func TestAMatchKnowsTheValues(t *testing.T) {
	_, match, found := index(t, nil, "/a/{x}/b/{y}").Find("/a/1/b/2")
	x, hasX := match.Value("x")
	y, hasY := match.Value("y")
	_, hasZ := match.Value("z")
	if !found || x != "1" || y != "2" || !hasX || !hasY || hasZ {
		t.Errorf("got x=%q (%v), y=%q (%v), z (%v)", x, hasX, y, hasY, hasZ)
	}
}

func TestTheIndexKnowsWhoseAScopeIs(t *testing.T) {
	x := scope.NewIndex[string]()
	for owner, definitions := range map[string][]string{"payments": {"/a/{id}/wallets.read"}, "files": {"/a/{id}/files.read", "/ping.read"}} {
		err := x.Add(catalogue(t, nil, definitions...), owner)
		if err != nil {
			t.Fatal(err)
		}
	}
	owners, err := x.Narrow(scope.CompileGrants([]string{"/a/{id}/wallets.read", "/ping.read"}), []string{"/ping.read", "/a/1/wallets.read"}, []string{"before"})
	checkError(t, err, "")
	if diff := cmp.Diff([]string{"before", "files", "payments"}, owners); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}

	err = x.Add(catalogue(t, nil, "/new.read", "/a/b/{x}"), "third")
	checkError(t, err, "scope /a/b/{x} could mean the same as /a/{id}/")
	_, _, found := x.Find("/new.read")
	if found {
		t.Error("a catalogue that was refused was added in part")
	}
}
