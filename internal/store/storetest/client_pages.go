package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func clientPageTests() []test {
	return []test{
		{"keys come in ascending byte order of their ids", pagesInByteOrder},
		{"at most limit keys come, however many secrets they have", pageLimit},
		{"a page begins after the id given, also one that does not exist", pageAfter},
		{"an empty id begins at the first", pageFromStart},
		{"a limit below one returns none", limitBelowOne},
		{"pages put together are all keys with their secrets", pagesTogether},
	}
}

func pagesInByteOrder(e *env) {
	sorted := []string{
		"!", "-", "0", "10", "9", "A", "Aa", "Z", "_", "a", "a ", "a!", "aA", "aa", "z",
		"\u00c9", "\u00e9", "\uff5a", "\U0001F511",
	}
	if !slices.IsSorted(sorted) {
		e.Fatalf("the ids of this test are not in byte order: %q", sorted)
	}
	shuffled := slices.Clone(sorted)
	slices.Reverse(shuffled)
	shuffled[0], shuffled[7] = shuffled[7], shuffled[0]
	for _, id := range shuffled {
		e.write(createClient(id))
	}
	same(e, "ids", ids(e.clients()), sorted)

	var paged []string
	after := ""
	for range sorted {
		page := ids(e.clientPage(after, 1))
		if len(page) != 1 {
			e.Fatalf("got %q after %q, want one key", page, after)
		}
		paged = append(paged, page...)
		after = page[0]
	}
	same(e, "ids after the last", ids(e.clientPage(after, 1)), nil)
	same(e, "ids one by one", paged, sorted)
}

func pageLimit(e *env) {
	e.write(createClients(10)...)
	for _, limit := range []int{1, 3, 9, 10, 11, 1 << 40} {
		page := e.clientPage("", limit)
		same(e, fmt.Sprint("number with limit ", limit), len(page), min(limit, 10))
	}
}

func pageAfter(e *env) {
	e.write(createClient("b"), createClient("d"), createClient("f"))
	for after, want := range map[string][]string{
		"a": {"b", "d", "f"}, "b": {"d", "f"}, "c": {"d", "f"}, "e": {"f"}, "f": nil, "z": nil, "B": {"b", "d", "f"},
	} {
		same(e, "ids after "+after, ids(e.clientPage(after, 10)), want)
	}
}

func pageFromStart(e *env) {
	same(e, "ids of an empty store", ids(e.clientPage("", 10)), nil)
	e.write(createClient("\x01"), createClient("b"))
	same(e, "ids", ids(e.clientPage("", 10)), []string{"\x01", "b"})
}

func limitBelowOne(e *env) {
	e.write(createClients(3)...)
	e.write(store.RevokeToken{Revocation: newRevocation("t", time.Hour)})
	for _, limit := range []int{0, -1, -1 << 40} {
		same(e, "clients", e.clientPage("", limit), nil)
		same(e, "changes", e.changePage(store.Position{}, limit), nil)
		same(e, "changes", len(e.changePage(e.head(), limit)), 0)
		same(e, "audit rows", e.auditPage(0, limit), nil)
		same(e, "revocations", e.revocationPage(store.Revocation{}, limit), nil)
	}
}

func pagesTogether(e *env) {
	var want []store.Client
	var mutations []store.Mutation
	for i := range 25 {
		c := newClient(fmt.Sprintf("client-%02d", i))
		c.Secrets = nil
		for n := range i % 4 {
			c.Secrets = append(c.Secrets, newSecret(fmt.Sprint("s", 9-n), now))
		}
		want = append(want, c)
		mutations = append(mutations, store.CreateClient{Client: c})
	}
	slices.Reverse(mutations)
	e.write(mutations...)
	for _, limit := range []int{1, 4, 25, 100} {
		var got []store.Client
		after := ""
		for range len(want) {
			page := e.clientPage(after, limit)
			got = append(got, page...)
			if len(page) < limit {
				break
			}
			after = page[len(page)-1].ID
		}
		same(e, fmt.Sprint("clients by pages of ", limit), got, want)
	}
}
