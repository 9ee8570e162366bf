package admin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// apply applies a manifest, which must be accepted, and after it again, which must
// find nothing to do. It returns the plan and the events that it left.
func (s *running) apply(t *testing.T, in admin.Apply) (admin.Plan, []string) {
	t.Helper()
	ctx := t.Context()
	before, events := s.head(t), len(s.events(t))
	dry := in
	dry.DryRun = true
	dryPlan, err := s.Apply(ctx, dry)
	if err != nil || dryPlan.Applied || s.head(t) != before {
		t.Errorf("a dry run: %+v, %v; the feed went from %v to %v", dryPlan, err, before, s.head(t))
	}
	plan, err := s.Apply(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	diff := cmp.Diff(dryPlan.Changes, plan.Changes)
	if diff != "" || !plan.Applied {
		t.Errorf("applied %v (-dry run +applied):\n%s", plan.Applied, diff)
	}
	after := s.head(t)
	again, err := s.Apply(ctx, in)
	if err != nil || len(again.Changes) != 0 || !again.Applied || s.head(t) != after {
		t.Errorf("applied twice: %+v, %v; the feed went from %v to %v", again, err, after, s.head(t))
	}
	return plan, s.events(t)[events:]
}

// head is the position of the last change; each has its row in the audit trail.
func (s *running) head(t *testing.T) store.Position {
	t.Helper()
	position, err := s.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return position
}

// manifest makes one of both sections.
func manifest(apis []admin.ManifestAPI, keys []admin.ManifestKey) admin.Manifest {
	return admin.Manifest{APIs: &apis, Keys: &keys}
}

func TestAManifestIsAppliedToAnEmptyServer(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	until := s.clock.Now().Add(time.Hour)
	m := manifest(
		[]admin.ManifestAPI{
			{
				Audience: "https://pay.example", Algorithm: "EdDSA",
				Scopes:          []string{"/ping.read", "/accounts/{accountID}/wallets.read"},
				Parameters:      map[string]string{"accountID": "enum:a1|a2"},
				Routes:          []admin.Route{{Method: "GET", Path: "/accounts/{accountID}/wallets", Scopes: []string{"/accounts/{accountID}/wallets.read"}}},
				ResourceServers: []string{"wallets"},
			},
			{Audience: "https://trial.example", Mode: store.Test, Scopes: []string{"/ping.read"}},
		},
		[]admin.ManifestKey{
			{
				ClientID: "backend", Name: "Backend", Scopes: []string{"/accounts/{accountID=a1}/wallets.read"},
				GrantTypes: []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken},
				Origins:    []string{"https://app.example.com"}, RequestsPerSecond: 5, Claims: jsontext.Value(`{"tenant":"acme"}`), ValidUntil: &until,
			},
			{ClientID: "wallets", Name: "Wallets"},
			{ClientID: "trial", Name: "Trial", Mode: store.Test, Scopes: []string{"/ping.read"}, Disabled: new(true)},
		},
	)
	plan, events := s.apply(t, admin.Apply{Manifest: m})
	want := []admin.PlannedChange{
		{Action: admin.ActionCreate, Kind: admin.KindAPI, Name: "https://pay.example"},
		{Action: admin.ActionCreate, Kind: admin.KindAPI, Name: "https://trial.example"},
		{Action: admin.ActionCreate, Kind: admin.KindKey, Name: "backend", WithoutSecret: true},
		{Action: admin.ActionCreate, Kind: admin.KindKey, Name: "wallets", WithoutSecret: true},
		{Action: admin.ActionCreate, Kind: admin.KindKey, Name: "trial", WithoutSecret: true},
	}
	diff := cmp.Diff(want, plan.Changes)
	if diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	wantEvents := []string{
		"api.created", "api.created", "key.created", "key.created", "key.created", "api.resource_server_added",
		"signing_key.created", "signing_key.created",
	}
	diff = cmp.Diff(wantEvents, events)
	if diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	key, err := s.ShowKey(ctx, "backend")
	if err != nil || len(key.Secrets) != 0 || key.Mode != store.Live || key.RequestsPerSecond != 5 || !key.ValidUntil.Equal(until) || string(key.Claims) != `{"tenant":"acme"}` {
		t.Errorf("got %+v, %v", key, err)
	}
	trial, err := s.ShowKey(ctx, "trial")
	if err != nil || !trial.Disabled || trial.Mode != store.Test {
		t.Errorf("got %+v, %v", trial, err)
	}
	s.works(t, "backend", "", false)
	secret, err := s.AddSecret(ctx, "backend", admin.NewSecret{Name: "first"})
	if err != nil {
		t.Fatal(err)
	}
	s.works(t, "backend", secret.ClientSecret, true)
	// A key keeps its secrets, whatever is applied to it.
	(*m.Keys)[0].Name = "Backend 2"
	plan, _ = s.apply(t, admin.Apply{Manifest: m})
	want = []admin.PlannedChange{{
		Action: admin.ActionUpdate, Kind: admin.KindKey, Name: "backend", Differences: []admin.Difference{{Field: "name", From: "Backend", To: "Backend 2"}},
	}}
	diff = cmp.Diff(want, plan.Changes)
	if diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	s.works(t, "backend", secret.ClientSecret, true)
	s.notLogged(t, secret.ClientSecret)
}

