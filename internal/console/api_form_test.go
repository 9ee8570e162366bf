package console

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// wrongBeside is the error that stands after a field of a page, with one other field in
// between at most: two share a line.
func wrongBeside(body, name string) string {
	const field = ` name="`
	at := strings.LastIndex(body, field+name+`"`)
	if at < 0 {
		return ""
	}
	between, beside, found := strings.Cut(body[at+len(field):], `<p class="wrong" role="alert">`)
	if !found || strings.Count(between, field) > 1 {
		return ""
	}
	beside, _, _ = strings.Cut(beside, "</p>")
	return html.UnescapeString(beside)
}

func TestErrorsOfAnAPIStandBesideTheirFields(t *testing.T) {
	tests := []struct{ field, typed, want string }{
		{"audience", "x", "is not an absolute URI"},
		{"audience", "https://api.example.com", "There is an API https://api.example.com already"},
		{"mode", "both", "Mode cannot be"},
		{"scopes", " ", "The API has no scopes"},
		{"scopes", "/a /a", "/a"},
		{"scopes", "/fresh\n/accounts.read", "Scope /accounts.read belongs to https://api.example.com already"},
		{"scopes", "/accounts/{other}/wallets.read", "could mean the same as /accounts/{accountID}/wallets.read of https://api.example.com"},
		{"parameters", "id", "Entry 1 is not a name and a type"},
		{"parameters", "id uuid\nid slug", "is there twice"},
		{"parameters", "id number", "id"},
		{"parameters", "nobody uuid", "nobody"},
		{"routes", "GET", "Entry 1 has no path"},
		{"routes", "GET /x\nget /y", "Entry 2: a route has a method that is none"},
		{"routes", "GET /own /unknown", "/unknown"},
		{"token_format", "xml", "Token_format cannot be"},
		{"alg", "none", "Alg cannot be"},
		{"typ", "x", "Typ cannot be"},
		{"access_token_lifetime", "soon", "Write how long"},
		{"access_token_lifetime", "25h", "out of range"},
		{"refresh_token_lifetime", "1s", "out of range"},
		{"refresh_token_idle_lifetime", "31d", "is longer than refresh_token_lifetime"},
	}
	r := start(t)
	r.withKey()
	own := r.withAPI(admin.NewAPI{Audience: "https://own.example", Scopes: []string{"/own", "/own/{id}"}})
	cookie := r.signedIn("root", store.Admin)
	for _, test := range tests {
		created := newAPIForm().Typed
		created.Set("audience", "https://new.example")
		created.Set("scopes", "/own\n/own/{id}")
		if test.field != "scopes" {
			created.Set("mode", "test")
		}
		for path, form := range map[string]url.Values{"/console/apis/new": created, "/console/apis/" + own.ID: typedWithVersion(own)} {
			if test.field == "audience" && path != "/console/apis/new" {
				continue
			}
			form.Set(test.field, test.typed)
			got := r.request("POST", path, cookie, form)
			if beside := wrongBeside(got.body, test.field); got.Code < 400 || got.Code >= 500 || !strings.Contains(beside, test.want) || beside == "" {
				t.Errorf("%s, %s %q: got %d, and beside it %q, want %q", path, test.field, test.typed, got.Code, beside, test.want)
			}
		}
	}
	if len(r.apis()) != 2 || r.apiShown(own.ID).Version != own.Version {
		t.Errorf("got %+v, want nothing changed", r.apis())
	}
}

// TestWhatOthersChangedOfAnAPIIsDecided has each field changed by somebody else while the
// form was open.
func TestWhatOthersChangedOfAnAPIIsDecided(t *testing.T) {
	mode, format, to := store.Live, store.JWT, fullAPI()
	to.Scopes, to.Routes = append([]string{"/theirs"}, to.Scopes...), to.Routes[:1]
	to.Parameters = map[string]string{"id": "slug"}
	change := admin.APIChange{
		Mode: &mode, Scopes: &to.Scopes, Parameters: &to.Parameters, Routes: &to.Routes, TokenFormat: &format, Algorithm: new("RS256"),
		Type: new("at+jwt"), AccessTokenLifetime: new(admin.Seconds(60)), RefreshTokenLifetime: new(admin.Seconds(2 * daySeconds)),
		RefreshTokenIdleLifetime: new(admin.Seconds(0)),
	}
	for _, choice := range []string{"mine", theirs} {
		t.Run(choice, func(t *testing.T) {
			r := start(t)
			api, cookie := r.withAPI(fullAPI()), r.signedIn("root", store.Admin)
			form := typedWithVersion(api)
			_, err := r.UseCases.UpdateAPI(t.Context(), "bob", api.ID, change)
			if err != nil {
				t.Fatal(err)
			}
			changed := r.apiShown(api.ID)
			got := r.request("POST", "/console/apis/"+api.ID, cookie, form)
			again := maps.Clone(form)
			again.Set("version", changed.Version)
			for _, f := range apiFields() {
				if !strings.Contains(got.body, `name="keep.`+f.name+`"`) || !strings.Contains(got.body, `name="`+f.name+`" value="`) {
					t.Errorf("the page does not ask about %s, or does not keep it", f.name)
				}
				again.Set(keepField+f.name, choice)
			}
			if got.Code != http.StatusConflict || r.apiShown(api.ID).Version != changed.Version {
				t.Fatalf("got %d, want nothing written before it was decided", got.Code)
			}
			want := map[string]string{"mine": api.Version, theirs: changed.Version}[choice]
			got = r.request("POST", "/console/apis/"+api.ID, cookie, again)
			if now := r.apiShown(api.ID); got.Code != http.StatusSeeOther || now.Version != want {
				t.Errorf("got %d, %+v", got.Code, now)
			}
		})
	}
}

func TestTextInTheFormOfAnAPIIsText(t *testing.T) {
	r := start(t)
	api, cookie := r.withAPI(fullAPI()), r.signedIn("root", store.Admin)
	_, err := r.UseCases.UpdateAPI(t.Context(), "bob", api.ID, admin.APIChange{AccessTokenLifetime: new(admin.Seconds(60))})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`</textarea><script>alert(1)</script>`, `"><img/src=x/onerror=alert(1)>`, `'onfocus=alert(1)/x='`, `</code><svg/onload=alert(1)>`} {
		hostile := url.Values{"version": {api.Version}, "client_id": {text}, "typed": {text}, "audience": {text}, text: {text}}
		for _, f := range apiFields() {
			hostile.Set(f.name, text+" "+text+" "+text)
		}
		asked := maps.Clone(hostile)
		for _, f := range []string{"parameters", "routes", "access_token_lifetime", "refresh_token_lifetime", "refresh_token_idle_lifetime"} {
			asked.Del(f)
		}
		pairs := maps.Clone(asked)
		pairs.Set("access_token_lifetime", "1h")
		pairs.Set("parameters", "id pattern:"+text)
		pairs.Set("routes", "GET "+text+" "+text)
		for _, form := range []url.Values{hostile, asked, pairs} {
			for _, path := range []string{"new", api.ID, api.ID + "/resource-servers", api.ID + "/resource-servers/" + url.PathEscape(text) + "/remove", api.ID + "/delete"} {
				got := r.request("POST", "/console/apis/"+path, cookie, form)
				if got.Code < 400 || got.Code >= 500 || strings.Contains(got.body, text) {
					t.Errorf("%s with %s: got %d, and it as it stands: %v", path, text, got.Code, strings.Contains(got.body, text))
				}
			}
		}
	}
}
