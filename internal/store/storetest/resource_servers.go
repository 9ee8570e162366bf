package storetest

import "github.com/grantd/grantd/internal/store"

func resourceServerTests() []test {
	return []test{
		{"a key that was added is a resource server, in ascending byte order", resourceServerAdded},
		{"CreateAPI ignores resource servers", resourceServersIgnored},
		{"adding a resource server again is not an error", resourceServerAgain},
		{"adding to no API or no key is ErrNotFound", resourceServerOfNothing},
		{"removing takes it back, of this API only", resourceServerRemoved},
		{"removing what is not there is ErrNotFound", resourceServerMissing},
		{"deleting a key removes it from the resource servers of all APIs", resourceServerDeleted},
	}
}

func (e *env) resourceServers(api string) []string {
	e.Helper()
	return e.api(api).ResourceServers
}

func resourceServerAdded(e *env) {
	e.write(createAPI("a"), createAPI("b"), createAPI("c"))
	for _, id := range []string{"é", "x", "X", "10", "9"} {
		e.write(createClient(id), store.AddResourceServer{APIID: "a", ClientID: id})
	}
	e.write(store.AddResourceServer{APIID: "b", ClientID: "x"})
	a, b := newAPI("a"), newAPI("b")
	a.ResourceServers, b.ResourceServers = []string{"10", "9", "X", "x", "é"}, []string{"x"}
	same(e, "API", e.api("a"), a)
	same(e, "APIs", e.apis(), []store.API{a, b, newAPI("c")})
}

func resourceServersIgnored(e *env) {
	e.write(createClient("x"))
	a := newAPI("a")
	a.ResourceServers = []string{"x", "y"}
	e.write(store.CreateAPI{API: a})
	same(e, "API", e.api("a"), newAPI("a"))
}

func resourceServerAgain(e *env) {
	e.write(createAPI("a"), createClient("x"))
	before := e.head()
	for range 3 {
		e.write(store.AddResourceServer{APIID: "a", ClientID: "x"})
	}
	same(e, "resource servers", e.resourceServers("a"), []string{"x"})
	same(e, "number of changes", len(e.changes(before)), 3)
}

func resourceServerOfNothing(e *env) {
	e.write(createAPI("a"), createClient("x"))
	for _, m := range []struct{ api, client string }{{"a", "y"}, {"b", "x"}, {"b", "y"}, {"A", "x"}, {"a", "X"}} {
		e.refused(store.ErrNotFound, store.AddResourceServer{APIID: m.api, ClientID: m.client})
	}
	same(e, "API", e.api("a"), newAPI("a"))
}

func resourceServerRemoved(e *env) {
	e.write(createAPI("a"), createAPI("b"), createClient("x"), createClient("y"))
	for _, api := range []string{"a", "b"} {
		e.write(store.AddResourceServer{APIID: api, ClientID: "x"}, store.AddResourceServer{APIID: api, ClientID: "y"})
	}
	e.write(store.RemoveResourceServer{APIID: "a", ClientID: "x"})
	same(e, "resource servers", e.resourceServers("a"), []string{"y"})
	same(e, "resource servers of the other API", e.resourceServers("b"), []string{"x", "y"})
	e.write(store.AddResourceServer{APIID: "a", ClientID: "x"})
	same(e, "resource servers", e.resourceServers("a"), []string{"x", "y"})
}

func resourceServerMissing(e *env) {
	e.write(createAPI("a"), createAPI("b"), createClient("x"), createClient("y"))
	e.write(store.AddResourceServer{APIID: "a", ClientID: "x"})
	for _, m := range []struct{ api, client string }{{"a", "y"}, {"b", "x"}, {"A", "x"}, {"a", "X"}, {"", ""}} {
		e.refused(store.ErrNotFound, store.RemoveResourceServer{APIID: m.api, ClientID: m.client})
	}
	same(e, "resource servers", e.resourceServers("a"), []string{"x"})
}

func resourceServerDeleted(e *env) {
	e.write(createAPI("a"), createAPI("b"), createClient("x"), createClient("y"))
	for _, api := range []string{"a", "b"} {
		e.write(store.AddResourceServer{APIID: api, ClientID: "x"}, store.AddResourceServer{APIID: api, ClientID: "y"})
	}
	e.write(store.DeleteClient{ID: "x"})
	e.write(createClient("x"))
	for _, api := range []string{"a", "b"} {
		same(e, "resource servers", e.resourceServers(api), []string{"y"})
	}
}
