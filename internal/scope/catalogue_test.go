package scope_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/scope"
)

func TestParseCatalogueRefuses(t *testing.T) {
	long := strings.Repeat("/{p}", 17)
	for i := range 17 {
		long = strings.Replace(long, "{p}", "{p"+strconv.Itoa(i)+"}", 1)
	}
	tests := []struct{ name, in, fail string }{
		{"nothing", "", "entry 2: the definition is empty"},
		{"a space", "/a b", "entry 2: the definition has the character U+0020 at place 3"},
		{"a control character", "/a\x1b[2J", "U+001B at place 3"},
		{"a line break", "/a\n/b", "U+000A at place 3"},
		{"a look-alike letter", "/аccounts.read", "U+0430 at place 2"},
		{"a parameter that is part of a segment", "/accounts/x{id}/read", "whole path segment"},
		{"an open brace", "/accounts/{id/read", "whole path segment"},
		{"a brace that closes nothing", "/accounts/id}/read", "whole path segment"},
		{"braces in braces", "/accounts/{{id}}/read", "whole path segment"},
		{"a parameter without a name", "/accounts/{}/read", "whole path segment"},
		{"a parameter with a strange name", "/accounts/{a.b}/read", "whole path segment"},
		{"the same parameter twice", "/a/{id}/b/{id}/read", "names the parameter id twice"},
		{"a parameter that is bound", "/a/{id=x}/read", "which only a grant does"},
		{"a very long one", "/" + strings.Repeat("a", 600), "longer than 512 bytes"},
		{"one million segments", strings.Repeat("/a", 1_000_000), "longer than 512 bytes"},
		{"a way up", "/a/../b.read", "has the segment .., "},
		{"a way up at the end", "/a/..", "has the segment .., "},
		{"a way to where it is", "/a/./b.read", "has the segment ., "},
		{"more parameters than a request has room for", long, "more than 16 parameters"},
		{"the same again", "/ping.read", "scope /ping.read is there already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := scope.ParseCatalogue([]string{"/ping.read", tt.in}, nil)
			checkError(t, err, tt.fail)
			problem, ok := errors.AsType[*scope.Error](err)
			if !ok || problem.Entry != 2 {
				t.Errorf("got error %#v, want one about entry 2", err)
			}
		})
	}
	t.Run("100 000 scopes", func(t *testing.T) {
		_, err := scope.ParseCatalogue(strings.Fields(numbered(100_000)), nil)
		checkError(t, err, "more than 1000 definitions")
	})
}

func TestParseCatalogueRefusesTypes(t *testing.T) {
	tests := []struct {
		name, parameter, kind, fail string
	}{
		{"a type nobody knows", "accountID", "integer", "parameter accountID has the unknown type integer; use slug, uuid, enum:a|b"},
		{"a type that cannot be printed", "accountID", "\x07", "parameter accountID has an unknown type"},
		{"no type", "accountID", "", "parameter accountID has an unknown type"},
		{"a parameter that no scope has", "accountId", "uuid", "parameter accountId has a type, and no scope has a parameter of that name; they have accountID"},
		{"a name with a hyphen", "account-id", "uuid", "the name of a parameter is account-id; use letters, digits and underscores"},
		{"a name with a look-alike", "\u0430", "uuid", "the name of a parameter has the character U+0430 at place 1; use letters, digits and underscores"},
		{"no name", "", "uuid", "the name of a parameter is empty; use letters, digits and underscores"},
		{"a pattern that does not compile", "accountID", "pattern:a(b", "parameter accountID has a pattern that does not compile: missing closing )"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := scope.ParseCatalogue([]string{"/accounts/{accountID}/wallets.read"}, map[string]string{tt.parameter: tt.kind})
			checkError(t, err, tt.fail)
		})
	}
}

func TestParseCatalogueRefusesTooManyTypes(t *testing.T) {
	many := map[string]string{}
	for n := range 1001 {
		many["p"+strconv.Itoa(n)] = "uuid"
	}
	_, err := scope.ParseCatalogue([]string{"/a/{p0}"}, many)
	checkError(t, err, "the list of types has more than 1000 entries")
}

