package scope_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/scope"
)

// thousand is a key with 100 grants in a catalogue of 1000 templates, and requests
// for 10 scopes of one account each.
func thousand(tb testing.TB, binding string, accounts []string) (*scope.Index[*int], *scope.Grants, [][]string) {
	tb.Helper()
	var definitions, grants []string
	requests := make([][]string, len(accounts))
	for n := range 1000 {
		definitions = append(definitions, fmt.Sprintf("/accounts/{accountID}/thing%d.read", n))
		if n%10 == 7 {
			grants = append(grants, fmt.Sprintf("/accounts/%s/thing%d.read", binding, n))
		}
		for i, account := range accounts {
			if n%100 == 7 {
				requests[i] = append(requests[i], fmt.Sprintf("/accounts/%s/thing%d.read", account, n))
			}
		}
	}
	c, err := scope.ParseCatalogue(definitions, map[string]string{"accountID": "uuid"})
	if err != nil {
		tb.Fatal(err)
	}
	x := scope.NewIndex[*int]()
	err = x.Add(c, new(int))
	if err != nil {
		tb.Fatal(err)
	}
	return x, scope.CompileGrants(grants), requests
}

// uuids are what accounts are called; the processor must not learn them by heart.
func uuids(n int) []string {
	random := rand.New(rand.NewPCG(1, 2))
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", random.Uint32(), random.Uint32()>>16,
			random.Uint32()>>16, random.Uint32()>>16, random.Uint64()>>16)
	}
	return list
}

// bindings are the ways to grant accounts.
var bindings = []struct {
	name     string
	binding  func(accounts []string) string
	accounts int
}{
	{"any", func([]string) string { return "{accountID}" }, 256},
	{"one", func(accounts []string) string { return accounts[0] }, 1},
	{"set", func(accounts []string) string { return "{accountID=" + strings.Join(accounts, "|") + "}" }, 64},
}

func BenchmarkNarrow(b *testing.B) {
	for _, bound := range bindings {
		b.Run(bound.name, func(b *testing.B) {
			accounts := uuids(bound.accounts)
			x, grants, requests := thousand(b, bound.binding(accounts), accounts)
			owners := make([]*int, 0, 10)
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				_, err := x.Narrow(grants, requests[n%len(requests)], owners)
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
	}
}

func TestNarrowingDoesNotAllocate(t *testing.T) {
	for _, bound := range bindings {
		t.Run(bound.name, func(t *testing.T) {
			accounts := uuids(bound.accounts)
			x, grants, requests := thousand(t, bound.binding(accounts), accounts)
			owners := make([]*int, 0, 10)
			got := testing.AllocsPerRun(100, func() {
				_, err := x.Narrow(grants, requests[0], owners)
				if err != nil {
					t.Fatal(err)
				}
			})
			if got != 0 || len(requests[0]) != 10 {
				t.Errorf("narrowing %d scopes allocates %v times, want 10 and 0", len(requests[0]), got)
			}
		})
	}
}

// Patterns are matched without garbage, too.
func TestFindingDoesNotAllocate(t *testing.T) {
	x := index(t, map[string]string{"v": "pattern:v[0-9]+(-[a-z]+)?", "e": "enum:one|two"}, "/{v}/{e}/x.read", "/plain.read")
	for _, one := range []string{"/v12-beta/two/x.read", "/plain.read", "/v12-/two/x.read"} {
		got := testing.AllocsPerRun(100, func() { x.Find(one) })
		if got != 0 {
			t.Errorf("finding %s allocates %v times, want 0", one, got)
		}
	}
}
