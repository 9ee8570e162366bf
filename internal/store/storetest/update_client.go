package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

func updateClientTests() []test {
	return []test{
		{"it replaces all but what stays, and nothing of another key", updateClientReplaces},
		{"it takes parts of the policy away, or all of it", updateTakesPolicyAway},
		{"updating no key is ErrNotFound", updateNoClient},
		{"updating a deleted key is ErrNotFound and does not make it again", updateDeletedClient},
		{"a change of a key that was made from what it is not any more is ErrChanged", updateChangedClient},
	}
}

// changedClient returns the key with other values in all that UpdateClient
// replaces, and also in all that stays.
func changedClient(id string) store.Client {
	return store.Client{
		ID:                  id,
		Name:                "changed",
		Owner:               "another",
		GrantTypes:          []oauth.GrantType{oauth.ClientCredentials},
		AuthMethods:         []oauth.AuthMethod{oauth.ClientSecretBasic},
		Mode:                store.Live,
		Scopes:              []string{"/changed", "/z.read"},
		Policy:              store.Policy{Networks: []string{"192.0.2.0/24"}, Burst: 7, Claims: `{"changed":true}`},
		AccessTokenLifetime: 7 * time.Minute,
		Secrets:             []store.Secret{newSecret("s7", now)},
		KeepsRefreshTokens:  false,
		Disabled:            false,
		NotBefore:           now.Add(7 * time.Hour),
		CreatedAt:           now.Add(8 * time.Hour),
		UpdatedAt:           now.Add(9 * time.Hour),
	}
}

func updateClientReplaces(e *env) {
	e.write(createAPI("a"), createClient("c"), createClient("d"), store.AddResourceServer{APIID: "a", ClientID: "c"})
	e.recordUses(useOf("c", time.Hour))
	before := e.client("c")
	at := now.Add(time.Hour)
	e.writeAt(at, store.UpdateClient{Client: changedClient("c")})

	want := changedClient("c")
	want.Secrets, want.Disabled, want.UpdatedAt = before.Secrets, before.Disabled, at
	want.NotBefore, want.CreatedAt = before.NotBefore, before.CreatedAt
	same(e, "client", e.client("c"), want)
	same(e, "clients", e.clients(), []store.Client{want, newClient("d")})
	same(e, "resource servers", e.resourceServers("a"), []string{"c"})
	e.reopen()
	same(e, "clients after opening again", e.clients(), []store.Client{want, newClient("d")})
}

func updateTakesPolicyAway(e *env) {
	e.write(createClient("c"))
	want := newClient("c")
	want.UpdatedAt = now
	for _, change := range []func(*store.Policy){
		func(p *store.Policy) { p.Origins = nil },
		func(p *store.Policy) { p.ValidUntil, p.Burst = time.Time{}, 0 },
		func(p *store.Policy) { *p = store.Policy{} },
		func(p *store.Policy) { *p = newPolicy("other") },
	} {
		change(&want.Policy)
		e.write(store.UpdateClient{Client: want})
		same(e, "client", e.client("c"), want)
	}
}

func updateNoClient(e *env) {
	e.write(createClient("c"))
	for _, id := range []string{"", "C", "d"} {
		e.refused(store.ErrNotFound, store.UpdateClient{Client: changedClient(id)})
	}
	same(e, "clients", e.clients(), []store.Client{newClient("c")})
}

func updateDeletedClient(e *env) {
	e.write(createClient("c"))
	e.refused(store.ErrNotFound, store.DeleteClient{ID: "c"}, store.UpdateClient{Client: changedClient("c")})
	same(e, "clients", e.clients(), []store.Client{newClient("c")})
	e.write(store.DeleteClient{ID: "c"})
	e.refused(store.ErrNotFound, store.UpdateClient{Client: changedClient("c")})
	same(e, "clients", e.clients(), nil)
	e.write(createClient("c"), store.UpdateClient{Client: changedClient("c")})
}

func updateChangedClient(e *env) {
	e.write(createClient("c"))
	change := func(name string, seen time.Time) store.UpdateClient {
		c := newClient("c")
		c.Name = name
		return store.UpdateClient{Client: c, Seen: store.Seen{Time: seen}}
	}
	first := e.client("c").UpdatedAt
	// The clock of the node may be behind, or not have gone on.
	e.writeAt(first.Add(-time.Hour), change("one", first))
	second := e.client("c").UpdatedAt
	if !second.After(first) {
		e.Errorf("updated at %v, which is not after %v", second, first)
	}
	for _, seen := range []time.Time{first, second.Add(time.Millisecond), second.Add(-time.Hour)} {
		e.refused(store.ErrChanged, change("two", seen))
	}
	e.refused(store.ErrChanged, change("two", second), change("three", second))
	same(e, "name", e.client("c").Name, "one")
	e.writeAt(second.Add(time.Hour), change("two", second))
	same(e, "name", e.client("c").Name, "two")
	same(e, "updated at", e.client("c").UpdatedAt, second.Add(time.Hour))
	e.write(store.DeleteClient{ID: "c"})
	e.refused(store.ErrNotFound, change("four", second))
}
