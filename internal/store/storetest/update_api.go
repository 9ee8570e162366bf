package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

func updateAPITests() []test {
	return []test{
		{"it replaces all but what stays, and nothing of another API", updateAPIReplaces},
		{"updating no API is ErrNotFound", updateNoAPI},
		{"the audience of another API is ErrConflict", updateToForeignAudience},
		{"a scope definition of another API, or one listed twice, is ErrConflict", updateToForeignScope},
		{"what the API itself had before is free", updateToOwn},
		{"what the API gives up can be used by another", updateGivesUp},
		{"a refused update gives nothing up", refusedUpdateKeeps},
		{"a definition moves in one write when the API that gives it up comes first", definitionMoves},
		{"exchanging definitions or audiences in one write is ErrConflict", exchangeRefused},
		{"a changed mode is compared with the APIs of that mode", updateOfMode},
		{"a change of an API that was made from what it is not any more is ErrChanged", updateChangedAPI},
	}
}

// changedAPI returns the API with other values in all that UpdateAPI replaces, and
// also in all that stays.
func changedAPI(id string) store.API {
	return store.API{
		ID:                       id,
		Audience:                 "https://changed-" + id + ".example",
		Mode:                     store.Live,
		Scopes:                   []string{"/changed/" + id, "/" + id + "/read"},
		Parameters:               []store.Parameter{{Name: "p", Type: "slug"}},
		Routes:                   []store.Route{{Method: "PUT", Path: "/changed", Scopes: []string{"/changed/" + id}}},
		TokenFormat:              store.JWT,
		Algorithm:                "EdDSA",
		Type:                     "at+jwt",
		AccessTokenLifetime:      7 * time.Minute,
		RefreshTokenLifetime:     7 * time.Hour,
		RefreshTokenIdleLifetime: 0,
		NotBefore:                now.Add(7 * time.Hour),
		ResourceServers:          []string{"d"},
		CreatedAt:                now.Add(8 * time.Hour),
		UpdatedAt:                now.Add(9 * time.Hour),
	}
}

func updateAPIReplaces(e *env) {
	e.write(createAPI("a"), createAPI("b"), createClient("c"), createClient("d"))
	e.write(store.AddResourceServer{APIID: "a", ClientID: "c"}, store.AddResourceServer{APIID: "b", ClientID: "c"})
	other := e.api("b")
	at := now.Add(time.Hour)
	e.writeAt(at, store.UpdateAPI{API: changedAPI("a")})

	want := changedAPI("a")
	want.NotBefore, want.CreatedAt, want.UpdatedAt = newAPI("a").NotBefore, newAPI("a").CreatedAt, at
	want.ResourceServers = []string{"c"}
	same(e, "API", e.api("a"), want)
	same(e, "APIs", e.apis(), []store.API{want, other})
	e.reopen()
	same(e, "APIs after opening again", e.apis(), []store.API{want, other})
}

func updateNoAPI(e *env) {
	e.write(createAPI("a"))
	for _, id := range []string{"", "A", "b"} {
		// That the audience and the scopes are taken comes second.
		api := newAPI("a")
		api.ID = id
		e.refused(store.ErrNotFound, store.UpdateAPI{API: api})
	}
	e.refused(store.ErrNotFound, store.DeleteAPI{ID: "a"}, store.UpdateAPI{API: newAPI("a")})
	same(e, "APIs", e.apis(), []store.API{newAPI("a")})
}

// conflictingUpdate updates "a", beside which "b" is, in what change sets.
func conflictingUpdate(e *env, field, value string, change func(*store.API)) {
	e.Helper()
	a := newAPI("a")
	change(&a)
	refusal := e.refused(store.ErrConflict, store.UpdateAPI{API: a})
	same(e, "field and value", []string{refusal.Field, refusal.Value}, []string{field, value})
	same(e, "APIs", e.apis(), []store.API{newAPI("a"), newAPI("b")})
}

func updateToForeignAudience(e *env) {
	e.write(createAPI("a"), createAPI("b"))
	audience := newAPI("b").Audience
	conflictingUpdate(e, "audience", audience, func(a *store.API) { a.Audience = audience })
	conflictingUpdate(e, "audience", audience, func(a *store.API) { a.Audience, a.Mode = audience, store.Live })
}

func updateToForeignScope(e *env) {
	e.write(createAPI("a"), createAPI("b"))
	foreign, own := newAPI("b").Scopes[1], newAPI("a").Scopes[0]
	conflictingUpdate(e, "scope", foreign, func(a *store.API) { a.Scopes[1] = foreign })
	conflictingUpdate(e, "scope", own, func(a *store.API) { a.Scopes[2] = own })
}

func updateToOwn(e *env) {
	e.write(createAPI("a"), createAPI("b"))
	want := newAPI("a")
	want.UpdatedAt = now
	for _, scopes := range [][]string{
		newAPI("a").Scopes,
		{"/a/a", "/a/read", "/new", "/a/{accountID}/write"},
		{"/new"},
		nil,
		{"/a/read", "/new"},
	} {
		want.Scopes = scopes
		e.write(store.UpdateAPI{API: want})
		same(e, "API", e.api("a"), want)
	}
	same(e, "the other API", e.api("b"), newAPI("b"))
}

