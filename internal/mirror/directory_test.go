package mirror_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

// withScopes is an API with a catalogue of its own.
func withScopes(id string, mode store.Mode, scopes ...string) store.API {
	a := api(id)
	a.Mode, a.Scopes = mode, scopes
	return a
}

// expectOwner wants the concrete scope to belong to the API; to none when want is
// "".
func expectOwner(t *testing.T, m *mirror.Mirror, mode store.Mode, concrete, want string) {
	t.Helper()
	owner, _, found := m.Scopes(mode).Find(concrete)
	got := ""
	if found {
		got = owner.ID
	}
	if got != want {
		t.Errorf("scope %s in mode %s belongs to %q, want %q", concrete, mode, got, want)
	}
}

func TestTheTwoModesHaveScopesOfTheirOwn(t *testing.T) {
	db := open(t)
	write(t, db, store.CreateAPI{API: withScopes("l", store.Live, "/x.read", "/{id}/y.read")})
	m, log := newLoggedMirror(t, db)
	expectOwner(t, m, store.Test, "/x.read", "")
	write(t, db, store.CreateAPI{API: withScopes("t", store.Test, "/x.read", "/{id}/y.read")})
	catchUp(t, m)
	expectOwner(t, m, store.Live, "/x.read", "l")
	expectOwner(t, m, store.Test, "/x.read", "t")
	expectOwner(t, m, store.Test, "/7/y.read", "t")
	moved := withScopes("l", store.Test, "/z.read")
	write(t, db, store.UpdateAPI{API: moved})
	catchUp(t, m)
	expectOwner(t, m, store.Live, "/x.read", "")
	expectOwner(t, m, store.Test, "/z.read", "l")
	if m.Scopes(store.Live) == nil || m.Scopes("") == nil {
		t.Error("a mode without APIs has no index")
	}
	expectLog(t, log, 0)
}

func TestTypesOfParametersCount(t *testing.T) {
	db := open(t)
	typed := withScopes("a", store.Live, "/{tier}/x.read")
	typed.Parameters = []store.Parameter{{Name: "tier", Type: "enum:gold|silver"}}
	write(t, db, store.CreateAPI{API: typed})
	m, _ := newMirror(t, db)
	expectOwner(t, m, store.Live, "/gold/x.read", "a")
	expectOwner(t, m, store.Live, "/lead/x.read", "")
	typed.Parameters[0].Type = "enum:lead"
	write(t, db, store.UpdateAPI{API: typed})
	catchUp(t, m)
	expectOwner(t, m, store.Live, "/lead/x.read", "a")
}

func TestACatalogueThatDoesNotCompileLeavesTheOthersAlone(t *testing.T) {
	tests := []struct {
		name   string
		broken func(*store.API)
		cause  string
	}{
		{"a definition that cannot be read", func(a *store.API) { a.Scopes = append(a.Scopes, "/{}/x.read") }, "/{}/x.read"},
		{"a type that nobody knows", func(a *store.API) {
			a.Scopes = append(a.Scopes, "/{id}/x.read")
			a.Parameters = []store.Parameter{{Name: "id", Type: "colour"}}
		}, "colour"},
		{"a definition that another API has in other words", func(a *store.API) { a.Scopes = append(a.Scopes, "/accounts/{any}/wallets.read") }, "/accounts/{accountID}/wallets.read"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			db := open(t)
			broken := withScopes("broken", store.Live, "/broken.read")
			test.broken(&broken)
			write(t, db,
				store.CreateAPI{API: withScopes("a", store.Live, "/a.read", "/accounts/{accountID}/wallets.read")},
				store.CreateAPI{API: broken},
				store.CreateAPI{API: withScopes("c", store.Live, "/c.read")},
			)
			m, log := newLoggedMirror(t, db)
			expectLog(t, log, 1, "api=broken", "audience=https://broken.example", test.cause)
			expectOwner(t, m, store.Live, "/a.read", "a")
			expectOwner(t, m, store.Live, "/accounts/7/wallets.read", "a")
			expectOwner(t, m, store.Live, "/c.read", "c")
			expectOwner(t, m, store.Live, "/broken.read", "")
			if m.API("https://broken.example") == nil || m.APIs() != 3 {
				t.Error("an API without usable scopes is not there at all")
			}
			_, _, found := m.API("https://broken.example").Routes().Find("GET", "/")
			if found {
				t.Error("it has routes")
			}
			write(t, db, store.CreateAPI{API: withScopes("d", store.Live, "/d.read")})
			catchUp(t, m)
			expectOwner(t, m, store.Live, "/d.read", "d")
			expectOwner(t, m, store.Live, "/broken.read", "")
			expectLog(t, log, 0)
			write(t, db, store.UpdateAPI{API: withScopes("broken", store.Live, "/broken.read")})
			catchUp(t, m)
			expectOwner(t, m, store.Live, "/broken.read", "broken")
			expectLog(t, log, 0)
		})
	}
}

