package admin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// api and key are acceptable entries of a manifest, changed a little.
func api(change func(*admin.ManifestAPI)) admin.ManifestAPI {
	a := admin.ManifestAPI{Audience: "https://new.example", Scopes: []string{"/new.read", "/new/{id}/x"}}
	change(&a)
	return a
}

func key(change func(*admin.ManifestKey)) admin.ManifestKey {
	k := admin.ManifestKey{ClientID: "new", Name: "New", Scopes: []string{"/old.read"}}
	change(&k)
	return k
}

func TestManifestsThatAreRefusedChangeNothing(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	old := admin.NewAPI{Audience: "https://old.example", Scopes: []string{"/old.read", "/old/{id}/x"}}
	_, err := s.CreateAPI(ctx, old)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.CreateKey(ctx, admin.NewKey{Name: "Kept", ClientID: "kept", ClientSecret: strings.Repeat("k", 16), Scopes: []string{"/old/a1/x"}})
	if err != nil {
		t.Fatal(err)
	}
	good := api(func(*admin.ManifestAPI) {})
	oldAPI := func(change func(*admin.ManifestAPI)) admin.ManifestAPI {
		change(&old)
		a := old
		old = admin.NewAPI{Audience: "https://old.example", Scopes: []string{"/old.read", "/old/{id}/x"}}
		return a
	}
	tests := []struct {
		name   string
		apis   []admin.ManifestAPI
		keys   []admin.ManifestKey
		prune  bool
		status int
		field  string
		detail string
	}{
		{name: "templates of one API that overlap", apis: []admin.ManifestAPI{good, api(func(a *admin.ManifestAPI) {
			a.Audience, a.Scopes = "https://b.example", []string{"/b.read", "/b/{x}/c", "/b/{y}/{z}"}
		})}, status: 422, field: "apis[1].scopes[2]", detail: "/b/{y}/{z} could mean the same as /b/{x}/c"},
		{name: "templates of two APIs of the manifest that overlap", apis: []admin.ManifestAPI{good, api(func(a *admin.ManifestAPI) {
			a.Audience, a.Scopes = "https://b.example", []string{"/b.read", "/new/{y}/{z}"}
		})}, status: 409, field: "apis[1].scopes[1]", detail: "could mean the same as /new/{id}/x of https://new.example: /new/"},
		{name: "a template that overlaps with an API that stays", apis: []admin.ManifestAPI{api(func(a *admin.ManifestAPI) {
			a.Scopes = []string{"/new.read", "/{a}/{b}/x"}
		})}, status: 409, field: "apis[0].scopes[1]", detail: "/old/{id}/x of https://old.example"},
		{name: "a scope that an API that stays has", apis: []admin.ManifestAPI{api(func(a *admin.ManifestAPI) {
			a.Scopes = []string{"/old.read"}
		})}, status: 409, field: "apis[0].scopes[0]", detail: "belongs to https://old.example already"},
		{name: "a pattern that does not compile", apis: []admin.ManifestAPI{api(func(a *admin.ManifestAPI) {
			a.Parameters = map[string]string{"id": "pattern:[a-"}
		})}, status: 422, field: "apis[0].parameters.id", detail: "parameter id"},
		{name: "a control character in a scope", apis: []admin.ManifestAPI{api(func(a *admin.ManifestAPI) {
			a.Scopes = []string{"/new.read", "/n\x00"}
		})}, status: 422, field: "apis[0].scopes[1]", detail: "U+0000"},
		{name: "a scope that walks up", apis: []admin.ManifestAPI{api(func(a *admin.ManifestAPI) {
			a.Scopes = []string{"/new/../old.read"}
		})}, status: 422, field: "apis[0].scopes[0]", detail: ".."},
		{name: "a letter that only looks like one", apis: []admin.ManifestAPI{api(func(a *admin.ManifestAPI) {
			a.Scopes = []string{"/n\u0435w.read"}
		})}, status: 422, field: "apis[0].scopes[0]", detail: "U+0435"},
		{name: "100 000 scopes", apis: []admin.ManifestAPI{api(func(a *admin.ManifestAPI) {
			a.Scopes = slices.Repeat([]string{"/new.read"}, 100_000)
		})}, status: 422, field: "apis[0].scopes", detail: "more than 1000 scopes"},
		{name: "an API twice", apis: []admin.ManifestAPI{good, good}, status: 422, field: "apis[1].audience", detail: "is there twice, first as apis[0]"},
		{name: "1001 APIs", apis: make([]admin.ManifestAPI, 1001), status: 422, field: "apis", detail: "more than 1000 APIs"},
		{name: "a route with a scope of another API", apis: []admin.ManifestAPI{api(func(a *admin.ManifestAPI) {
			a.Routes = []admin.Route{{Method: "GET", Path: "/old", Scopes: []string{"/old.read"}}}
		})}, status: 422, field: "apis[0].routes[0]", detail: "/old.read"},
		{name: "a resource server that is no key", apis: []admin.ManifestAPI{api(func(a *admin.ManifestAPI) {
			a.ResourceServers = []string{"kept", "nobody"}
		})}, status: 422, field: "apis[0].resource_servers[1]", detail: `no key "nobody"`},
		{name: "a resource server that would be deleted", apis: []admin.ManifestAPI{api(func(a *admin.ManifestAPI) {
			a.ResourceServers = []string{"kept"}
		})}, keys: []admin.ManifestKey{}, prune: true, status: 422, field: "apis[0].resource_servers[0]", detail: `key "kept" would be deleted`},
		{name: "an API that takes a scope away from a key", apis: []admin.ManifestAPI{good, oldAPI(func(a *admin.ManifestAPI) {
			a.Scopes = a.Scopes[:1]
		})}, status: 409, field: "apis[1].scopes", detail: `key "kept" ("Kept") is granted /old/a1/x`},
		{name: "a type that takes a scope away from a key", apis: []admin.ManifestAPI{oldAPI(func(a *admin.ManifestAPI) {
			a.Parameters = map[string]string{"id": "uuid"}
		})}, status: 409, field: "apis[0].scopes", detail: `is granted /old/a1/x`},
		{name: "an API that is deleted and still granted", apis: []admin.ManifestAPI{good}, prune: true, status: 409, field: "apis", detail: `API https://old.example would be deleted, and key "kept" ("Kept") is granted its scope /old/a1/x`},
		{name: "a key without an id", keys: []admin.ManifestKey{key(func(k *admin.ManifestKey) { k.ClientID = "" })}, status: 422, field: "keys[0].client_id", detail: "is missing"},
		{name: "an id with a control character", keys: []admin.ManifestKey{key(func(k *admin.ManifestKey) { k.ClientID = "a\x1b" })}, status: 422, field: "keys[0].client_id", detail: "printable ASCII"},
		{name: "a key twice", keys: []admin.ManifestKey{key(func(*admin.ManifestKey) {}), key(func(*admin.ManifestKey) {})}, status: 422, field: "keys[1].client_id", detail: "twice, first as keys[0]"},
		{name: "a name with a control character", keys: []admin.ManifestKey{key(func(k *admin.ManifestKey) { k.Name = "a\x1b[2J" })}, status: 422, field: "keys[0].name", detail: "control character"},
		{name: "a key without scopes that serves no API", keys: []admin.ManifestKey{key(func(k *admin.ManifestKey) { k.Scopes = nil })}, status: 422, field: "keys[0].scopes", detail: "no scopes"},
		{name: "a grant that binds a parameter that its template lacks", keys: []admin.ManifestKey{key(func(k *admin.ManifestKey) {
			k.Scopes = []string{"/old.read", "/old/{name=a}/x"}
		})}, status: 422, field: "keys[0].scopes[1]", detail: "name"},
		{name: "a grant of an API that would be deleted", apis: []admin.ManifestAPI{good}, keys: []admin.ManifestKey{key(func(*admin.ManifestKey) {})}, prune: true, status: 422, field: "keys[0].scopes[0]", detail: "/old.read is in the catalogue of no API"},
		{name: "a grant of the other mode", keys: []admin.ManifestKey{key(func(k *admin.ManifestKey) { k.Mode = store.Test })}, status: 422, field: "keys[0].scopes[0]", detail: "of a live API, and the key is a test key"},
		{name: "a key that exists changes its scopes for the worse", keys: []admin.ManifestKey{key(func(k *admin.ManifestKey) {
			k.ClientID, k.Scopes = "kept", []string{"/old/a1/x", "/old/a1/y"}
		})}, status: 422, field: "keys[0].scopes[1]", detail: "/old/a1/y"},
		{name: "an origin with a path", keys: []admin.ManifestKey{key(func(k *admin.ManifestKey) {
			k.Origins = []string{"https://a.example", "https://b.example/x"}
		})}, status: 422, field: "keys[0].origins[1]", detail: "more than an origin"},
		{name: "a reserved claim", keys: []admin.ManifestKey{key(func(k *admin.ManifestKey) { k.Claims = jsontext.Value(`{"iss":"me"}`) })}, status: 422, field: "keys[0].claims.iss", detail: "iss"},
		{name: "the last of many is wrong", apis: []admin.ManifestAPI{good}, keys: []admin.ManifestKey{
			key(func(*admin.ManifestKey) {}), key(func(k *admin.ManifestKey) { k.ClientID, k.Burst = "second", 5 }),
		}, status: 422, field: "keys[1].burst", detail: "requests_per_second"},
	}
	head := s.head(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := admin.Apply{Prune: tt.prune}
			if tt.apis != nil {
				in.APIs = &tt.apis
			}
			if tt.keys != nil {
				in.Keys = &tt.keys
			}
			plan, err := s.Apply(ctx, in)
			p, ok := errors.AsType[*web.Problem](err)
			if !ok || p.Status != tt.status || p.Field != tt.field || !strings.Contains(p.Detail, tt.detail) || p.Hint == "" {
				t.Errorf("got %+v, %+v; want %d about %q with %q", plan, err, tt.status, tt.field, tt.detail)
			}
			if after := s.head(t); after != head {
				t.Errorf("the change feed went from %v to %v", head, after)
			}
		})
	}
	many := make([]admin.ManifestKey, 100_001)
	// That many do not fit into a call.
	_, err = s.usecases.Apply(ctx, "test", admin.Apply{Manifest: admin.Manifest{Keys: &many}})
	checkProblem(t, err, 422, "more than 100000 keys")
}

