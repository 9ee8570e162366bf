package console

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// withKey makes an API and a key.
func (r *running) withKey(change ...func(*admin.NewKey)) admin.Key {
	r.t.Helper()
	ctx := r.t.Context()
	_, err := r.UseCases.CreateAPI(ctx, "test", admin.NewAPI{
		Audience: "https://api.example.com", Scopes: []string{"/accounts.read", "/accounts.write", "/accounts/{accountID}/wallets.read"},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	in := admin.NewKey{Name: "billing", Scopes: []string{"/accounts.read"}}
	for _, c := range change {
		c(&in)
	}
	key, err := r.UseCases.CreateKey(ctx, "test", in)
	if err != nil {
		r.t.Fatal(err)
	}
	return key.Key
}

// typed is the form of a key as it is, with its version.
func (r *running) typed(id string) url.Values {
	r.t.Helper()
	key, apis := r.shown(id), r.apis()
	form := typedOf(key, apis)
	form.Set("version", key.Version)
	return form
}

func (r *running) shown(id string) admin.Key {
	r.t.Helper()
	key, err := r.UseCases.ShowKey(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return key
}

func (r *running) apis() []admin.API {
	r.t.Helper()
	apis, err := r.UseCases.ListAPIs(r.t.Context(), admin.Range{Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	return apis.Items
}

func TestAnUntouchedFormChangesNothing(t *testing.T) {
	r := start(t)
	from := r.now.Add(1234 * time.Millisecond)
	key := r.withKey(func(in *admin.NewKey) {
		in.Owner, in.Origins, in.Networks = "acme", []string{"https://a.example", "https://b.example"}, []string{"192.0.2.0/24"}
		in.Scopes = []string{"/accounts.read", "/accounts/{accountID}/wallets.read", "/accounts/{accountID=a1|a2}/wallets.read"}
		in.RequestsPerSecond, in.Burst, in.TokensPerHour, in.TokensPerDay = 5, 10, 100, 1000
		in.AccessTokenLifetime, in.RefreshRotation = 90, admin.RotationOff
		in.Claims, in.ValidFrom = []byte(`{"tenant":"<acme>","n":[1,{"a":null}]}`), &from
		in.GrantTypes = []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken}
		in.AuthMethods = []oauth.AuthMethod{oauth.ClientSecretPost}
	})
	got := r.request("POST", "/console/keys/"+key.ClientID+"/edit", r.signedIn("ada", store.Developer), r.typed(key.ClientID))
	if got.Code != http.StatusSeeOther {
		t.Fatalf("got %d: %s", got.Code, got.body)
	}
	if now := r.shown(key.ClientID); now.Version != key.Version {
		t.Errorf("got %+v, want it as it was: %+v", now, key)
	}
}

func TestAKeyIsEdited(t *testing.T) {
	r := start(t)
	key := r.withKey()
	form := r.typed(key.ClientID)
	for name, value := range map[string]string{
		"name": "invoices", "owner": "acme", "scope": "/accounts/{accountID}/wallets.read", "value./accounts/{accountID}/wallets.read.accountID": "a2 a1|a2",
		"more": "/accounts.write", "auth_methods": "client_secret_basic", "origins": "https://a.example\nhttps://b.example", "networks": "192.0.2.0/24",
		"valid_from": "2027-01-31T18:00", "valid_until": "2028-01-31T18:00:30", "requests_per_second": "5", "burst": "10", "tokens_per_hour": "100",
		"tokens_per_day": "1000", "access_token_lifetime": "15m", "grant_types": "refresh_token", "refresh_rotation": "off", "claims": ` {"tenant": "acme"} `,
	} {
		form.Set(name, value)
	}
	got := r.request("POST", "/console/keys/"+key.ClientID+"/edit", r.signedIn("ada", store.Developer), form)
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/console/keys/"+key.ClientID+"?done=changed" {
		t.Fatalf("got %d: %s", got.Code, got.body)
	}
	now := r.shown(key.ClientID)
	if now.Name != "invoices" || now.Owner != "acme" || strings.Join(now.Scopes, " ") != "/accounts/{accountID=a1|a2}/wallets.read /accounts.write" ||
		len(now.AuthMethods) != 1 || len(now.GrantTypes) != 2 || len(now.Origins) != 2 || len(now.Networks) != 1 ||
		now.RequestsPerSecond != 5 || now.Burst != 10 || now.TokensPerHour != 100 || now.TokensPerDay != 1000 ||
		now.AccessTokenLifetime != 900 || now.RefreshRotation != admin.RotationOff || string(now.Claims) != `{"tenant":"acme"}` ||
		now.ValidFrom.Format(time.RFC3339) != "2027-01-31T18:00:00Z" || now.ValidUntil.Format(time.RFC3339) != "2028-01-31T18:00:30Z" {
		t.Errorf("got %+v", now)
	}
}

// TestWhatOthersChangedIsDecidedFieldByField edits a key in two windows.
func TestWhatOthersChangedIsDecidedFieldByField(t *testing.T) {
	tests := []struct {
		name        string
		keep        map[string]string
		owner, text string
		origins     int
	}{
		{"mine is kept", map[string]string{"owner": "mine", "origins": "mine"}, "mine", "billing", 0},
		{"theirs is taken", map[string]string{"owner": theirs, "origins": theirs}, "theirs", "billing", 1},
		{"each as it was chosen", map[string]string{"owner": "mine", "origins": theirs}, "mine", "billing", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := start(t)
			key := r.withKey()
			cookie, edit := r.signedIn("ada", store.Developer), "/console/keys/"+key.ClientID+"/edit"
			form := r.typed(key.ClientID)
			form.Set("owner", "mine")
			_, err := r.UseCases.UpdateKey(t.Context(), "bob", key.ClientID, admin.KeyChange{Owner: new("theirs"), Origins: &[]string{"https://a.example"}})
			if err != nil {
				t.Fatal(err)
			}
			got := r.request("POST", edit, cookie, form)
			if got.Code != http.StatusConflict || !strings.Contains(got.body, ">mine<") || !strings.Contains(got.body, ">theirs<") ||
				!strings.Contains(got.body, "only they changed it") || strings.Contains(got.body, "keep.name") {
				t.Fatalf("got %d, want owner and origins side by side: %s", got.Code, got.body)
			}
			if now := r.shown(key.ClientID); now.Owner != "theirs" {
				t.Fatalf("got owner %q before it was decided", now.Owner)
			}
			again := maps.Clone(form)
			again.Set("version", r.shown(key.ClientID).Version)
			if !strings.Contains(got.body, `name="version" value="`+again.Get("version")+`"`) {
				t.Error("the page does not have the new version")
			}
			for field, choice := range test.keep {
				again.Set(keepField+field, choice)
			}
			got = r.request("POST", edit, cookie, again)
			now := r.shown(key.ClientID)
			if got.Code != http.StatusSeeOther || now.Owner != test.owner || len(now.Origins) != test.origins || now.Name != test.text {
				t.Errorf("got %d, and owner %q, %d origins, want %q, %d", got.Code, now.Owner, len(now.Origins), test.owner, test.origins)
			}
		})
	}
}

func TestTheSameChangeByTwoIsNoConflict(t *testing.T) {
	r := start(t)
	key := r.withKey()
	form := r.typed(key.ClientID)
	form.Set("owner", "acme")
	_, err := r.UseCases.UpdateKey(t.Context(), "bob", key.ClientID, admin.KeyChange{Owner: new("acme")})
	if err == nil {
		_, err = r.UseCases.SetKeyDisabled(t.Context(), "bob", key.ClientID, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	form.Set("name", "invoices")
	got := r.request("POST", "/console/keys/"+key.ClientID+"/edit", r.signedIn("ada", store.Developer), form)
	now := r.shown(key.ClientID)
	if got.Code != http.StatusSeeOther || now.Name != "invoices" || now.Owner != "acme" || !now.Disabled {
		t.Errorf("got %d, %+v", got.Code, now)
	}
}

func TestAFormWithoutAVersionWritesOverNothing(t *testing.T) {
	r := start(t)
	key := r.withKey()
	form := r.typed(key.ClientID)
	form.Del("version")
	form.Set("name", "invoices")
	got := r.request("POST", "/console/keys/"+key.ClientID+"/edit", r.signedIn("ada", store.Developer), form)
	if got.Code != http.StatusConflict || r.shown(key.ClientID).Name != "billing" {
		t.Errorf("got %d", got.Code)
	}
}

func TestScopesOfAnAPIAreDecided(t *testing.T) {
	r := start(t)
	r.withKey()
	api, cookie := r.apis()[0], r.signedIn("root", store.Admin)
	theirScopes := append([]string{"/theirs"}, api.Scopes...)
	mine := url.Values{"version": {api.Version}, "scopes": {strings.Join(append([]string{"/mine"}, api.Scopes...), "\n")}}
	_, err := r.UseCases.UpdateAPI(t.Context(), "bob", api.ID, admin.APIChange{Scopes: &theirScopes, Algorithm: new("EdDSA")})
	if err != nil {
		t.Fatal(err)
	}
	path := "/console/apis/" + api.ID
	got := r.request("POST", path, cookie, mine)
	if got.Code != http.StatusConflict || !strings.Contains(got.body, `<mark class="breaks">/mine</mark>`) ||
		!strings.Contains(got.body, `<mark class="breaks">/theirs</mark>`) || !strings.Contains(got.body, `<span class="breaks">/accounts.read</span>`) {
		t.Fatalf("got %d: %s", got.Code, got.body)
	}
	mine.Set("version", r.apis()[0].Version)
	mine.Set(keepField+"scopes", "mine")
	got = r.request("POST", path, cookie, mine)
	now := r.apis()[0]
	if got.Code != http.StatusSeeOther || now.Scopes[0] != "/mine" || now.Algorithm != "EdDSA" {
		t.Errorf("got %d, %+v", got.Code, now)
	}
}