func TestParseCatalogueRefusesTooManyPatterns(t *testing.T) {
	var definitions []string
	types := map[string]string{}
	for n := range 30 {
		name := fmt.Sprintf("p%02d", n)
		definitions = append(definitions, "/"+name+"/{"+name+"}", "/again/"+name+"/{"+name+"a}")
		types[name] = fmt.Sprintf("pattern:[a-z]{0,200}%d", n)
		types[name+"a"] = types[name]
	}
	_, err := scope.ParseCatalogue(definitions, types)
	checkError(t, err, "parameter p12 has a pattern for which there is no room beside the others; use fewer or smaller ones")
	for n := range 30 {
		types[fmt.Sprintf("p%02d", n)], types[fmt.Sprintf("p%02da", n)] = "pattern:[a-z]{0,200}", "pattern:[a-z]{0,200}"
	}
	// What is said twice counts once.
	_, err = scope.ParseCatalogue(definitions, types)
	checkError(t, err, "")
}

func TestDefinitionsAreThoseGivenInOrder(t *testing.T) {
	want := []string{"/b.read", "/a/{id}/c.read", "/a.read"}
	if diff := cmp.Diff(want, catalogue(t, nil, want...).Definitions()); diff != "" {
		t.Errorf("Definitions (-want +got):\n%s", diff)
	}
}

func TestCheckGrant(t *testing.T) {
	types := map[string]string{"accountID": "uuid", "kind": "enum:card|bank", "day": `pattern:\d{4}-\d\d`}
	const id = "7f3c0c0e-2b1f-4c7e-9f66-0f0f0f0f0f0f"
	c := catalogue(t, types, "/ping.read", "/accounts/{accountID}/wallets.read", "/accounts/{accountID}/{kind}/x.read", "/days/{day}/x.read", "/{who}/names.read")
	x := index(t, types, c.Definitions()...)
	tests := []struct{ name, grant, fail string }{
		{"a plain scope", "/ping.read", ""},
		{"a template as it stands", "/accounts/{accountID}/wallets.read", ""},
		{"one value of a template", "/accounts/" + id + "/wallets.read", ""},
		{"a set of one", "/accounts/{accountID=" + id + "}/wallets.read", ""},
		{"a set of two", "/accounts/{accountID=" + id + "|" + strings.ToUpper(id) + "}/wallets.read", ""},
		{"one bound and one open", "/accounts/" + id + "/{kind}/x.read", ""},
		{"one open and one bound to a set", "/accounts/{accountID}/{kind=bank|card}/x.read", ""},
		{"a scope that is not there", "/ping.write", "is not in the catalogue of the API"},
		{"a template under another name", "/accounts/{id}/wallets.read", "names a parameter id, which /accounts/{accountID}/wallets.read lacks; the one in its place is accountID"},
		{"a parameter its template lacks", "/accounts/{account=a1}/wallets.read", "names a parameter account, which /accounts/{accountID}/wallets.read lacks"},
		{"a parameter in place of a plain segment", "/{area=accounts}/{accountID}/wallets.read", "names a parameter area, which /accounts/{accountID}/wallets.read lacks"},
		{"a value that is no uuid", "/accounts/a1/wallets.read", "the value a1 of accountID is not a uuid"},
		{"a set with a value that is no uuid", "/accounts/{accountID=" + id + "|a1}/wallets.read", "the value a1 of accountID is not a uuid"},
		{"a value that is not in the enum", "/accounts/" + id + "/cash/x.read", "the value cash of kind is not one of card, bank"},
		{"a value that is not what the pattern says", "/days/today/x.read", "the value today of day does not match its pattern"},
		{"a value that is no slug", "/a*b/names.read", "the value a*b of who is not 1 to 128 letters, digits and . _ ~ -"},
		{"no value", "//names.read", "the value of who is empty"},
		{"a way up", "/accounts/../wallets.read", "has the segment .."},
		{"a set with a way up", "/accounts/{accountID=..}/wallets.read", "to something that is no value"},
		{"an empty set", "/accounts/{accountID=}/wallets.read", "to something that is no value"},
		{"a set with an empty value", "/accounts/{accountID=" + id + "|}/wallets.read", "to something that is no value"},
		{"a set within a set", "/accounts/{accountID=a=b}/wallets.read", "to something that is no value"},
		{"a set that names a value twice", "/accounts/{accountID=a|a}/wallets.read", "to a twice"},
		{"a control character", "/ping\x00", "the grant has the character U+0000 at place 6"},
		{"nothing", "", "the grant is empty"},
		{"one that is too long", "/" + strings.Repeat("a", 5000), "the grant is longer than 4096 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkError(t, c.CheckGrant(tt.grant), tt.fail)
			checkError(t, x.CheckGrant(tt.grant), strings.Replace(tt.fail, "not in the catalogue of the API", "in the catalogue of no API", 1))
		})
	}
}