func TestRoutesOfAnAPI(t *testing.T) {
	db := open(t)
	record := withScopes("a", store.Live, "/accounts/{accountID}/wallets.read")
	record.Routes = []store.Route{{Method: "GET", Path: "/accounts/{accountID}/wallets", Scopes: record.Scopes}}
	write(t, db, store.CreateAPI{API: record})
	m, log := newLoggedMirror(t, db)
	needs, route, found := m.API("https://a.example").Routes().Find("GET", "/accounts/7/wallets")
	if !found || route != "GET /accounts/{accountID}/wallets" || !slices.Equal(needs, []string{"/accounts/7/wallets.read"}) {
		t.Errorf("the route is %q, %v, and needs %q", route, found, needs)
	}
	t.Run("routes that do not compile leave the scopes alone", func(t *testing.T) {
		record.Routes[0].Scopes = []string{"/other.read"}
		write(t, db, store.UpdateAPI{API: record})
		catchUp(t, m)
		expectLog(t, log, 1, "api=a", "/other.read")
		expectOwner(t, m, store.Live, "/accounts/7/wallets.read", "a")
		_, _, found := m.API("https://a.example").Routes().Find("GET", "/accounts/7/wallets")
		if found {
			t.Error("a route that does not compile is found")
		}
	})
}

func TestAnAPIThatWasMadeAgainIsAnotherOne(t *testing.T) {
	db := open(t)
	created := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	first, second := api("a"), api("a")
	first.CreatedAt = created
	second.ID, second.CreatedAt = "again", created.Add(time.Hour)
	write(t, db, store.CreateAPI{API: first})
	m, _ := newMirror(t, db)
	if got := m.API(first.Audience).NotBefore; !got.Equal(created) {
		t.Errorf("tokens are good from %v, want from its creation", got)
	}
	write(t, db, store.DeleteAPI{ID: first.ID}, store.CreateAPI{API: second})
	catchUp(t, m)
	if got := m.API(first.Audience); got.ID != "again" || !got.NotBefore.Equal(second.CreatedAt) {
		t.Errorf("API %s has tokens from %v, want again from %v", got.ID, got.NotBefore, second.CreatedAt)
	}
	expectOwner(t, m, store.Live, "/a.read", "again")
	write(t, db, store.RevokeAPITokens{ID: "again", Before: created.Add(2 * time.Hour)})
	catchUp(t, m)
	if got := m.API(first.Audience).NotBefore; !got.Equal(created.Add(2 * time.Hour)) {
		t.Errorf("after a revocation tokens are good from %v", got)
	}
	write(t, db, store.DeleteAPI{ID: "again"})
	catchUp(t, m)
	if m.API(first.Audience) != nil || m.APIs() != 0 {
		t.Error("a deleted API is still there")
	}
	expectOwner(t, m, store.Live, "/a.read", "")
}

// counted counts how often the APIs are read.
type counted struct {
	mirror.Source
	reads int
}

func (c *counted) APIs(ctx context.Context) ([]store.API, error) {
	c.reads++
	return c.Source.APIs(ctx)
}

func TestManyChangesAtOnceReadTheAPIsOnce(t *testing.T) {
	db := open(t)
	source := &counted{Source: db}
	m, _ := newMirror(t, source)
	source.reads = 0
	var created []store.Mutation
	for n := range 100 {
		created = append(created, store.CreateAPI{API: api(fmt.Sprintf("api%d", n))})
	}
	write(t, db, created...)
	catchUp(t, m)
	if m.APIs() != 100 || source.reads != 1 {
		t.Errorf("there are %d APIs after %d reads, want 100 after 1", m.APIs(), source.reads)
	}
	expectOwner(t, m, store.Live, "/api99.read", "api99")
}

// large is a source of as many APIs as a manifest may have, with the catalogue of
// a middling one.
type large struct {
	still
	apis []store.API
}

func (l large) APIs(context.Context) ([]store.API, error) { return l.apis, nil }

func (l large) Changes(context.Context, store.Position, int) ([]store.Change, error) {
	return []store.Change{{Kind: store.KindAPI}}, nil
}

func BenchmarkAChangeOfOneAPIAmong1000(b *testing.B) {
	source := large{}
	for n := range 1000 {
		id := fmt.Sprintf("a%d", n)
		a := store.API{ID: id, Mode: store.Live, Audience: "https://" + id + ".example"}
		for s := range 40 {
			a.Scopes = append(a.Scopes, fmt.Sprintf("/%s/{accountID}/thing%d.read", id, s))
		}
		source.apis = append(source.apis, a)
	}
	m := &mirror.Mirror{Source: source, Keyring: &keyring{}, Now: time.Now}
	err := m.Load(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		err := m.Sync(b.Context())
		if err != nil {
			b.Fatal(err)
		}
	}
}