func updateGivesUp(e *env) {
	e.write(createAPI("a"))
	before, b := newAPI("a"), newAPI("b")
	a := before
	a.Audience, a.Scopes = "https://moved.example", []string{"/a/read"}
	e.write(store.UpdateAPI{API: a})
	b.Audience, b.Scopes = before.Audience, before.Scopes[1:]
	e.write(store.CreateAPI{API: b})
	a.UpdatedAt = now
	same(e, "APIs", e.apis(), []store.API{a, b})
}

func refusedUpdateKeeps(e *env) {
	e.write(createAPI("a"), createAPI("b"))
	a := newAPI("a")
	a.Scopes = []string{"/new", newAPI("b").Scopes[0]}
	e.refused(store.ErrConflict, store.UpdateAPI{API: a})
	for _, definition := range newAPI("a").Scopes {
		c := newAPI("c")
		c.Scopes = []string{definition}
		e.refused(store.ErrConflict, store.CreateAPI{API: c})
	}
	c := newAPI("c")
	c.Scopes = []string{"/new"}
	e.write(store.CreateAPI{API: c})
}

func definitionMoves(e *env) {
	e.write(createAPI("a"), createAPI("b"))
	a, b := newAPI("a"), newAPI("b")
	moving := a.Scopes[1]
	a.Scopes, b.Scopes = []string{a.Scopes[0], a.Scopes[2]}, append(b.Scopes, moving)
	refusal := e.refused(store.ErrConflict, store.UpdateAPI{API: b}, store.UpdateAPI{API: a})
	same(e, "field and value", []string{refusal.Field, refusal.Value}, []string{"scope", moving})
	same(e, "APIs", e.apis(), []store.API{newAPI("a"), newAPI("b")})

	e.write(store.UpdateAPI{API: a}, store.UpdateAPI{API: b})
	a.UpdatedAt, b.UpdatedAt = now, now
	same(e, "APIs", e.apis(), []store.API{a, b})
}

func exchangeRefused(e *env) {
	e.write(createAPI("a"), createAPI("b"))
	audit := e.auditRows()
	for _, exchange := range []func(a, b *store.API){
		func(a, b *store.API) { a.Scopes, b.Scopes = b.Scopes, a.Scopes },
		func(a, b *store.API) { a.Scopes[0], b.Scopes[0] = b.Scopes[0], a.Scopes[0] },
		func(a, b *store.API) { a.Audience, b.Audience = b.Audience, a.Audience },
	} {
		a, b := newAPI("a"), newAPI("b")
		exchange(&a, &b)
		e.refused(store.ErrConflict, store.UpdateAPI{API: a}, store.UpdateAPI{API: b})
		e.refused(store.ErrConflict, store.UpdateAPI{API: b}, store.UpdateAPI{API: a})
	}
	same(e, "APIs", e.apis(), []store.API{newAPI("a"), newAPI("b")})
	same(e, "audit rows", e.auditRows(), audit)
	// In three steps it works.
	a, b, between := newAPI("a"), newAPI("b"), newAPI("a")
	between.Scopes = nil
	a.Scopes, b.Scopes = b.Scopes, a.Scopes
	e.write(store.UpdateAPI{API: between}, store.UpdateAPI{API: b}, store.UpdateAPI{API: a})
	a.UpdatedAt, b.UpdatedAt = now, now
	same(e, "APIs after three steps", e.apis(), []store.API{a, b})
}

func updateOfMode(e *env) {
	test, live := newAPI("a"), newAPI("b")
	live.Mode, live.Scopes = store.Live, test.Scopes
	e.write(store.CreateAPI{API: test}, store.CreateAPI{API: live})

	toLive := test
	toLive.Mode = store.Live
	refusal := e.refused(store.ErrConflict, store.UpdateAPI{API: toLive})
	same(e, "field and value", []string{refusal.Field, refusal.Value}, []string{"scope", test.Scopes[0]})
	toTest := live
	toTest.Mode = store.Test
	e.refused(store.ErrConflict, store.UpdateAPI{API: toTest})
	same(e, "APIs", e.apis(), []store.API{test, live})

	live.Scopes = []string{"/b/only"}
	e.write(store.UpdateAPI{API: live}, store.UpdateAPI{API: toLive})
	toLive.UpdatedAt, live.UpdatedAt = now, now
	same(e, "APIs, both live", e.apis(), []store.API{toLive, live})
	// Its definitions are free among the test APIs, and only there.
	third := newAPI("c")
	third.Scopes = test.Scopes
	third.Mode = store.Live
	e.refused(store.ErrConflict, store.CreateAPI{API: third})
	third.Mode = store.Test
	e.write(store.CreateAPI{API: third})
}

func updateChangedAPI(e *env) {
	e.write(createAPI("a"), createAPI("b"))
	change := func(scope string, seen time.Time) store.UpdateAPI {
		a := newAPI("a")
		a.Scopes = []string{scope}
		return store.UpdateAPI{API: a, Seen: store.Seen{Time: seen}}
	}
	first := e.api("a").UpdatedAt
	e.writeAt(first, change("/one", first))
	second := e.api("a").UpdatedAt
	same(e, "updated at", second, first.Add(time.Millisecond))
	e.refused(store.ErrChanged, change("/two", first))
	same(e, "scopes", e.api("a").Scopes, []string{"/one"})
	taken := change("/two", second)
	taken.API.Audience = newAPI("b").Audience
	same(e, "field", e.refused(store.ErrConflict, taken).Field, "audience")
	e.writeAt(second.Add(time.Hour), change("/two", second))
	same(e, "scopes", e.api("a").Scopes, []string{"/two"})
}