func TestAppliedChangesAreToldFieldByField(t *testing.T) {
	s := start(t, t.TempDir())
	key := s.key(t)
	long := strings.Repeat("ü", 150)
	plan, events := s.apply(t, admin.Apply{Manifest: manifest(
		[]admin.ManifestAPI{{
			Audience: "https://a.example", Scopes: []string{"/b.read", "/a.read", "/c/{x}"}, Parameters: map[string]string{"x": "uuid"},
			AccessTokenLifetime: 900, ResourceServers: []string{key.ClientID},
		}},
		[]admin.ManifestKey{{
			ClientID: key.ClientID, Name: long, Scopes: []string{"/b.read"}, Disabled: new(true), Burst: 7, RequestsPerSecond: 5,
		}},
	)})
	want := []admin.PlannedChange{
		{Action: admin.ActionUpdate, Kind: admin.KindAPI, Name: "https://a.example", Differences: []admin.Difference{
			{Field: "access_token_lifetime", From: "1h0m0s", To: "15m0s"},
			{Field: "parameters", To: "x=uuid"},
			{Field: "resource_servers", To: key.ClientID},
			{Field: "scopes", To: "/b.read, /c/{x}"},
		}},
		{Action: admin.ActionUpdate, Kind: admin.KindKey, Name: key.ClientID, Differences: []admin.Difference{
			{Field: "burst", To: "7"},
			{Field: "disabled", From: "false", To: "true"},
			{Field: "name", From: "backend", To: strings.Repeat("ü", 100) + "…"},
			{Field: "requests_per_second", To: "5"},
			{Field: "scopes", From: "/a.read", To: "/b.read"},
		}},
	}
	diff := cmp.Diff(want, plan.Changes)
	if diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	diff = cmp.Diff([]string{"api.updated", "key.updated", "key.disabled", "api.resource_server_added"}, events)
	if diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	// A file that says nothing of it does not bring a disabled key back.
	plan, events = s.apply(t, admin.Apply{Manifest: manifest(
		[]admin.ManifestAPI{{Audience: "https://a.example", Scopes: []string{"/a.read", "/b.read"}, AccessTokenLifetime: 900}},
		[]admin.ManifestKey{{ClientID: key.ClientID, Name: "backend", Scopes: []string{"/b.read"}}},
	)})
	shown, err := s.ShowKey(t.Context(), key.ClientID)
	if err != nil || !shown.Disabled || len(plan.Changes) != 2 || !slices.Contains(events, "api.resource_server_removed") {
		t.Errorf("got %+v, %v, plan %+v", shown, err, plan)
	}
	diff = cmp.Diff([]admin.Difference{
		{Field: "parameters", From: "x=uuid"},
		{Field: "resource_servers", From: key.ClientID},
		{Field: "scopes", From: "/c/{x}"},
	}, plan.Changes[0].Differences)
	if diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	// The order is kept, so that an order that changed is a difference.
	plan, _ = s.apply(t, admin.Apply{Manifest: admin.Manifest{APIs: &[]admin.ManifestAPI{
		{Audience: "https://a.example", Scopes: []string{"/b.read", "/a.read"}, AccessTokenLifetime: 900},
	}}})
	diff = cmp.Diff([]admin.Difference{{Field: "scopes", From: "/a.read, /b.read", To: "/b.read, /a.read"}}, plan.Changes[0].Differences)
	if diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestDefinitionsMoveBetweenAPIsInOneTransaction(t *testing.T) {
	api := func(name string, scopes ...string) admin.ManifestAPI {
		return admin.ManifestAPI{Audience: "https://" + name + ".example", Scopes: scopes}
	}
	trial := func(a admin.ManifestAPI) admin.ManifestAPI { a.Mode = store.Test; return a }
	tests := []struct {
		name          string
		before, after []admin.ManifestAPI
		prune         bool
		events        []string
	}{
		{
			name: "one is taken over by an API that comes first", before: []admin.ManifestAPI{api("a", "x"), api("b", "y", "z")},
			after: []admin.ManifestAPI{api("a", "x", "y"), api("b", "z")}, events: []string{"api.updated", "api.updated"},
		},
		{
			name: "two are swapped", before: []admin.ManifestAPI{api("a", "x"), api("b", "y")},
			after: []admin.ManifestAPI{api("a", "y"), api("b", "x")}, events: []string{"api.updated", "api.updated", "api.updated", "api.updated"},
		},
		{
			name: "three go round", before: []admin.ManifestAPI{api("a", "x", "1"), api("b", "y", "2"), api("c", "z", "3")},
			after:  []admin.ManifestAPI{api("a", "z", "1"), api("b", "x", "2"), api("c", "y", "3")},
			events: slices.Repeat([]string{"api.updated"}, 6),
		},
		{
			name: "an API with another audience takes all", before: []admin.ManifestAPI{api("a", "x", "y")},
			after: []admin.ManifestAPI{api("b", "x", "y")}, prune: true, events: []string{"api.deleted", "api.created"},
		},
		{
			name: "a new API takes one", before: []admin.ManifestAPI{api("a", "x", "y")},
			after: []admin.ManifestAPI{api("b", "x"), api("a", "y")}, events: []string{"api.updated", "api.created"},
		},
		{
			name: "two modes are swapped", before: []admin.ManifestAPI{api("a", "x"), trial(api("b", "x"))},
			after: []admin.ManifestAPI{trial(api("a", "x")), api("b", "x")}, events: slices.Repeat([]string{"api.updated"}, 4),
		},
		{
			name: "a template takes the place of another", before: []admin.ManifestAPI{api("a", "/x/{p}"), api("b", "y")},
			after: []admin.ManifestAPI{api("a", "z"), api("b", "y", "/x/{q}")}, events: []string{"api.updated", "api.updated"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, t.TempDir())
			s.apply(t, admin.Apply{Manifest: admin.Manifest{APIs: &tt.before}})
			_, events := s.apply(t, admin.Apply{Manifest: admin.Manifest{APIs: &tt.after}, Prune: tt.prune})
			diff := cmp.Diff(tt.events, events)
			if diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			for _, want := range tt.after {
				got, err := s.ShowAPI(t.Context(), want.Audience)
				if err != nil || !slices.Equal(got.Scopes, want.Scopes) {
					t.Errorf("%s has %v, %v; want %v", want.Audience, got.Scopes, err, want.Scopes)
				}
			}
		})
	}
}

