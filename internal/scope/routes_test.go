package scope_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/scope"
)

func routed(t *testing.T) *scope.Catalogue {
	t.Helper()
	return catalogue(t, map[string]string{"accountID": "uuid", "kind": "enum:card|bank"},
		"/ping.read", "/accounts.write", "/accounts/{accountID}/wallets.read", "/accounts/{accountID}/files.read", "/accounts/{accountID}/{kind}/x.read")
}

func TestRoutesFind(t *testing.T) {
	const id = "7f3c0c0e-2b1f-4c7e-9f66-0f0f0f0f0f0f"
	routes, err := scope.ParseRoutes([]scope.Route{
		{Method: "GET", Path: "/"},
		{Method: "GET", Path: "/ping", Scopes: []string{"/ping.read"}},
		{Method: "GET", Path: "/accounts/{accountID}/wallets", Scopes: []string{"/accounts/{accountID}/wallets.read"}},
		{Method: "GET", Path: "/accounts/{accountID}/wallets/{walletID}", Scopes: []string{"/accounts/{accountID}/wallets.read", "/ping.read"}},
		{Method: "GET", Path: "/accounts/{accountID}/wallets/main", Scopes: []string{"/ping.read"}},
		{Method: "PUT", Path: "/accounts/{accountID}/{kind}", Scopes: []string{"/accounts/{accountID}/{kind}/x.read"}},
		{Method: "HEAD", Path: "/accounts/{accountID}/wallets", Scopes: []string{"/accounts/{accountID}/files.read"}},
		{Method: "POST", Path: "/accounts/{accountID}/wallets/main:close", Scopes: []string{"/accounts.write"}},
	}, routed(t))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, method, path string
		route              string
		needs              []string
	}{
		{"a plain path", "GET", "/ping", "GET /ping", []string{"/ping.read"}},
		{"the root, which needs nothing", "GET", "/", "GET /", nil},
		{"a value in the path is one in the scope", "GET", "/accounts/" + id + "/wallets", "GET /accounts/{accountID}/wallets", []string{"/accounts/" + id + "/wallets.read"}},
		{"several scopes are needed", "GET", "/accounts/" + id + "/wallets/w1", "GET /accounts/{accountID}/wallets/{walletID}", []string{"/accounts/" + id + "/wallets.read", "/ping.read"}},
		{"what is spelled out wins", "GET", "/accounts/" + id + "/wallets/main", "GET /accounts/{accountID}/wallets/main", []string{"/ping.read"}},
		{"two values", "PUT", "/accounts/" + id + "/bank", "PUT /accounts/{accountID}/{kind}", []string{"/accounts/" + id + "/bank/x.read"}},
		{"a value that is none of the enum", "PUT", "/accounts/" + id + "/cash", "", nil},
		{"a value that is no uuid", "GET", "/accounts/a1/wallets", "", nil},
		{"HEAD with a route of its own", "HEAD", "/accounts/" + id + "/wallets", "HEAD /accounts/{accountID}/wallets", []string{"/accounts/" + id + "/files.read"}},
		{"HEAD without is GET", "HEAD", "/ping", "GET /ping", []string{"/ping.read"}},
		{"another method", "POST", "/ping", "", nil},
		{"a method in lower case", "get", "/ping", "", nil},
		{"a method that no route has", "DELETE", "/ping", "", nil},
		{"a path of which one route of another method knows", "POST", "/accounts/" + id + "/wallets/main:close", "POST /accounts/{accountID}/wallets/main:close", []string{"/accounts.write"}},
		{"a slash at the end", "GET", "/ping/", "", nil},
		{"a query", "GET", "/ping?x=1", "", nil},
		{"a way up", "GET", "/accounts/../wallets", "", nil},
		{"nothing", "GET", "", "", nil},
		{"one million segments", "GET", strings.Repeat("/accounts", 1_000_000), "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			needs, route, found := routes.Find(tt.method, tt.path)
			if route != tt.route || found != (tt.route != "") {
				t.Errorf("got route %q (%v), want %q", route, found, tt.route)
			}
			if diff := cmp.Diff(tt.needs, needs); diff != "" {
				t.Errorf("needs (-want +got):\n%s", diff)
			}
		})
	}
}

