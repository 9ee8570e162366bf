package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

func apiTests() []test {
	return []test{
		{"API returns what was created, scopes in order", apiReads},
		{"API answers ErrNotFound", apiNotFound},
		{"APIs returns all, oldest first, those of the same age by id", apisOldestFirst},
		{"a second API with the same id is ErrConflict", apiSameID},
		{"a second API with the same audience is ErrConflict", apiSameAudience},
		{"a scope definition of another API is ErrConflict", apiForeignScope},
		{"a scope definition listed twice is ErrConflict", apiScopeTwice},
		{"a live and a test API may have the same scope definitions", apiScopesOfTwoModes},
		{"scope definitions are compared byte by byte", apiScopesByBytes},
	}
}

func apiReads(e *env) {
	e.write(createAPI("a"), createAPI("b"))
	same(e, "API", e.api("a"), newAPI("a"))
	same(e, "APIs", e.apis(), []store.API{newAPI("a"), newAPI("b")})
}

func apiNotFound(e *env) {
	e.write(createAPI("a"))
	for _, id := range []string{"", "A", "b", "https://a.example"} {
		_, err := e.store.API(e.ctx, id)
		fails(e, "API "+id, err, store.ErrNotFound)
	}
}

func apisOldestFirst(e *env) {
	same(e, "APIs of an empty store", e.apis(), nil)
	for _, api := range []struct {
		id  string
		age time.Duration
	}{{"a", 2}, {"c", 3}, {"d", 1}, {"b", 3}, {"B", 3}} {
		m := createAPI(api.id)
		m.API.CreatedAt = now.Add(-api.age * time.Hour)
		e.write(m)
	}
	var got []string
	for _, api := range e.apis() {
		got = append(got, api.ID)
	}
	same(e, "APIs", got, []string{"B", "b", "c", "a", "d"})
}

// conflict writes an API that differs from "a" in all but what change sets.
func conflict(e *env, field string, change func(*store.API)) {
	e.Helper()
	e.write(createAPI("a"))
	b := newAPI("b")
	change(&b)
	same(e, "field", e.refused(store.ErrConflict, store.CreateAPI{API: b}).Field, field)
	same(e, "API", e.api("a"), newAPI("a"))
}

func apiSameID(e *env) {
	conflict(e, "id", func(b *store.API) { b.ID = "a" })
}

func apiSameAudience(e *env) {
	conflict(e, "audience", func(b *store.API) { b.Audience = newAPI("a").Audience })
}

func apiForeignScope(e *env) {
	conflict(e, "scope", func(b *store.API) { b.Scopes[2] = newAPI("a").Scopes[1] })
}

func apiScopeTwice(e *env) {
	conflict(e, "scope", func(b *store.API) { b.Scopes[2] = b.Scopes[0] })
}

func apiScopesOfTwoModes(e *env) {
	test, live := newAPI("a"), newAPI("b")
	live.Mode, live.Scopes = store.Live, test.Scopes
	e.write(store.CreateAPI{API: test}, store.CreateAPI{API: live})
	same(e, "APIs", e.apis(), []store.API{test, live})
	for _, mode := range []store.Mode{store.Live, store.Test} {
		third := newAPI("c")
		third.Mode, third.Scopes[1] = mode, test.Scopes[2]
		same(e, "field", e.refused(store.ErrConflict, store.CreateAPI{API: third}).Field, "scope")
	}
}

func apiScopesByBytes(e *env) {
	a, b := newAPI("a"), newAPI("b")
	a.Scopes = []string{"/x.read", "/\u00e9"}
	b.Scopes = []string{"/X.read", "/e\u0301", "/x.read/"}
	e.write(store.CreateAPI{API: a}, store.CreateAPI{API: b})
	same(e, "API", e.api("b"), b)
}
