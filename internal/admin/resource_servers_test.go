package admin_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
)

func TestResourceServersOfAnAPI(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	const audience = "https://a.example"
	may := func() bool { return s.mirror.API(audience).MayIntrospect(key.ClientID) }

	if may() {
		t.Error("a key may introspect the tokens of an API before it was allowed to")
	}
	for range 2 {
		api, err := s.AddResourceServer(ctx, audience, key.ClientID)
		diff := cmp.Diff([]string{key.ClientID}, api.ResourceServers)
		if err != nil || diff != "" || !may() {
			t.Errorf("AddResourceServer: %v, may introspect %v (-want +got):\n%s", err, may(), diff)
		}
	}
	shown, err := s.ShowAPI(ctx, audience)
	diff := cmp.Diff([]string{key.ClientID}, shown.ResourceServers)
	if err != nil || diff != "" {
		t.Errorf("ShowAPI: %v (-want +got):\n%s", err, diff)
	}
	err = s.RemoveResourceServer(ctx, shown.ID, key.ClientID)
	if err != nil || may() {
		t.Errorf("RemoveResourceServer: %v, may introspect %v", err, may())
	}
	err = s.RemoveResourceServer(ctx, shown.ID, key.ClientID)
	checkProblem(t, err, 404, "there is no resource server")
	_, err = s.AddResourceServer(ctx, audience, "nobody")
	checkProblem(t, err, 404, `there is no key "nobody"`)
	_, err = s.AddResourceServer(ctx, "https://nowhere.example", key.ClientID)
	checkProblem(t, err, 404, "there is no API")
	err = s.RemoveResourceServer(ctx, "https://nowhere.example", key.ClientID)
	checkProblem(t, err, 404, "there is no API")

	diff = cmp.Diff([]string{"api.resource_server_added", "api.resource_server_removed"}, s.events(t)[3:])
	if diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestAnAPIIsMadeWithItsResourceServers(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	in := admin.NewAPI{
		Audience: "https://b.example", Scopes: []string{"b"}, RefreshTokenIdleLifetime: 3600,
		ResourceServers: []string{key.ClientID, key.ClientID},
	}
	made, err := s.CreateAPI(ctx, in)
	diff := cmp.Diff([]string{key.ClientID}, made.ResourceServers)
	if err != nil || diff != "" || made.RefreshTokenIdleLifetime != 3600 || !s.mirror.API(in.Audience).MayIntrospect(key.ClientID) {
		t.Errorf("CreateAPI: %+v, %v (-want +got):\n%s", made, err, diff)
	}
	shown, err := s.ShowAPI(ctx, in.Audience)
	diff = cmp.Diff(made, shown)
	if err != nil || diff != "" {
		t.Errorf("ShowAPI: %v (-made +shown):\n%s", err, diff)
	}
	in.Audience, in.Scopes, in.ResourceServers = "https://c.example", []string{"c"}, []string{"nobody"}
	_, err = s.CreateAPI(ctx, in)
	checkProblem(t, err, 422, `there is no key "nobody"`)
	err = s.DeleteKey(ctx, key.ClientID)
	if err != nil {
		t.Fatal(err)
	}
	shown, err = s.ShowAPI(ctx, "https://b.example")
	if err != nil || len(shown.ResourceServers) != 0 {
		t.Errorf("a deleted key is still a resource server: %v, %v", shown.ResourceServers, err)
	}
}

func TestResourceServersAreShownInTheSameOrderAlways(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	s.key(t)
	empty, err := s.ShowAPI(ctx, "https://a.example")
	if err != nil || empty.ResourceServers == nil {
		t.Errorf("no resource servers are shown as null: %v", err)
	}
	var added admin.API
	for _, id := range []string{"m", "z", "a"} {
		_, err := s.CreateKey(ctx, admin.NewKey{Name: id, Scopes: []string{"/a.read"}, ClientID: id, ClientSecret: "dNC-hg7sVm22jc3g_Eogtyu0_1Mqh_4-"})
		if err != nil {
			t.Fatal(err)
		}
		added, err = s.AddResourceServer(ctx, "https://a.example", id)
		if err != nil {
			t.Fatal(err)
		}
	}
	shown, err := s.ShowAPI(ctx, "https://a.example")
	for _, api := range []admin.API{added, shown} {
		diff := cmp.Diff([]string{"a", "m", "z"}, api.ResourceServers)
		if err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	_, err = s.AddResourceServer(ctx, "https://a.example", "m")
	if err != nil {
		t.Errorf("one that is there already: %v", err)
	}
}

func TestAKeyIsMadeAsAResourceServer(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	s.key(t)
	const audience = "https://a.example"
	in := admin.NewKey{Name: "the API itself", ResourceServerOf: []string{audience, audience}}
	made, err := s.CreateKey(ctx, in)
	if err != nil || len(made.Scopes) != 0 || !s.mirror.API(audience).MayIntrospect(made.ClientID) {
		t.Errorf("got %+v, %v; want a key without scopes that may introspect", made, err)
	}
	in.ResourceServerOf = []string{"https://nowhere.example"}
	_, err = s.CreateKey(ctx, in)
	checkProblem(t, err, 404, "there is no API")
	in.ResourceServerOf = []string{audience}
	in.Scopes = []string{"nowhere.read"}
	_, err = s.CreateKey(ctx, in)
	checkProblem(t, err, 422, "scope nowhere.read is in the catalogue of no API")
	in.Scopes, in.API = nil, "https://nowhere.example"
	_, err = s.CreateKey(ctx, in)
	checkProblem(t, err, 404, "there is no API")
	in.API = ""
	in.ResourceServerOf, in.Scopes = nil, nil
	_, err = s.CreateKey(ctx, in)
	checkProblem(t, err, 422, "the key is granted no scopes")
}