func TestBodiesOfManifestsThatAreRefused(t *testing.T) {
	s := start(t, t.TempDir())
	client := s.caller()
	tests := []struct {
		name, method, path, body string
		status                   int
		field, detail            string
	}{
		{"an unknown section", "POST", "apply", `{"clients":[]}`, 400, "clients", "there is no member"},
		{"an unknown member of an API", "POST", "apply", `{"apis":[{"audience":"https://a.example","scope":["a"]}]}`, 400, "apis.0.scope", "there is no member"},
		{"a secret of a key", "POST", "apply", `{"keys":[{"client_id":"a","client_secret":"b"}]}`, 400, "keys.0.client_secret", "there is no member"},
		{"a hash of a secret", "POST", "apply", `{"keys":[{"client_id":"a","secrets":[]}]}`, 400, "keys.0.secrets", "there is no member"},
		{"a section twice", "POST", "apply", `{"apis":[],"apis":[]}`, 400, "apis", "twice"},
		{"claims with a member twice", "POST", "apply", `{"keys":[{"client_id":"a","name":"a","claims":{"a":1,"a":2}}]}`, 400, "keys.0.claims.a", "twice"},
		{"nothing", "POST", "apply", ``, 400, "", "the body is empty"},
		{"more than 8 MiB", "POST", "apply", `{"dry_run":true` + strings.Repeat(" ", 8<<20) + `}`, 413, "", "larger than 8388608 bytes"},
		{"an audience that changes", "PATCH", "apis/x", `{"audience":"https://b.example"}`, 400, "audience", "there is no member"},
		{"a secret that changes", "PATCH", "keys/x", `{"client_secret":"b"}`, 400, "client_secret", "there is no member"},
		{"neither a key nor a token", "POST", "explain", `{}`, 422, "client_id", "neither a client_id nor a token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), tt.method, "http://grantd/admin/v1/"+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var got web.Problem
			err = json.UnmarshalRead(response.Body, &got)
			if err != nil || got.Status != tt.status || got.Field != tt.field || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("got %+v, %v; want %d about %q with %q", got, err, tt.status, tt.field, tt.detail)
			}
			if strings.Contains(got.Detail, "there is no member") && got.Hint == "the members are dry_run, prune" {
				t.Errorf("the hint %q leaves the sections out", got.Hint)
			}
		})
	}
}