// What the API makes of the value is not what stands in the path.
func TestAPercentEncodedValueTakesNoRoute(t *testing.T) {
	c := catalogue(t, map[string]string{"name": "pattern:[^~]+"}, "/50%/{name}/x.read")
	routes, err := scope.ParseRoutes([]scope.Route{{Method: "GET", Path: "/50%/{name}", Scopes: []string{"/50%/{name}/x.read"}}}, c)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"/50%/a": true, "/50%/%2e%2e": false, "/50%/a%2fb": false, "/50%25/a": false} {
		_, _, found := routes.Find("GET", path)
		if found != want {
			t.Errorf("a route for %s: got %v, want %v", path, found, want)
		}
	}
}

func TestTheEarlierOfTwoRoutesWins(t *testing.T) {
	c := catalogue(t, map[string]string{"n": "pattern:[0-9]+"}, "/{n}/numbers.read", "/{id}/names.read")
	for _, first := range []string{"/things/{n}", "/things/{id}"} {
		second := map[string]string{"/things/{n}": "/things/{id}", "/things/{id}": "/things/{n}"}[first]
		routes, err := scope.ParseRoutes([]scope.Route{{Method: "GET", Path: first}, {Method: "GET", Path: second}}, c)
		checkError(t, err, "")
		_, route, _ := routes.Find("GET", "/things/12")
		if route != "GET "+first {
			t.Errorf("got %s, want the first one, %s", route, first)
		}
	}
}

func TestParseRoutesRefuses(t *testing.T) {
	get := func(path string, scopes ...string) scope.Route {
		return scope.Route{Method: "GET", Path: path, Scopes: scopes}
	}
	tests := []struct {
		name string
		in   scope.Route
		fail string
	}{
		{"no method", scope.Route{Path: "/x"}, "entry 2: a route has a method that is none; write it like GET"},
		{"a method in lower case", scope.Route{Method: "get", Path: "/x"}, "method that is none"},
		{"a long method", scope.Route{Method: strings.Repeat("A", 33), Path: "/x"}, "method that is none"},
		{"a path without a slash", get("x"), "does not begin with a slash"},
		{"no path", get(""), "does not begin with a slash"},
		{"a path with a space", get("/a b"), "the path of a route has the character U+0020 at place 3"},
		{"a path with a way up", get("/a/../b"), "path /a/../b has the segment .., "},
		{"a path with a broken parameter", get("/a/{b"), "path /a/{b has a parameter that is not a whole path segment"},
		{"a path that binds its parameter", get("/a/{accountID=x}"), "path of a route binds the parameter accountID; write {accountID}"},
		{"a long path", get("/" + strings.Repeat("a", 600)), "longer than 512 bytes"},
		{"a scope that is not in the catalogue", get("/x", "/pong.read"), "scope /pong.read is needed by route GET /x and not in the catalogue"},
		{"a scope that is a value of one in the catalogue", get("/x", "/accounts/a/wallets.read"), "not in the catalogue"},
		{"a scope that cannot be printed", get("/x", "/\x00"), "the definition has the character U+0000"},
		{"a scope whose parameter the path lacks", get("/x/{id}", "/accounts/{accountID}/wallets.read"), "scope /accounts/{accountID}/wallets.read has the parameter accountID, which the path of route GET /x/{id} lacks"},
		{"101 scopes", get("/x", strings.Fields(strings.Repeat("/ping.read ", 101))...), "route GET /x needs more than 100 scopes"},
		{"the same again", get("/ping/{a}"), "route GET /ping/{a} is the same as GET /ping/{b}; keep one of the two"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := scope.ParseRoutes([]scope.Route{get("/ping/{b}"), tt.in}, routed(t))
			checkError(t, err, tt.fail)
			problem, ok := errors.AsType[*scope.Error](err)
			if !ok || problem.Entry != 2 {
				t.Errorf("got error %#v, want one about entry 2", err)
			}
		})
	}
	t.Run("100 000 routes", func(t *testing.T) {
		_, err := scope.ParseRoutes(make([]scope.Route, 100_000), routed(t))
		checkError(t, err, "more than 1000 entries")
	})
}
