package storetest

import (
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

func recordTests() []test {
	return []test{
		{"times are UTC", timesAreUTC},
		{"times have the precision of a millisecond", timesAreMillis},
		{"the zero time is kept", zeroTimeIsKept},
		{"times before 1970 and far ahead are kept", farTimesAreKept},
		{"lifetimes have the precision of a millisecond", lifetimesAreMillis},
		{"an empty list reads back as nil", emptyLists},
		{"an element of a list that is empty or holds a space is ErrInvalid", badElements},
		{"a mode other than live and test is ErrInvalid", badModes},
		{"a record keeps any text and any bytes", anyText},
		{"a store keeps its own copy of what it was given", ownCopy},
	}
}

// throughStore writes one time into every column that has one, and returns what
// is read back.
func throughStore(e *env, at time.Time) []time.Time {
	e.Helper()
	api, client, key := newAPI("a"), newClient("c"), newSigningKey("k")
	api.NotBefore, api.CreatedAt, api.UpdatedAt = at, at, at
	client.NotBefore, client.CreatedAt, client.UpdatedAt = at, at, at
	client.Policy.ValidFrom, client.Policy.ValidUntil = at, at
	secret := &client.Secrets[0]
	secret.CreatedAt, secret.ExpiresAt, secret.LastUsedAt = at, at, at
	key.CreatedAt, key.ActivatesAt, key.RevokedAt = at, at, at
	_, err := e.store.Write(
		e.ctx, store.Origin{Actor: "system", At: at},
		store.CreateAPI{API: api}, store.CreateClient{Client: client}, store.CreateSigningKey{SigningKey: key},
		createClient("d"), store.SetClientDisabled{ID: "d"},
		createAPI("b"), store.UpdateAPI{API: newAPI("b")},
		createClient("e"), store.UpdateClient{Client: newClient("e")},
		store.RevokeToken{Revocation: store.Revocation{ID: store.TokenID{1}, ExpiresAt: at}},
		store.SetSecretExpiry{ClientID: "d", ID: "s1", ExpiresAt: at},
	)
	if err != nil {
		e.Fatalf("write with the time %v: %v", at, err)
	}
	api = e.api("a")
	client, other := e.client("c"), e.client("d")
	key = e.signingKey("k")
	times := []time.Time{
		api.NotBefore, api.CreatedAt, api.UpdatedAt,
		client.NotBefore, client.CreatedAt, client.UpdatedAt, client.Policy.ValidFrom, client.Policy.ValidUntil,
		e.api("b").UpdatedAt, e.client("e").UpdatedAt,
		client.Secrets[0].CreatedAt, client.Secrets[0].ExpiresAt, client.Secrets[0].LastUsedAt,
		key.CreatedAt, key.ActivatesAt, key.RevokedAt, other.UpdatedAt, other.Secrets[1].ExpiresAt,
	}
	for _, r := range e.revocations() {
		times = append(times, r.ExpiresAt)
	}
	for _, row := range e.auditRows() {
		times = append(times, row.At)
	}
	return times
}

func timesAreUTC(e *env) {
	for i, got := range throughStore(e, now.In(time.FixedZone("elsewhere", 5*3600+1800))) {
		if got != now {
			e.Errorf("time %d: got %v in %v, want %v in UTC", i, got, got.Location(), now)
		}
	}
}

func timesAreMillis(e *env) {
	for i, got := range throughStore(e, now.Add(999_999*time.Nanosecond)) {
		if got != now {
			e.Errorf("time %d: got %v, want %v", i, got, now)
		}
	}
}

func zeroTimeIsKept(e *env) {
	for i, got := range throughStore(e, time.Time{}) {
		if got != (time.Time{}) {
			e.Errorf("time %d: got %v, want the zero time", i, got)
		}
	}
}

func farTimesAreKept(e *env) {
	before := time.Date(1900, 1, 1, 0, 0, 0, 1e6, time.UTC)
	for i, got := range throughStore(e, before) {
		if got != before {
			e.Errorf("time %d: got %v, want %v", i, got, before)
		}
	}
	ahead := newClient("ahead")
	ahead.CreatedAt = time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	ahead.Policy.ValidUntil = ahead.CreatedAt
	e.write(store.CreateClient{Client: ahead})
	same(e, "client", e.client("ahead"), ahead)
}

func lifetimesAreMillis(e *env) {
	api, client := newAPI("a"), newClient("c")
	api.AccessTokenLifetime = 1500*time.Millisecond + 999*time.Microsecond
	api.RefreshTokenLifetime = 87_600 * time.Hour
	api.RefreshTokenIdleLifetime = time.Millisecond + time.Nanosecond
	client.AccessTokenLifetime = 0
	e.write(store.CreateAPI{API: api}, store.CreateClient{Client: client})
	api.AccessTokenLifetime, api.RefreshTokenIdleLifetime = 1500*time.Millisecond, time.Millisecond
	same(e, "API", e.api("a"), api)
	same(e, "client", e.client("c"), client)
}

func emptyLists(e *env) {
	api, client := newAPI("a"), newClient("c")
	api.Scopes, api.Parameters = []string{}, []store.Parameter{}
	api.Routes = []store.Route{{Method: "GET", Path: "/", Scopes: []string{}}}
	client.GrantTypes, client.AuthMethods = []oauth.GrantType{}, []oauth.AuthMethod{}
	client.Scopes, client.Secrets = []string{}, []store.Secret{}
	client.Policy.Origins, client.Policy.Networks = []string{}, []string{}
	noRoutes := newAPI("b")
	noRoutes.Routes = []store.Route{}
	e.write(store.CreateAPI{API: api}, store.CreateAPI{API: noRoutes}, store.CreateClient{Client: client})
	api.Scopes, api.Parameters, api.Routes[0].Scopes, noRoutes.Routes = nil, nil, nil, nil
	client.Policy.Origins, client.Policy.Networks = nil, nil
	client.GrantTypes, client.AuthMethods, client.Scopes, client.Secrets = nil, nil, nil, nil
	same(e, "APIs", e.apis(), []store.API{api, noRoutes})
	same(e, "client", e.client("c"), client)
	same(e, "clients", e.clients(), []store.Client{client})
}

func badElements(e *env) {
	e.write(createAPI("a"), createClient("c"))
	for _, bad := range []string{"", " ", "a b", "a "} {
		for field, changes := range map[string][]func(*store.API){
			"scopes": {func(a *store.API) { a.Scopes[1] = bad }},
			"parameters": {
				func(a *store.API) { a.Parameters[1].Name = bad },
				func(a *store.API) { a.Parameters[1].Type = bad },
			},
			"routes": {
				func(a *store.API) { a.Routes[1].Method = bad },
				func(a *store.API) { a.Routes[1].Path = bad },
				func(a *store.API) { a.Routes[0].Scopes[1] = bad },
			},
		} {
			for _, change := range changes {
				e.invalidAPI(field, bad, change)
			}
		}
		for field, change := range map[string]func(*store.Client){
			"scopes":       func(c *store.Client) { c.Scopes[1] = bad },
			"grant types":  func(c *store.Client) { c.GrantTypes[1] = oauth.GrantType(bad) },
			"auth methods": func(c *store.Client) { c.AuthMethods[1] = oauth.AuthMethod(bad) },
			"origins":      func(c *store.Client) { c.Policy.Origins[1] = bad },
			"networks":     func(c *store.Client) { c.Policy.Networks[1] = bad },
		} {
			e.invalidClient(field, bad, change)
		}
	}
	same(e, "APIs", e.apis(), []store.API{newAPI("a")})
	same(e, "clients", e.clients(), []store.Client{newClient("c")})
}

func badModes(e *env) {
	e.write(createAPI("a"), createClient("c"))
	for _, bad := range []store.Mode{"", "Live", "test ", "sandbox"} {
		e.invalidAPI("mode", string(bad), func(a *store.API) { a.Mode = bad })
		e.invalidClient("mode", string(bad), func(c *store.Client) { c.Mode = bad })
	}
	same(e, "APIs", e.apis(), []store.API{newAPI("a")})
	same(e, "clients", e.clients(), []store.Client{newClient("c")})
}

// invalidAPI creates the API "b" and updates "a", both with what change sets, which
// is ErrInvalid.
func (e *env) invalidAPI(field, value string, change func(*store.API)) {
	e.Helper()
	a, b := newAPI("a"), newAPI("b")
	change(&a)
	change(&b)
	for _, m := range []store.Mutation{store.CreateAPI{API: b}, store.UpdateAPI{API: a}} {
		refusal := e.refused(store.ErrInvalid, m)
		same(e, "field and value", []string{refusal.Field, refusal.Value}, []string{field, value})
	}
}

// invalidClient does the same with the keys "d" and "c".
func (e *env) invalidClient(field, value string, change func(*store.Client)) {
	e.Helper()
	c, d := newClient("c"), newClient("d")
	change(&c)
	change(&d)
	for _, m := range []store.Mutation{store.CreateClient{Client: d}, store.UpdateClient{Client: c}} {
		refusal := e.refused(store.ErrInvalid, m)
		same(e, "field and value", []string{refusal.Field, refusal.Value}, []string{field, value})
	}
}

func anyText(e *env) {
	client := newClient(`'; DROP TABLE clients; --"$1?%_`)
	client.Name = "tab\t, line\n, quotes '\"`, \\, $1 ?1 :a, 日本語, \U0001F511"
	client.Policy.Claims = client.Name
	client.Secrets[0].Hash = slices.Concat([]byte{0}, []byte(client.Name), []byte{0xff, 0xfe, 0})
	key := newSigningKey(client.ID)
	key.Sealed = make([]byte, 1<<16)
	e.write(store.CreateClient{Client: client}, store.CreateSigningKey{SigningKey: key})
	same(e, "client", e.client(client.ID), client)
	same(e, "signing key", e.signingKey(client.ID), key)
}

func ownCopy(e *env) {
	client, key := newClient("c"), newSigningKey("k")
	added, resealed := newSecret("s3", now), []byte("sealed again")
	value, second := []byte("value"), []byte("value")
	e.write(store.CreateClient{Client: client}, store.CreateSigningKey{SigningKey: key}, createSigningKey("l"))
	e.write(store.AddSecret{ClientID: "c", Secret: added}, store.ResealSigningKey{ID: "l", Sealed: resealed})
	stored := e.initSetting("n", value)
	e.setSetting("m", second)
	for _, b := range [][]byte{client.Secrets[0].Hash, added.Hash, key.Sealed, resealed, value, second, stored} {
		clear(b)
	}
	client.Scopes[0], client.Policy.Origins[0] = "changed", "changed"
	want := newClient("c")
	want.Secrets, want.UpdatedAt = append(want.Secrets, newSecret("s3", now)), now
	same(e, "client", e.client("c"), want)
	same(e, "signing key", e.signingKey("k"), newSigningKey("k"))
	same(e, "bytes of a key that was sealed again", string(e.signingKey("l").Sealed), "sealed again")
	same(e, "setting", e.setting("n"), []byte("value"))
	same(e, "other setting", e.setting("m"), []byte("value"))
}