func TestPruneDeletesWithinTheSectionsThatAreThere(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	for _, name := range []string{"a", "b"} {
		_, err := s.CreateAPI(ctx, admin.NewAPI{Audience: "https://" + name + ".example", Scopes: []string{name}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.CreateKey(ctx, admin.NewKey{Name: name, ClientID: name, ClientSecret: strings.Repeat(name, 16), Scopes: []string{name}})
		if err != nil {
			t.Fatal(err)
		}
	}
	a := admin.ManifestAPI{Audience: "https://a.example", Scopes: []string{"a"}}
	key := admin.ManifestKey{ClientID: "a", Name: "a", Scopes: []string{"a"}}
	left := func(apis, keys int) {
		t.Helper()
		m, err := s.Export(ctx)
		if err != nil || len(*m.APIs) != apis || len(*m.Keys) != keys {
			t.Errorf("%v; there are %d APIs and %d keys, want %d and %d", err, len(*m.APIs), len(*m.Keys), apis, keys)
		}
	}
	for _, in := range []admin.Apply{
		{Manifest: manifest([]admin.ManifestAPI{a}, []admin.ManifestKey{key})},
		{Manifest: admin.Manifest{}, Prune: true},
	} {
		plan, _ := s.apply(t, in)
		if len(plan.Changes) != 0 {
			t.Errorf("%+v plans %+v", in, plan)
		}
	}
	left(2, 2)
	_, err := s.Apply(ctx, admin.Apply{Manifest: admin.Manifest{APIs: &[]admin.ManifestAPI{a}}, Prune: true})
	checkProblem(t, err, 409, `API https://b.example would be deleted, and key "b" ("b") is granted its scope b`)
	left(2, 2)
	plan, events := s.apply(t, admin.Apply{Manifest: admin.Manifest{Keys: &[]admin.ManifestKey{key}}, Prune: true})
	diff := cmp.Diff([]admin.PlannedChange{{Action: admin.ActionDelete, Kind: admin.KindKey, Name: "b"}}, plan.Changes)
	if diff != "" || !slices.Equal(events, []string{"key.deleted"}) {
		t.Errorf("events %v (-want +got):\n%s", events, diff)
	}
	left(2, 1)
	s.apply(t, admin.Apply{Manifest: admin.Manifest{APIs: &[]admin.ManifestAPI{a}}, Prune: true})
	left(1, 1)
	_, events = s.apply(t, admin.Apply{Manifest: manifest([]admin.ManifestAPI{}, []admin.ManifestKey{}), Prune: true})
	diff = cmp.Diff([]string{"api.deleted", "key.deleted"}, events)
	if diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	left(0, 0)
}

func TestManifestsAppliedAtOnceLeaveOneOfThem(t *testing.T) {
	s := start(t, t.TempDir())
	const callers = 4
	made := atOnce(t, callers, 409, func(i int) error {
		_, err := s.Apply(t.Context(), admin.Apply{Manifest: manifest(
			[]admin.ManifestAPI{{Audience: "https://a.example", Scopes: []string{fmt.Sprintf("/%d.read", i)}}},
			[]admin.ManifestKey{{ClientID: "k", Name: fmt.Sprint(i), Scopes: []string{fmt.Sprintf("/%d.read", i)}}},
		), Prune: true})
		return err
	})
	m, err := s.Export(t.Context())
	if err != nil || made != callers || len(*m.APIs) != 1 || len(*m.Keys) != 1 || !slices.Equal((*m.APIs)[0].Scopes, (*m.Keys)[0].Scopes) {
		t.Errorf("%d were applied, %v: %+v", made, err, m)
	}
	signing, err := s.store.SigningKeys(t.Context())
	if err != nil || len(signing) != 1 {
		t.Errorf("%d signing keys, %v; want one", len(signing), err)
	}
}

// Many keys are not looked up one by one.
func TestAManifestOfManyKeysLeavesTheOthersAlone(t *testing.T) {
	s := start(t, t.TempDir())
	s.key(t)
	const many = 1500
	keys := make([]admin.ManifestKey, many)
	for i := range keys {
		keys[i] = admin.ManifestKey{ClientID: fmt.Sprint("k", i), Name: "many", Scopes: []string{"/a.read"}}
	}
	s.apply(t, admin.Apply{Manifest: admin.Manifest{Keys: &keys}})
	m, err := s.Export(t.Context())
	if err != nil || len(*m.Keys) != many+1 {
		t.Errorf("%v; there are %d keys, want %d", err, len(*m.Keys), many+1)
	}
}
