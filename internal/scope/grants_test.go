package scope_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/scope"
)

func TestNarrow(t *testing.T) {
	x := index(t, map[string]string{"accountID": "slug", "fileID": "uuid"}, "/ping.read", "/ping.write", "/accounts/{accountID}/wallets.read",
		"/accounts/{accountID}/cards.read", "/accounts/{accountID}/parts/{partID}", "/files/{fileID}/x.read", "/area/ping.read", "/teams/{teamID}/x.read")
	grants := scope.CompileGrants([]string{
		"/ping.read", "/accounts/{accountID}/wallets.read", "/accounts/{accountID=a1|a2}/cards.read",
		"/accounts/a1/parts/{partID}", "/accounts/a2/parts/p1", "/gone.read", "/{area}/ping.read", "/teams/{id=t1}/x.read",
	})
	const granted = "; granted: /ping.read /accounts/{accountID}/wallets.read /accounts/{accountID=a1|a2}/cards.read /accounts/a1/parts/{partID} /accounts/a2/parts/p1 /gone.read /{area}/ping.read /teams/{id=t1}/x.read"
	tests := []struct {
		name string
		in   []string
		fail string
	}{
		{"what was granted", []string{"/ping.read"}, ""},
		{"any value of a template", []string{"/accounts/a1/wallets.read", "/accounts/a9/wallets.read"}, ""},
		{"the values of a set", []string{"/accounts/a1/cards.read", "/accounts/a2/cards.read"}, ""},
		{"one value and any other", []string{"/accounts/a1/parts/p7"}, ""},
		{"one value and one other", []string{"/accounts/a2/parts/p1"}, ""},
		{"nothing", nil, ""},
		{"a value that is not in the set", []string{"/accounts/a3/cards.read"}, "scope /accounts/a3/cards.read is not granted to this key" + granted},
		{"another value than the one granted", []string{"/accounts/a2/parts/p2"}, "scope /accounts/a2/parts/p2 is not granted to this key" + granted},
		{"one that was granted and one that was not", []string{"/ping.read", "/ping.write"}, "scope /ping.write is not granted to this key" + granted},
		{"a grant whose parameter is called like a word of the definition", []string{"/area/ping.read"}, "scope /area/ping.read is not granted"},
		{"a grant whose parameter the definition has under another name", []string{"/teams/t1/x.read"}, "scope /teams/t1/x.read is not granted"},
		{"a template", []string{"/accounts/{accountID}/wallets.read"}, "ask for a concrete scope"},
		{"a set", []string{"/accounts/{accountID=a1|a2}/cards.read"}, "ask for a concrete scope"},
		{"one that was granted and that no API has any more", []string{"/gone.read"}, "scope /gone.read is in the catalogue of no API"},
		{"one that no API has", []string{"/pong.read"}, "scope /pong.read is in the catalogue of no API" + granted},
		{"a value of the wrong type", []string{"/files/a1/x.read"}, "scope /files/a1/x.read is invalid: the value a1 of fileID is not a uuid"},
		{"a way up", []string{"/accounts/../wallets.read"}, "is invalid: the value .. of accountID is not 1 to 128 letters"},
		{"an empty value", []string{"/accounts//wallets.read"}, "is invalid: the value of accountID is empty"},
		{"an empty entry", []string{""}, "has an empty entry"},
		{"a look-alike letter", []string{"/ping.reаd"}, "has the character U+0430 at place 9"},
		{"a space", []string{"/ping.read /ping.write"}, "U+0020"},
		{"a scope of 100 000 bytes", []string{"/" + strings.Repeat("a", 100_000)}, "longer than 4096 bytes"},
		{"a scope of 4000 bytes", []string{"/" + strings.Repeat("a", 4000)}, "aaa... is in the catalogue of no API"},
		{"100 000 scopes", strings.Fields(strings.Repeat("/ping.read ", 100_000)), "more than 100 entries"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			owners, err := x.Narrow(grants, tt.in, nil)
			checkError(t, err, tt.fail)
			if err == nil && len(owners) != len(tt.in) {
				t.Errorf("%d owners of %d scopes", len(owners), len(tt.in))
			}
		})
	}
	t.Run("a key without grants", func(t *testing.T) {
		_, err := x.Narrow(scope.CompileGrants(nil), []string{"/ping.read"}, nil)
		checkError(t, err, "is not granted to this key; nothing is granted to it")
	})
}

