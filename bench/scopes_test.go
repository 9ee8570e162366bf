package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCatalogueIsAsLargeAsItIsCalled(t *testing.T) {
	for _, c := range []catalogue{jwtCatalogue, opaqueCatalogue} {
		templates, grants, asked := c.templates(), c.grants(), c.asked()
		for _, list := range []struct {
			what  string
			items []string
			want  int
		}{{"templates", templates, 1000}, {"grants", grants, 100}, {"scopes that are asked for", asked, 10}} {
			different := slices.Compact(slices.Sorted(slices.Values(list.items)))
			if len(different) != list.want {
				t.Errorf("%s: got %d different %s, want %d", c.root, len(different), list.what, list.want)
			}
		}
		if len(c.audience("live")) != len(c.audience("test")) {
			t.Errorf("%s: the answers of the two modes differ in length", c.root)
		}
		for _, s := range asked {
			template := strings.Replace(s, oneAccount, "{accountID}", 1)
			granted := slices.ContainsFunc(grants, func(g string) bool {
				return strings.HasSuffix(g, s[strings.LastIndexByte(s, '/'):]) && (strings.Contains(g, oneAccount) || strings.Contains(g, "{accountID}"))
			})
			if !slices.Contains(templates, template) || !granted {
				t.Errorf("%s is not in the catalogue, or not granted", s)
			}
		}
	}
}

func TestOneGrantInThreeIsForAnyAccount(t *testing.T) {
	got := map[string]int{}
	for _, g := range jwtCatalogue.grants() {
		switch {
		case strings.Contains(g, "{accountID}"):
			got["any"]++
		case strings.Contains(g, "|"):
			got["set"]++
		default:
			got["one"]++
		}
	}
	diff := cmp.Diff(map[string]int{"any": 34, "one": 33, "set": 33}, got)
	if diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}

func TestRequestsForScopesAndFromAnOrigin(t *testing.T) {
	who := credentials{"id", "secret"}
	head := "POST /oauth2/token HTTP/1.1\r\nHost: host\r\nUser-Agent: grantd-bench\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\n"
	form := "client_id=id&client_secret=secret&grant_type=client_credentials"
	tests := []struct{ name, got, want string }{
		{
			"scopes are separated by one space",
			string(scopesRequest("host", who, []string{"/a", "/b"})),
			head + "Content-Length: 79\r\n\r\n" + form + "&scope=%2Fa+%2Fb",
		},
		{
			"an origin is a header",
			string(originRequest("host", who)),
			head + "Origin: https://app.bench.example\r\nContent-Length: 63\r\n\r\n" + form,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			diff := cmp.Diff(test.want, test.got)
			if diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}
