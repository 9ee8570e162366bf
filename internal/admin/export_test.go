package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// What is exported finds nothing to do where it came from, and makes the same
// on another server.
func TestAnExportIsWhatWasApplied(t *testing.T) {
	s, other := start(t, t.TempDir()), start(t, t.TempDir())
	rapid.Check(t, func(r *rapid.T) {
		m := drawManifest(r)
		_, err := s.Apply(t.Context(), admin.Apply{Manifest: m, Prune: true})
		if err != nil {
			r.Fatalf("apply %+v: %v", m, err)
		}
		exported, err := s.Export(t.Context())
		if err != nil {
			r.Fatal(err)
		}
		for _, prune := range []bool{false, true} {
			head := s.head(t)
			for _, again := range []admin.Manifest{exported, m} {
				plan, err := s.Apply(t.Context(), admin.Apply{Manifest: again, Prune: prune})
				if err != nil || len(plan.Changes) != 0 {
					r.Fatalf("apply it again: %+v, %v", plan, err)
				}
			}
			if s.head(t) != head {
				r.Fatal("applying what is so already wrote something")
			}
		}
		// The other server has nothing, for an export leaves the keys enabled or
		// disabled that it says nothing about.
		for _, in := range []admin.Manifest{manifest([]admin.ManifestAPI{}, []admin.ManifestKey{}), exported} {
			_, err = other.Apply(t.Context(), admin.Apply{Manifest: in, Prune: true})
			if err != nil {
				r.Fatalf("apply it elsewhere: %v", err)
			}
		}
		there, err := other.Export(t.Context())
		diff := cmp.Diff(sortedManifest(exported), sortedManifest(there))
		if err != nil || diff != "" {
			r.Fatalf("the other server: %v (-here +there):\n%s", err, diff)
		}
	})
}

// sortedManifest goes by name: APIs are exported in the order of their age.
func sortedManifest(m admin.Manifest) map[string]any {
	named := map[string]any{}
	for _, a := range *m.APIs {
		named[a.Audience] = a
	}
	for _, k := range *m.Keys {
		named[k.ClientID] = k
	}
	return named
}

// drawManifest draws one that is acceptable, from few names, so that the next one
// changes and moves what this one has.
func drawManifest(r *rapid.T) admin.Manifest {
	type world struct {
		mode   store.Mode
		grants []string
	}
	worlds := []*world{{mode: store.Live}, {mode: store.Test}}
	definitions := map[*world][]string{}
	for _, w := range worlds {
		definitions[w] = rapid.Permutation([]string{"plain", "/ping.read", "/a/{x}/b.read", "/a/{x}/c.read", "/d/{y}", "/e/{x}/{y}", "/f.write"}).Draw(r, "definitions")
	}
	typed := rapid.Bool().Draw(r, "typed")
	apis := []admin.ManifestAPI{}
	var keys []admin.ManifestKey
	ids := []string{}
	for i := range rapid.IntRange(0, 5).Draw(r, "keys") {
		ids = append(ids, fmt.Sprintf("key %d", i))
	}
	for _, name := range rapid.Permutation([]string{"a", "b", "c", "d"}).Draw(r, "APIs")[:rapid.IntRange(1, 4).Draw(r, "how many APIs")] {
		w := rapid.SampledFrom(worlds).Draw(r, "world")
		n := min(rapid.IntRange(1, 3).Draw(r, "scopes"), len(definitions[w]))
		if n == 0 {
			continue
		}
		api := admin.ManifestAPI{
			Audience: "https://" + name + ".example", Mode: w.mode, Scopes: definitions[w][:n],
			TokenFormat:         rapid.SampledFrom([]store.TokenFormat{"", store.JWT, store.Opaque}).Draw(r, "format"),
			AccessTokenLifetime: admin.Seconds(rapid.IntRange(0, 86400).Draw(r, "lifetime")),
		}
		definitions[w] = definitions[w][n:]
		if len(ids) > 0 && rapid.Bool().Draw(r, "served") {
			api.ResourceServers = []string{rapid.SampledFrom(ids).Draw(r, "server")}
		}
		for _, scope := range api.Scopes {
			if typed && strings.Contains(scope, "{x}") {
				api.Parameters = map[string]string{"x": "enum:p|q"}
			}
			if rapid.Bool().Draw(r, "route") {
				api.Routes = append(api.Routes, admin.Route{Method: "GET", Path: "/" + strings.TrimPrefix(scope, "/"), Scopes: []string{scope}})
			}
			w.grants = append(w.grants, scope)
			if strings.Contains(scope, "{x}") {
				w.grants = append(w.grants, strings.Replace(scope, "{x}", "{x=p|q}", 1), strings.Replace(scope, "{x}", "{x=q}", 1))
			}
		}
		apis = append(apis, api)
	}
	for i, id := range ids {
		w := rapid.SampledFrom(worlds).Draw(r, "world of the key")
		if len(w.grants) == 0 {
			w = worlds[0]
		}
		if len(w.grants) == 0 {
			w = worlds[1]
		}
		keys = append(keys, drawKey(r, id, w.mode, rapid.SliceOfN(rapid.SampledFrom(w.grants), 1, 4).Draw(r, fmt.Sprint("grants of ", i))))
	}
	if keys == nil {
		keys = []admin.ManifestKey{}
	}
	return manifest(apis, keys)
}