func TestExplain(t *testing.T) {
	x := index(t, nil, "/ping.read", "/accounts/{accountID}/wallets.read", "/accounts/{accountID}/cards.read")
	g := scope.CompileGrants([]string{"/accounts/{accountID}/wallets.read", "/accounts/{accountID=a1|a2}/cards.read", "/accounts/a3/cards.read"})
	tests := []scope.Decision{
		{
			Scope: "/accounts/a1/wallets.read", Granted: true, Definition: "/accounts/{accountID}/wallets.read", Grant: "/accounts/{accountID}/wallets.read",
			Sentence: "scope /accounts/a1/wallets.read is granted by /accounts/{accountID}/wallets.read",
		},
		{
			Scope: "/accounts/a2/cards.read", Granted: true, Definition: "/accounts/{accountID}/cards.read", Grant: "/accounts/{accountID=a1|a2}/cards.read",
			Sentence: "scope /accounts/a2/cards.read is granted by /accounts/{accountID=a1|a2}/cards.read",
		},
		{
			Scope: "/accounts/a3/cards.read", Granted: true, Definition: "/accounts/{accountID}/cards.read", Grant: "/accounts/a3/cards.read",
			Sentence: "scope /accounts/a3/cards.read is granted by /accounts/a3/cards.read",
		},
		{
			Scope: "/ping.read", Definition: "/ping.read",
			Sentence: "scope /ping.read is not granted to this key; granted: " + g.String(),
		},
		{Scope: "/pong.read", Sentence: "scope /pong.read is in the catalogue of no API; granted: " + g.String()},
	}
	for _, want := range tests {
		t.Run(want.Scope, func(t *testing.T) {
			if diff := cmp.Diff(want, x.Explain(g, want.Scope)); diff != "" {
				t.Errorf("Explain (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDefault(t *testing.T) {
	hundred := make([]string, 100)
	for i := range hundred {
		hundred[i] = "v" + strconv.Itoa(i)
	}
	tests := []struct {
		name   string
		grants []string
		want   []string
	}{
		{"nothing was granted", nil, nil},
		{"concrete scopes", []string{"/b", "/a"}, []string{"/b", "/a"}},
		{"a template has none", []string{"/a/{x}", "/b"}, []string{"/b"}},
		{"a set is written out", []string{"/a/{x=1|2}/b", "/c"}, []string{"/a/1/b", "/a/2/b", "/c"}},
		{"two sets are written out", []string{"/{x=a|b}/{y=1|2}"}, []string{"/a/1", "/a/2", "/b/1", "/b/2"}},
		{"a set beside an open parameter has none", []string{"/{x=a|b}/{y}"}, nil},
		{"each comes once", []string{"/a/{x=1|2}", "/a/2", "/a/{x=2|3}"}, []string{"/a/1", "/a/2", "/a/3"}},
		{"100 scopes", strings.Fields(numbered(100)), strings.Fields(numbered(100))},
		{"101 scopes are too many", strings.Fields(numbered(101)), nil},
		{"a set and another scope are too many", []string{"/a/{x=" + strings.Join(hundred, "|") + "}", "/b"}, nil},
		{"a million combinations are too many", []string{"/{x=" + strings.Join(hundred, "|") + "}/{y=" + strings.Join(hundred, "|") + "}/{z=" + strings.Join(hundred, "|") + "}"}, nil},
		{"more than 4 KiB is too much", []string{"/a" + strings.Repeat("a", 2045), "/b" + strings.Repeat("b", 2047)}, nil},
		{"4 KiB are not", []string{"/a" + strings.Repeat("a", 2045), "/b" + strings.Repeat("b", 2046)}, []string{"/a" + strings.Repeat("a", 2045), "/b" + strings.Repeat("b", 2046)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := scope.CompileGrants(tt.grants).Default()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Default (-want +got):\n%s", diff)
			}
			_, err := scope.Parse(strings.Join(got, " "))
			if len(got) > 0 && err != nil {
				t.Errorf("the default cannot be asked for: %v", err)
			}
		})
	}
}

func TestADamagedGrantNarrows(t *testing.T) {
	x := index(t, nil, "/a/{b}", "/ping.read", "/x.read")
	grants := scope.CompileGrants([]string{"/a/{b", "/x.read /a/{b}", "/a/\u0430", "/a/{b=..}", "", "/ping.read"})
	for one, fail := range map[string]string{
		"/ping.read": "",
		"/x.read":    "not granted",
		"/a/1":       "not granted to this key; granted: ",
		"/a/..":      "is invalid",
	} {
		_, err := x.Narrow(grants, []string{one}, nil)
		checkError(t, err, fail)
	}
	if diff := cmp.Diff([]string{"/ping.read"}, grants.Default()); diff != "" {
		t.Errorf("Default (-want +got):\n%s", diff)
	}
}

func TestSummaryIsOneSentenceLong(t *testing.T) {
	many := strings.Fields(numbered(200))
	long := "/a/{x=" + strings.TrimSuffix(strings.Repeat("v", 120)+"|"+strings.Repeat("w", 120)+"|"+strings.Repeat("y", 120)+"|"+strings.Repeat("z", 120), "|") + "}"
	tests := []struct {
		name   string
		grants []string
		want   string
	}{
		{"none", nil, ""},
		{"all of a few", []string{"/a", "/b/{x}"}, "/a /b/{x}"},
		{"what grants nothing is left out", []string{"/a", "/b/{x", "é", "/c"}, "/a /c"},
		{"as many as there is room for", many, strings.Join(many[:66], " ") + " and more"},
		{"a long one is cut", []string{long, "/a"}, long[:400] + "... and more"},
		{"a long one that is not the first", []string{"/a", long}, "/a and more"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, scope.CompileGrants(tt.grants).Summary()); diff != "" {
				t.Errorf("Summary (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStringListsTheGrants(t *testing.T) {
	if got := scope.CompileGrants([]string{"/b", "/a/{x=1}"}).String(); got != "/b /a/{x=1}" {
		t.Errorf("got %q", got)
	}
}