// overtaken is a store in which somebody else is faster with a change.
type overtaken struct {
	admin.Store
	change store.Mutation
}

func (o overtaken) Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	_, err := o.Store.Write(ctx, store.Origin{Actor: "else", At: time.Now()}, o.change)
	if err != nil {
		return store.Position{}, err
	}
	return o.Store.Write(ctx, by, mutations...)
}

func TestAManifestThatSomebodyElseOvertakesIsAConflict(t *testing.T) {
	first := manifest([]admin.ManifestAPI{api(func(*admin.ManifestAPI) {})}, []admin.ManifestKey{key(func(k *admin.ManifestKey) { k.Scopes = []string{"/new.read"} })})
	tests := []struct {
		name   string
		change store.Mutation
		second admin.Manifest
		field  string
		detail string
	}{
		{
			name: "the same scope", change: store.CreateAPI{API: store.API{ID: "1", Audience: "https://else.example", Mode: store.Live, Scopes: []string{"/2.read"}}},
			second: admin.Manifest{APIs: &[]admin.ManifestAPI{api(func(a *admin.ManifestAPI) { a.Audience, a.Scopes = "https://2.example", []string{"/2.read"} })}},
			field:  "apis[0].scopes", detail: `somebody else made scope "/2.read"`,
		},
		{
			name: "the same audience", change: store.CreateAPI{API: store.API{ID: "1", Audience: "https://2.example", Mode: store.Live, Scopes: []string{"/else.read"}}},
			second: admin.Manifest{APIs: &[]admin.ManifestAPI{api(func(a *admin.ManifestAPI) { a.Audience, a.Scopes = "https://2.example", []string{"/2.read"} })}},
			field:  "apis[0].audience", detail: `somebody else made audience "https://2.example"`,
		},
		{
			name: "the same key", change: store.CreateClient{Client: store.Client{ID: "2", Name: "else", Mode: store.Live}},
			second: admin.Manifest{Keys: &[]admin.ManifestKey{key(func(k *admin.ManifestKey) { k.ClientID, k.Scopes = "2", []string{"/new.read"} })}},
			field:  "keys[0].client_id", detail: `somebody else made id "2"`,
		},
		{
			name: "a key that is gone", change: store.DeleteClient{ID: "new"},
			second: admin.Manifest{Keys: &[]admin.ManifestKey{key(func(k *admin.ManifestKey) { k.Name, k.Scopes = "Other", []string{"/new.read"} })}},
			field:  "keys[0]", detail: "was changed by somebody else",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, t.TempDir())
			_, err := s.Apply(t.Context(), admin.Apply{Manifest: first})
			if err != nil {
				t.Fatal(err)
			}
			u := &admin.UseCases{Store: overtaken{s.store, tt.change}, Keys: s.ring, Schedule: schedule, Mirror: s.mirror, Now: s.clock.Now}
			_, err = u.Apply(t.Context(), "test", admin.Apply{Manifest: tt.second})
			p, ok := errors.AsType[*web.Problem](err)
			if !ok || p.Status != http.StatusConflict || p.Field != tt.field || !strings.Contains(p.Detail, tt.detail) {
				t.Errorf("got %+v, want 409 about %q with %q", err, tt.field, tt.detail)
			}
		})
	}
}

func TestAManifestMayBeLargerThanOtherCalls(t *testing.T) {
	s := start(t, t.TempDir())
	keys := make([]admin.ManifestKey, 15_000)
	for i := range keys {
		keys[i] = key(func(k *admin.ManifestKey) { k.ClientID, k.Name = fmt.Sprint("key ", i), strings.Repeat("n", 100) })
	}
	keys[len(keys)-1].Name = ""
	_, err := s.Apply(t.Context(), admin.Apply{Manifest: admin.Manifest{Keys: &keys}, DryRun: true})
	p, ok := errors.AsType[*web.Problem](err)
	if !ok || p.Status != 422 || p.Field != "keys[14999].name" {
		t.Errorf("got %v, want 422 about keys[14999].name", err)
	}
}
