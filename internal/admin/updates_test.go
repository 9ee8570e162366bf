package admin_test

import (
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

func TestAnAPIIsChangedAndReadsBackSo(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	s.clock.Advance(time.Minute)
	before, err := s.ShowAPI(ctx, "https://a.example")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.UpdateAPI(ctx, before.ID, admin.APIChange{Scopes: &[]string{"/a.read", "/a/{x}.read"}})
	checkProblem(t, err, 422, "scope /a/{x}.read")
	changed, err := s.UpdateAPI(ctx, before.ID, admin.APIChange{
		Scopes:                   &[]string{"/a.read", "/a/{x}/b"},
		Parameters:               &map[string]string{"x": "uuid"},
		Routes:                   &[]admin.Route{{Method: "GET", Path: "/a/{x}", Scopes: []string{"/a/{x}/b"}}},
		TokenFormat:              new(store.Opaque),
		Algorithm:                new("EdDSA"),
		Type:                     new("JWT"),
		AccessTokenLifetime:      new(admin.Seconds(60)),
		RefreshTokenLifetime:     new(admin.Seconds(7200)),
		RefreshTokenIdleLifetime: new(admin.Seconds(600)),
		ResourceServers:          &[]string{key.ClientID},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := before
	want.Scopes, want.Parameters = []string{"/a.read", "/a/{x}/b"}, map[string]string{"x": "uuid"}
	want.Routes = []admin.Route{{Method: "GET", Path: "/a/{x}", Scopes: []string{"/a/{x}/b"}}}
	want.TokenFormat, want.Algorithm, want.Type = store.Opaque, "EdDSA", "JWT"
	want.AccessTokenLifetime, want.RefreshTokenLifetime, want.RefreshTokenIdleLifetime = 60, 7200, 600
	want.ResourceServers, want.UpdatedAt = []string{key.ClientID}, s.clock.Now()
	shown, err := s.ShowAPI(ctx, before.ID)
	diff := cmp.Diff(want, shown)
	if err != nil || diff != "" {
		t.Errorf("ShowAPI: %v (-want +got):\n%s", err, diff)
	}
	diff = cmp.Diff(shown, changed)
	if diff != "" {
		t.Errorf("the answer is not what is read back (-read +answered):\n%s", diff)
	}
	events := s.events(t)
	if got := events[len(events)-3:]; !slices.Equal(got, []string{"signing_key.created", "api.updated", "api.resource_server_added"}) {
		t.Errorf("events %v", events)
	}

	again, err := s.UpdateAPI(ctx, before.ID, admin.APIChange{Type: new("JWT"), RefreshTokenIdleLifetime: new(admin.Seconds(600))})
	diff = cmp.Diff(shown, again)
	if err != nil || diff != "" || len(s.events(t)) != len(events) {
		t.Errorf("a change to what is so already: %v, %d events more (-before +after):\n%s", err, len(s.events(t))-len(events), diff)
	}
	_, err = s.UpdateAPI(ctx, before.ID, admin.APIChange{ResourceServers: &[]string{}, RefreshTokenIdleLifetime: new(admin.Seconds(0))})
	shown, shownErr := s.ShowAPI(ctx, before.ID)
	if err != nil || shownErr != nil || len(shown.ResourceServers) != 0 || shown.RefreshTokenIdleLifetime != 0 {
		t.Errorf("%v, %v; got %+v, want neither a resource server nor an idle lifetime", err, shownErr, shown)
	}
}

func TestAChangeOfAnAPIThatTakesAGrantAwayNeedsForce(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	changes := map[string]admin.APIChange{
		"its scope is gone":      {Scopes: &[]string{"/b.read"}},
		"it is of another mode":  {Mode: new(store.Test)},
		"its scope is not found": {Scopes: &[]string{"/a/read"}},
	}
	for name, change := range changes {
		head := s.head(t)
		_, err := s.UpdateAPI(ctx, "https://a.example", change)
		checkProblem(t, err, 409, `key "`+key.ClientID+`" ("backend") is granted /a.read`)
		if s.head(t) != head {
			t.Errorf("%s: the refusal changed something", name)
		}
	}
	err := s.DeleteAPI(ctx, "https://a.example")
	checkProblem(t, err, 409, "is granted /a.read")

	_, err = s.UpdateAPI(ctx, "https://a.example", admin.APIChange{Scopes: &[]string{"/b.read"}, Force: true})
	if err != nil {
		t.Fatal(err)
	}
	// What is lost already holds nothing up any more.
	_, err = s.UpdateAPI(ctx, "https://a.example", admin.APIChange{Scopes: &[]string{"/c.read"}})
	if err != nil {
		t.Error(err)
	}
	_, err = s.UpdateKey(ctx, key.ClientID, admin.KeyChange{Scopes: &[]string{"/a.read", "/c.read"}})
	if err != nil {
		t.Errorf("a grant that the key has already and that means nothing: %v", err)
	}
	_, err = s.UpdateKey(ctx, key.ClientID, admin.KeyChange{Scopes: &[]string{"/b.read"}, Force: true})
	checkProblem(t, err, 422, "/b.read is in the catalogue of no API")
	_, err = s.UpdateKey(ctx, key.ClientID, admin.KeyChange{Mode: new(store.Test)})
	checkProblem(t, err, 422, "scope /c.read is of a live API, and the key is a test key")
	_, err = s.UpdateKey(ctx, key.ClientID, admin.KeyChange{Mode: new(store.Test), Force: true})
	if err != nil {
		t.Errorf("with force: %v", err)
	}
	err = s.DeleteAPI(ctx, "https://a.example")
	if err != nil || s.mirror.API("https://a.example") != nil {
		t.Errorf("DeleteAPI: %v", err)
	}
	err = s.DeleteAPI(ctx, "https://a.example")
	checkProblem(t, err, 404, "there is no API")
	_, err = s.UpdateAPI(ctx, "https://a.example", admin.APIChange{})
	checkProblem(t, err, 404, "there is no API")
}

func TestAKeyIsChangedAndReadsBackSo(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	_, err := s.UpdateAPI(ctx, "https://a.example", admin.APIChange{Scopes: &[]string{"/a.read", "/a/{x}/b"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.SetKeyDisabled(ctx, key.ClientID, true)
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	from, until := s.clock.Now().Add(-time.Hour), s.clock.Now().Add(time.Hour)
	changed, err := s.UpdateKey(ctx, key.ClientID, admin.KeyChange{
		Name:                new("frontend"),
		Scopes:              &[]string{"/a/{x=p|q}/b"},
		GrantTypes:          &[]oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken},
		AuthMethods:         &[]oauth.AuthMethod{oauth.ClientSecretBasic},
		AccessTokenLifetime: new(admin.Seconds(30)),
		RefreshRotation:     new(admin.RotationOff),
		Origins:             &[]string{"HTTPS://App.Example.com:443"},
		Networks:            &[]string{"192.0.2.0/24"},
		RequestsPerSecond:   new(5),
		Burst:               new(10),
		TokensPerHour:       new(100),
		TokensPerDay:        new(1000),
		Claims:              new(jsontext.Value(`{ "tenant": "acme" }`)),
		ValidFrom:           &from,
		ValidUntil:          &until,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := key.Key
	want.Name, want.Scopes, want.Disabled = "frontend", []string{"/a/{x=p|q}/b"}, true
	want.GrantTypes = []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken}
	want.AuthMethods = []oauth.AuthMethod{oauth.ClientSecretBasic}
	want.AccessTokenLifetime, want.RefreshRotation = 30, admin.RotationOff
	want.Origins, want.Networks = []string{"https://app.example.com"}, []string{"192.0.2.0/24"}
	want.RequestsPerSecond, want.Burst, want.TokensPerHour, want.TokensPerDay = 5, 10, 100, 1000
	want.Claims, want.ValidFrom, want.ValidUntil = jsontext.Value(`{"tenant":"acme"}`), from, until
	want.UpdatedAt = s.clock.Now()
	shown, err := s.ShowKey(ctx, key.ClientID)
	diff := cmp.Diff(want, shown)
	if err != nil || diff != "" {
		t.Errorf("ShowKey: %v (-want +got):\n%s", err, diff)
	}
	diff = cmp.Diff(shown, changed)
	if diff != "" {
		t.Errorf("the answer is not what is read back (-read +answered):\n%s", diff)
	}

	events := s.events(t)
	_, err = s.UpdateKey(ctx, key.ClientID, admin.KeyChange{Name: new("frontend")})
	if err != nil || len(s.events(t)) != len(events) || events[len(events)-1] != "key.updated" {
		t.Errorf("a change to what is so already: %v, events %v, then %v", err, events, s.events(t))
	}
	shown, err = s.UpdateKey(ctx, key.ClientID, admin.KeyChange{
		Origins: &[]string{}, Networks: &[]string{}, RequestsPerSecond: new(0), Burst: new(0), TokensPerHour: new(0), TokensPerDay: new(0),
		Claims: new(jsontext.Value("{}")), ValidFrom: new(time.Time{}), ValidUntil: new(time.Time{}), AccessTokenLifetime: new(admin.Seconds(0)),
	})
	if err != nil {
		t.Fatal(err)
	}
	record, err := s.store.Client(ctx, key.ClientID)
	diff = cmp.Diff(store.Policy{}, record.Policy)
	if err != nil || diff != "" || shown.AccessTokenLifetime != 0 {
		t.Errorf("everything was taken away again: %v, %+v (-want +got):\n%s", err, shown, diff)
	}
	_, err = s.SetKeyDisabled(ctx, key.ClientID, false)
	if err != nil {
		t.Fatal(err)
	}
	s.works(t, key.ClientID, key.ClientSecret, true)

	_, err = s.UpdateKey(ctx, "nobody", admin.KeyChange{})
	checkProblem(t, err, 404, "there is no key")
	_, err = s.UpdateKey(ctx, key.ClientID, admin.KeyChange{Scopes: &[]string{}})
	checkProblem(t, err, 422, "no scopes")
	_, err = s.UpdateKey(ctx, key.ClientID, admin.KeyChange{Scopes: &[]string{"/a/{y=p}/b"}})
	checkProblem(t, err, 422, "y")
}

func TestUpdatesAtOnceUndoNothing(t *testing.T) {
	s := start(t, t.TempDir())
	key := s.key(t)
	changes := []admin.KeyChange{
		{Name: new("other")}, {TokensPerDay: new(7)}, {Networks: &[]string{"192.0.2.0/24"}}, {RefreshRotation: new(admin.RotationOff)},
	}
	made := atOnce(t, len(changes), 409, func(i int) error {
		_, err := s.UpdateKey(t.Context(), key.ClientID, changes[i])
		return err
	})
	shown, err := s.ShowKey(t.Context(), key.ClientID)
	if err != nil || made != len(changes) || shown.Name != "other" || shown.TokensPerDay != 7 || len(shown.Networks) != 1 || shown.RefreshRotation != admin.RotationOff {
		t.Errorf("%d were made, %v: %+v", made, err, shown)
	}
}