func drawKey(r *rapid.T, id string, mode store.Mode, grants []string) admin.ManifestKey {
	key := admin.ManifestKey{
		ClientID: id, Mode: mode, Scopes: grants,
		Name:            rapid.StringMatching(`[a-zäß株]{1,5}( [a-z]{1,3})?`).Draw(r, "name"),
		RefreshRotation: rapid.SampledFrom([]admin.RefreshRotation{"", admin.RotationOn, admin.RotationOff}).Draw(r, "rotation"),
		Disabled:        new(rapid.Bool().Draw(r, "disabled")),
		Origins:         rapid.SliceOfN(rapid.SampledFrom([]string{"https://a.example", "https://B.example:443", "http://c.example:8080"}), 0, 3).Draw(r, "origins"),
		Networks:        rapid.SliceOfN(rapid.SampledFrom([]string{"192.0.2.0/24", "2001:db8::/32", "::ffff:10.0.0.0/104"}), 0, 3).Draw(r, "networks"),
		TokensPerHour:   rapid.IntRange(0, 2).Draw(r, "tokens per hour"),
	}
	if rapid.Bool().Draw(r, "both grants") {
		key.GrantTypes = []oauth.GrantType{oauth.RefreshToken, oauth.ClientCredentials}
	}
	if rapid.Bool().Draw(r, "a rate") {
		key.RequestsPerSecond, key.Burst = 5, rapid.IntRange(0, 9).Draw(r, "burst")
	}
	key.Claims = rapid.SampledFrom([]jsontext.Value{nil, jsontext.Value(`{}`), jsontext.Value(`{ "b" : 1.50, "a" : ["x", null] }`)}).Draw(r, "claims")
	if rapid.Bool().Draw(r, "an end") {
		end := time.Unix(int64(rapid.IntRange(1, 1<<33).Draw(r, "seconds")), 123_456_789)
		key.ValidUntil = &end
	}
	return key
}

func TestAnExportHoldsNoSecret(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	const text, phc = "dNC-hg7sVm22jc3g_Eogtyu0_1Mqh_4-", "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
	_, err := s.CreateKey(ctx, admin.NewKey{Name: "imported", ClientID: "imported", ClientSecret: text, Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.AddSecret(ctx, "imported", admin.NewSecret{Name: "hashed", ClientSecretHash: phc})
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Export(ctx)
	if err != nil || len(*m.Keys) != 2 {
		t.Fatalf("%+v, %v", m, err)
	}
	encoded, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	record, err := s.store.Client(ctx, key.ClientID)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{key.ClientSecret, text, phc, "$2a$", "secret", "hash", fmt.Sprintf("%x", record.Secrets[0].Hash), record.Secrets[0].ID} {
		if strings.Contains(strings.ReplaceAll(string(encoded), "client_secret_", ""), secret) {
			t.Errorf("%q is in the export %s", secret, encoded)
		}
	}
	plan, err := s.Apply(ctx, admin.Apply{Manifest: m, Prune: true})
	if err != nil || len(plan.Changes) != 0 {
		t.Errorf("%+v, %v", plan, err)
	}
}

func TestWhatForceLeftBehindCanBeExportedAndApplied(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	_, err := s.UpdateAPI(ctx, "https://a.example", admin.APIChange{Scopes: &[]string{"/b.read"}, Force: true})
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Export(ctx)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := s.Apply(ctx, admin.Apply{Manifest: m, Prune: true})
	if err != nil || len(plan.Changes) != 0 {
		t.Errorf("%+v, %v", plan, err)
	}
	(*m.Keys)[0].Scopes = []string{"/a.read", "/c.read"}
	_, err = s.Apply(ctx, admin.Apply{Manifest: m})
	checkProblem(t, err, 422, "/c.read")
	if (*m.Keys)[0].ClientID != key.ClientID {
		t.Errorf("the export has another key: %+v", *m.Keys)
	}
}
