package storetest

import (
	"github.com/grantd/grantd/internal/store"
)

func deleteAPITests() []test {
	return []test{
		{"it removes the API and nothing of another", deleteAPIRemoves},
		{"it removes the list of its resource servers", deleteAPIWithResourceServers},
		{"deleting no API is ErrNotFound", deleteNoAPI},
		{"its id, its audience and its scopes can be used again", deletedAPIAgain},
		{"they can be used again in the same write", deletedAPIInOneWrite},
		{"an API that is created with its id has nothing of it", createdAgainIsNew},
	}
}

func deleteAPI(id string) store.DeleteAPI { return store.DeleteAPI{ID: id} }

func deleteAPIRemoves(e *env) {
	e.write(createAPI("a"), createAPI("b"), createAPI("c"))
	e.write(deleteAPI("b"))
	_, err := e.store.API(e.ctx, "b")
	fails(e, "API", err, store.ErrNotFound)
	same(e, "APIs", e.apis(), []store.API{newAPI("a"), newAPI("c")})
	e.reopen()
	same(e, "APIs after opening again", e.apis(), []store.API{newAPI("a"), newAPI("c")})
}

func deleteAPIWithResourceServers(e *env) {
	e.write(createAPI("a"), createAPI("b"), createClient("x"), createClient("y"))
	for _, api := range []string{"a", "b"} {
		e.write(store.AddResourceServer{APIID: api, ClientID: "x"}, store.AddResourceServer{APIID: api, ClientID: "y"})
	}
	e.write(deleteAPI("a"))
	same(e, "resource servers of the other API", e.resourceServers("b"), []string{"x", "y"})
	same(e, "clients", e.clients(), []store.Client{newClient("x"), newClient("y")})
	e.refused(store.ErrNotFound, store.RemoveResourceServer{APIID: "a", ClientID: "x"})
	e.write(createAPI("a"))
	same(e, "resource servers of the API made again", e.resourceServers("a"), nil)
	e.write(store.DeleteClient{ID: "x"})
}

func deleteNoAPI(e *env) {
	e.write(createAPI("a"))
	for _, id := range []string{"", "A", "b"} {
		e.refused(store.ErrNotFound, deleteAPI(id))
	}
	same(e, "API", e.api("a"), newAPI("a"))
	e.refused(store.ErrNotFound, deleteAPI("a"), deleteAPI("a"))
	same(e, "API", e.api("a"), newAPI("a"))
	e.write(deleteAPI("a"))
	e.refused(store.ErrNotFound, deleteAPI("a"))
}

func deletedAPIAgain(e *env) {
	e.write(createAPI("a"))
	e.write(deleteAPI("a"))
	other := newAPI("b")
	other.Audience, other.Scopes = newAPI("a").Audience, newAPI("a").Scopes
	e.write(store.CreateAPI{API: other})
	e.write(deleteAPI("b"))
	e.write(createAPI("a"))
	same(e, "APIs", e.apis(), []store.API{newAPI("a")})
}

func deletedAPIInOneWrite(e *env) {
	e.write(createAPI("a"))
	before := e.head()
	other := newAPI("b")
	other.Audience, other.Scopes = newAPI("a").Audience, newAPI("a").Scopes
	e.refused(store.ErrConflict, store.CreateAPI{API: other}, deleteAPI("a"))
	e.write(deleteAPI("a"), store.CreateAPI{API: other})
	same(e, "APIs", e.apis(), []store.API{other})

	again := newAPI("b")
	again.Audience = other.Audience
	e.write(deleteAPI("b"), store.CreateAPI{API: again})
	same(e, "APIs", e.apis(), []store.API{again})
	same(e, "number of changes", len(e.changes(before)), 4)
}

func createdAgainIsNew(e *env) {
	e.write(createAPI("a"), createClient("c"), store.AddResourceServer{APIID: "a", ClientID: "c"})
	e.write(store.RevokeAPITokens{ID: "a", Before: now})
	bare := store.API{ID: "a", Mode: store.Live, CreatedAt: now, UpdatedAt: now}
	e.write(deleteAPI("a"), store.CreateAPI{API: bare})
	same(e, "APIs", e.apis(), []store.API{bare})
}
