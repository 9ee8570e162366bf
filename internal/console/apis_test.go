package console

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// fullAPI is an API with a value of its own in every field.
func fullAPI() admin.NewAPI {
	return admin.NewAPI{
		Audience: "https://full.example", Mode: store.Test, Scopes: []string{"/full.read", "/full/{id}/items.read", "/kinds/{kind}"},
		Parameters: map[string]string{"id": "uuid", "kind": `pattern:[a-z]+|x<y`},
		Routes: []admin.Route{
			{Method: "GET", Path: "/full/{id}/items", Scopes: []string{"/full/{id}/items.read", "/full.read"}}, {Method: "POST", Path: "/full"},
		},
		TokenFormat: store.Opaque, Algorithm: "EdDSA", Type: "JWT",
		AccessTokenLifetime: 90, RefreshTokenLifetime: 7 * daySeconds, RefreshTokenIdleLifetime: 3600,
	}
}

func (r *running) withAPI(in admin.NewAPI) admin.API {
	r.t.Helper()
	api, err := r.UseCases.CreateAPI(r.t.Context(), "test", in)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.apiShown(api.ID)
}

func (r *running) apiShown(id string) admin.API {
	r.t.Helper()
	api, err := r.UseCases.ShowAPI(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return api
}

func typedWithVersion(api admin.API) url.Values {
	form := typedOfAPI(api)
	form.Set("version", api.Version)
	return form
}

func TestAnAPIIsMadeWithAllThatItCanHave(t *testing.T) {
	want := start(t).withAPI(fullAPI())
	r := start(t)
	form := typedOfAPI(want)
	form.Set("audience", " "+want.Audience+"\r\n")
	form.Set("routes", "\r\n"+strings.ReplaceAll(form.Get("routes"), "\n", " \r\n\r\n"))
	got := r.request("POST", "/console/apis/new", r.signedIn("root", store.Admin), form)
	apis := r.apis()
	if got.Code != http.StatusSeeOther || len(apis) != 1 || apis[0].Audience != want.Audience || apis[0].Version != want.Version {
		t.Errorf("got %d, %+v, want %+v: %s", got.Code, apis, want, got.body)
	}
}

func TestAnUntouchedFormOfAnAPIChangesNothing(t *testing.T) {
	r := start(t)
	api := r.withAPI(fullAPI())
	got := r.request("POST", "/console/apis/"+api.ID, r.signedIn("root", store.Admin), typedWithVersion(api))
	if now := r.apiShown(api.ID); got.Code != http.StatusSeeOther || now.Version != api.Version || !now.UpdatedAt.Equal(api.UpdatedAt) {
		t.Errorf("got %d, %+v, want %+v", got.Code, now, api)
	}
}

func TestAnAPIIsEdited(t *testing.T) {
	r := start(t)
	want := start(t).withAPI(fullAPI())
	r.withKey()
	api, cookie := r.apis()[0], r.signedIn("root", store.Admin)
	path, form := "/console/apis/"+api.ID, typedOfAPI(want)
	form.Set("version", api.Version)
	got := r.request("POST", path, cookie, form)
	if got.Code != http.StatusConflict || !strings.Contains(html.UnescapeString(got.body), `is granted /accounts.read, which would mean nothing any more`) {
		t.Fatalf("while a key has its scopes: got %d: %s", got.Code, got.body)
	}
	form.Set("force", "yes")
	got = r.request("POST", path, cookie, form)
	now := r.apiShown(api.ID)
	if got.Code != http.StatusSeeOther || now.Version != want.Version {
		t.Fatalf("got %d, %+v, want %+v", got.Code, now, want)
	}
	for _, emptied := range []string{"parameters", "routes", "refresh_token_idle_lifetime", "access_token_lifetime"} {
		form.Set(emptied, "")
	}
	form.Set("version", now.Version)
	got = r.request("POST", path, cookie, form)
	now = r.apiShown(api.ID)
	if got.Code != http.StatusSeeOther || len(now.Parameters)+len(now.Routes) != 0 || now.RefreshTokenIdleLifetime != 0 || now.AccessTokenLifetime != 3600 {
		t.Errorf("with emptied fields: got %d, %+v", got.Code, now)
	}
}

func TestAResourceServerComesAndGoes(t *testing.T) {
	r := start(t)
	key := r.withKey()
	api, cookie := r.apis()[0], r.signedIn("root", store.Admin)
	path, form := "/console/apis/"+api.ID, typedWithVersion(api)
	got := r.request("POST", path+"/resource-servers", cookie, url.Values{"client_id": {"nobody"}})
	if got.Code != http.StatusNotFound || !strings.Contains(html.UnescapeString(got.body), `There is no key "nobody"`) || !strings.Contains(got.body, "Add a resource server") {
		t.Errorf("nobody: got %d: %s", got.Code, got.body)
	}
	got = r.request("POST", path+"/resource-servers", cookie, url.Values{"client_id": {" " + key.ClientID + "\n"}})
	if now := r.apiShown(api.ID); got.Code != http.StatusSeeOther || !slices.Equal(now.ResourceServers, []string{key.ClientID}) {
		t.Errorf("got %d, %+v", got.Code, now)
	}
	form.Set("access_token_lifetime", "15m")
	got = r.request("POST", path, cookie, form)
	if now := r.apiShown(api.ID); got.Code != http.StatusSeeOther || now.AccessTokenLifetime != 900 || len(now.ResourceServers) != 1 {
		t.Errorf("a form from before: got %d, %+v, want no conflict about what it does not have", got.Code, now)
	}
	for _, want := range []int{http.StatusSeeOther, http.StatusNotFound} {
		got = r.request("POST", path+"/resource-servers/"+key.ClientID+"/remove", cookie, url.Values{})
		if now := r.apiShown(api.ID); got.Code != want || len(now.ResourceServers) != 0 {
			t.Errorf("removed: got %d, %+v, want %d", got.Code, now, want)
		}
	}
	got = r.request("POST", "/console/apis/none/resource-servers", cookie, url.Values{"client_id": {key.ClientID}})
	if got.Code != http.StatusNotFound {
		t.Errorf("an API that is not there: got %d", got.Code)
	}
}

func TestAnAPIIsDeletedByItsAudience(t *testing.T) {
	r := start(t)
	key := r.withKey()
	api, cookie := r.apis()[0], r.signedIn("root", store.Admin)
	path := "/console/apis/" + api.ID + "/delete"
	tests := []struct {
		name, typed, want string
		code              int
	}{
		{"the id", api.ID, "What you typed is not the audience", http.StatusUnprocessableEntity},
		{"nothing", "", "What you typed is not the audience", http.StatusUnprocessableEntity},
		{"a key has its scopes", api.Audience, "is granted /accounts.read, which would mean nothing any more", http.StatusConflict},
	}
	for _, test := range tests {
		got := r.request("POST", path, cookie, url.Values{"typed": {test.typed}})
		if got.Code != test.code || !strings.Contains(wrongBeside(got.body, "typed"), test.want) || len(r.apis()) != 1 {
			t.Errorf("%s: got %d, and beside the field %q", test.name, got.Code, wrongBeside(got.body, "typed"))
		}
	}
	err := r.UseCases.DeleteKey(t.Context(), "test", key.ClientID)
	if err != nil {
		t.Fatal(err)
	}
	shown := r.now
	r.now = shown.Add(6 * time.Minute)
	got := r.request("POST", path, cookie, url.Values{"typed": {api.Audience}})
	if got.Code != http.StatusOK || !strings.Contains(got.body, "Confirm that it is you") || len(r.apis()) != 1 {
		t.Errorf("without a confirmation: got %d, %d APIs", got.Code, len(r.apis()))
	}
	r.now = shown
	got = r.request("POST", path, cookie, url.Values{"typed": {api.Audience}})
	if got.Code != http.StatusSeeOther || len(r.apis()) != 0 {
		t.Errorf("got %d, %d APIs", got.Code, len(r.apis()))
	}
}

func TestAViewerReadsAllOfAnAPI(t *testing.T) {
	r := start(t)
	api := r.withAPI(fullAPI())
	got := r.request("GET", "/console/apis/"+api.ID, r.signedIn("eve", store.Developer), nil)
	shown := html.UnescapeString(got.body)
	for _, want := range []string{
		"<dd>test</dd>", "opaque, EdDSA, typ JWT", "<dd>90s</dd>", "7d, and must be used within 1h", "id uuid", "kind pattern:[a-z]+|x<y", "/kinds/{kind}",
		"GET /full/{id}/items /full/{id}/items.read /full.read", "POST /full<", "Resource servers",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	for _, form := range []string{`class="card"`, "<textarea", "Delete", "Add a resource server"} {
		if strings.Contains(got.body, form) {
			t.Errorf("the page has %q", form)
		}
	}
}
