package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

func notBeforeTests() []test {
	return []test{
		{"NotBefore is the zero time when all tokens were never revoked", notBeforeOfNothing},
		{"revoking the tokens of an API, a key or all sets NotBefore", notBeforeSet},
		{"an earlier instant than one set before changes nothing and is no error", notBeforeEarlier},
		{"revoking the tokens of no API or no key is ErrNotFound", notBeforeMissing},
	}
}

func notBeforeOfNothing(e *env) {
	same(e, "not before", e.notBefore(), time.Time{})
	e.write(createAPI("a"), createClient("c"))
	e.write(store.RevokeAPITokens{ID: "a", Before: now}, store.RevokeClientTokens{ID: "c", Before: now})
	same(e, "not before, with that of one API and one key", e.notBefore(), time.Time{})
}

// revokeTokens revokes the tokens of the API "a", of the key "c" and all.
func (e *env) revokeTokens(before time.Time) {
	e.Helper()
	e.writeAt(
		now.Add(time.Hour),
		store.RevokeAPITokens{ID: "a", Before: before},
		store.RevokeClientTokens{ID: "c", Before: before},
		store.RevokeAllTokens{Before: before},
	)
}

// sameNotBefore checks that the instants are what they should be, and that they
// are all that changed.
func (e *env) sameNotBefore(want time.Time) {
	e.Helper()
	api, client := newAPI("a"), newClient("c")
	api.NotBefore, client.NotBefore = want, want
	same(e, "APIs", e.apis(), []store.API{api, newAPI("b")})
	same(e, "clients", e.clients(), []store.Client{client, newClient("d")})
	same(e, "not before", e.notBefore(), want)
}

func notBeforeSet(e *env) {
	e.write(createAPI("a"), createAPI("b"), createClient("c"), createClient("d"))
	for _, before := range []time.Time{now, now.Add(time.Millisecond), now.Add(time.Hour)} {
		e.revokeTokens(before)
		e.sameNotBefore(before)
	}
	e.reopen()
	e.sameNotBefore(now.Add(time.Hour))
}

func notBeforeEarlier(e *env) {
	e.write(createAPI("a"), createAPI("b"), createClient("c"), createClient("d"))
	e.revokeTokens(now)
	for _, before := range []time.Time{now, now.Add(-time.Millisecond), now.Add(-1000 * time.Hour), {}} {
		head := e.head()
		e.revokeTokens(before)
		e.sameNotBefore(now)
		same(e, "number of changes", len(e.changes(head)), 3)
	}
}

func notBeforeMissing(e *env) {
	e.write(createAPI("a"), createClient("c"))
	for _, id := range []string{"", "b", "A", "C"} {
		e.refused(store.ErrNotFound, store.RevokeAPITokens{ID: id, Before: now})
		e.refused(store.ErrNotFound, store.RevokeClientTokens{ID: id, Before: now})
	}
	same(e, "API", e.api("a"), newAPI("a"))
	same(e, "client", e.client("c"), newClient("c"))
}
