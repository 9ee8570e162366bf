package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/adminapi"
)

// adminCaller is a key for the Admin API with its token.
type adminCaller struct {
	*instance
	id, secret, token string
}

// administrator makes a key with these scopes, and a token of all those that are of the
// Admin API.
func (i *instance) administrator(t *testing.T, owner string, scopes ...string) adminCaller {
	t.Helper()
	key, err := i.admin.CreateAdminKey(t.Context(), admin.NewKey{Name: "administrator", Owner: owner, Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	c := adminCaller{instance: i, id: key.ClientID, secret: key.ClientSecret}
	c.token = c.fetch(t, "resource="+i.Issuer+"/admin")
	return c
}

func (c adminCaller) fetch(t *testing.T, more string) string {
	t.Helper()
	got := c.do(t, request{contentType: formType, body: "grant_type=client_credentials&" + more, user: c.id, password: c.secret})
	token, _ := got.fields["access_token"].(string)
	if token == "" {
		t.Fatalf("no token: %d %s", got.status, got.body)
	}
	return token
}

// call makes a call of the Admin API; headers come in pairs.
func (c adminCaller) call(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	r := request{method: method, path: path, body: body, header: "Bearer " + c.token, more: http.Header{}}
	if c.token == "" {
		r.header = ""
	}
	if body != "" {
		r.contentType = "application/json"
	}
	for k := 0; k < len(headers); k += 2 {
		r.more.Set(headers[k], headers[k+1])
	}
	at := *c.instance
	at.Issuer = "http://" + c.AdminAddr
	return at.do(t, r)
}

// matrix is the scope of each route. A new route needs a row here.
var matrix = map[string]string{
	"GET /admin/v1/keys":                                      "/admin/keys.read",
	"POST /admin/v1/keys":                                     "/admin/keys.write",
	"GET /admin/v1/keys/{id}":                                 "/admin/keys.read",
	"PATCH /admin/v1/keys/{id}":                               "/admin/keys.write",
	"DELETE /admin/v1/keys/{id}":                              "/admin/keys.write",
	"POST /admin/v1/keys/{id}/disable":                        "/admin/keys.write",
	"POST /admin/v1/keys/{id}/enable":                         "/admin/keys.write",
	"POST /admin/v1/keys/{id}/revoke-tokens":                  "/admin/tokens.revoke",
	"GET /admin/v1/keys/{id}/secrets":                         "/admin/keys.read",
	"POST /admin/v1/keys/{id}/secrets":                        "/admin/keys.write",
	"POST /admin/v1/keys/{id}/secrets/{secret}/retire":        "/admin/keys.write",
	"GET /admin/v1/keys/{id}/usage":                           "/admin/usage.read",
	"POST /admin/v1/import-keys":                              "/admin/keys.write",
	"GET /admin/v1/apis":                                      "/admin/apis.read",
	"POST /admin/v1/apis":                                     "/admin/apis.write",
	"GET /admin/v1/apis/{id}":                                 "/admin/apis.read",
	"PATCH /admin/v1/apis/{id}":                               "/admin/apis.write",
	"DELETE /admin/v1/apis/{id}":                              "/admin/apis.write",
	"PUT /admin/v1/apis/{id}/resource-servers/{client_id}":    "/admin/apis.write",
	"DELETE /admin/v1/apis/{id}/resource-servers/{client_id}": "/admin/apis.write",
	"POST /admin/v1/apis/{id}/revoke-tokens":                  "/admin/tokens.revoke",
	"POST /admin/v1/tokens/inspect":                           "/admin/tokens.inspect",
	"POST /admin/v1/tokens/revoke":                            "/admin/tokens.revoke",
	"POST /admin/v1/revoke-tokens":                            "/admin/tokens.revoke",
	"POST /admin/v1/explain":                                  "/admin/explain",
	"GET /admin/v1/signing-keys":                              "/admin/signing-keys.read",
	"POST /admin/v1/signing-keys/rotate":                      "/admin/signing-keys.write",
	"POST /admin/v1/signing-keys/{kid}/revoke":                "/admin/signing-keys.write",
	"GET /admin/v1/audit":                                     "/admin/audit.read",
	"GET /admin/v1/audit/verify":                              "/admin/audit.read",
	"GET /admin/v1/nodes":                                     "/admin/nodes.read",
	"GET /admin/v1/nodes/health":                              "/admin/nodes.read",
	"GET /admin/v1/export":                                    "/admin/manifest.read",
	"POST /admin/v1/apply":                                    "/admin/manifest.write",
	"GET /admin/v1/events":                                    "/admin/events.read",
}

// forOwners are the routes that a key with an owner may use.
var forOwners = map[string]bool{
	"GET /admin/v1/keys": true, "POST /admin/v1/keys": true, "GET /admin/v1/keys/{id}": true, "PATCH /admin/v1/keys/{id}": true,
	"DELETE /admin/v1/keys/{id}": true, "POST /admin/v1/keys/{id}/disable": true, "POST /admin/v1/keys/{id}/enable": true,
	"POST /admin/v1/keys/{id}/revoke-tokens": true, "GET /admin/v1/keys/{id}/secrets": true, "POST /admin/v1/keys/{id}/secrets": true,
	"POST /admin/v1/keys/{id}/secrets/{secret}/retire": true, "GET /admin/v1/keys/{id}/usage": true, "GET /admin/v1/apis": true,
	"GET /admin/v1/apis/{id}": true, "POST /admin/v1/tokens/inspect": true, "POST /admin/v1/tokens/revoke": true,
	"POST /admin/v1/explain": true, "GET /admin/v1/audit": true, "GET /admin/v1/events": true,
}

func TestEveryRouteOfTheAdminAPINeedsItsScope(t *testing.T) {
	i := start(t, nil)
	nobody := adminCaller{instance: i}
	provider := i.administrator(t, "", admin.Scopes()...)
	owned := i.administrator(t, "acme", admin.Scopes()...)
	left := map[string]string{}
	for name, scope := range matrix {
		left[name] = scope
	}
	for _, r := range (&adminapi.API{}).Routes() {
		name := r.Method + " " + r.Path
		want, known := left[name]
		delete(left, name)
		if !known || want != r.Scope {
			t.Errorf("%s needs %s, and the matrix has %q: give it a row", name, r.Scope, want)
			continue
		}
		path := strings.NewReplacer("{id}", "no-such", "{secret}", "none", "{kid}", "none", "{client_id}", "none").Replace(r.Path)
		t.Run(name, func(t *testing.T) {
			t.Run("RFC 6750 §3: a request without a token gets a challenge without an error", func(t *testing.T) {
				got := nobody.call(t, r.Method, path, "")
				if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") != `Bearer realm="grantd admin"` {
					t.Errorf("got %d %q", got.status, got.header.Get("WWW-Authenticate"))
				}
			})
			var others []string
			for _, scope := range admin.Scopes() {
				if scope != want {
					others = append(others, scope)
				}
			}
			t.Run("RFC 6750 §3.1: a token without the scope is refused, and the scope is named", func(t *testing.T) {
				lacking := provider
				lacking.token = provider.fetch(t, "scope="+strings.Join(others, "+"))
				got := lacking.call(t, r.Method, path, "")
				header := got.header.Get("WWW-Authenticate")
				if got.status != http.StatusForbidden || !strings.Contains(header, `error="insufficient_scope"`) || !strings.Contains(header, `scope="`+want+`"`) {
					t.Errorf("got %d %q", got.status, header)
				}
				if !strings.Contains(got.body, want) {
					t.Errorf("the sentence does not name the scope: %s", got.body)
				}
			})
			if r.Path == "/admin/v1/events" || r.Path == "/admin/v1/revoke-tokens" || r.Path == "/admin/v1/signing-keys/rotate" {
				return // they do what they are for, and the others see it
			}
			alone := provider
			alone.token = provider.fetch(t, "scope="+want)
			got := alone.call(t, r.Method, path, "")
			if got.status == http.StatusUnauthorized || got.status == http.StatusForbidden || got.status >= 500 {
				t.Errorf("with the scope alone: got %d %s", got.status, got.body)
			}
			got = owned.call(t, r.Method, path, "")
			refused := got.status == http.StatusForbidden && strings.Contains(got.body, "with an owner cannot do this")
			if refused == forOwners[name] {
				t.Errorf("with an owner: got %d %s", got.status, got.body)
			}
		})
	}
	for name := range left {
		t.Errorf("the matrix has %s, which is no route", name)
	}
}

func TestTokensThatAreNotForTheAdminAPI(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.ScopeKeysRead, "/accounts.read")
	good := c.token
	both := c.fetch(t, "")
	other := c.fetch(t, "scope=/accounts.read")
	for name, header := range map[string]string{
		"RFC 6750 §3.1: a token of another API is invalid": other, "a token for several APIs": both,
		"a made-up token": "x.y.z", "an altered token": good[:len(good)-4] + "AAAA",
	} {
		t.Run(name, func(t *testing.T) {
			c.token = header
			got := c.call(t, "GET", "/admin/v1/keys", "")
			if got.status != http.StatusUnauthorized || !strings.Contains(got.header.Get("WWW-Authenticate"), `error="invalid_token"`) {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if strings.Contains(i.log.String(), header) || strings.Contains(got.body, header) {
				t.Error("the token is in the log or in the answer")
			}
		})
	}
	for _, header := range []string{"Basic YTpi", "Bearer", "Bearer a b", "bearer  ", "Bearer " + good + ", Bearer " + good} {
		got := (adminCaller{instance: i}).call(t, "GET", "/admin/v1/keys", "", "Authorization", header)
		if got.status != http.StatusUnauthorized {
			t.Errorf("%q: got %d", header, got.status)
		}
	}
	c.token = good
	if got := c.call(t, "GET", "/admin/v1/keys", ""); got.status != http.StatusOK {
		t.Fatalf("the right one: got %d %s", got.status, got.body)
	}
	_, err := i.admin.SetKeyDisabled(t.Context(), c.id, true)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.call(t, "GET", "/admin/v1/keys", ""); got.status != http.StatusUnauthorized {
		t.Errorf("of a disabled key: got %d %s", got.status, got.body)
	}
}

func TestPublicListenerHasNoAdminRoute(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.Scopes()...)
	paths := []string{"/admin/v1", "/admin/v1/", "/admin/v1/openapi.json", "/admin/v1/reference.css", "//admin/v1/keys", "/./admin/v1/keys"}
	for _, r := range (&adminapi.API{}).Routes() {
		paths = append(paths, r.Path)
	}
	for _, path := range paths {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE", "PUT"} {
			got := i.do(t, request{method: method, path: path, header: "Bearer " + c.token})
			if got.status != http.StatusNotFound {
				t.Errorf("%s %s: got %d", method, path, got.status)
			}
		}
	}
}

func TestAKeyCannotHandOnWhatItDoesNotHold(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.ScopeKeysRead, admin.ScopeKeysWrite, "/accounts/{accountID=a1|a2}/wallets.read")
	strong := i.administrator(t, "", admin.Scopes()...)
	made := c.call(t, "POST", "/admin/v1/keys", `{"name":"a","scopes":["/accounts/a1/wallets.read","/admin/keys.read"]}`)
	if made.status != http.StatusCreated {
		t.Fatalf("what it holds: got %d %s", made.status, made.body)
	}
	child, etag := made.fields["client_id"].(string), made.header.Get("ETag")
	narrow := c
	narrow.token = c.fetch(t, "scope="+admin.ScopeKeysWrite)
	for name, tt := range map[string]struct {
		by                 adminCaller
		method, path, body string
	}{
		"another scope":                        {c, "POST", "", `{"name":"a","scopes":["/accounts.read"]}`},
		"the template of its values":           {c, "POST", "", `{"name":"a","scopes":["/accounts/{accountID}/wallets.read"]}`},
		"another value":                        {c, "POST", "", `{"name":"a","scopes":["/accounts/a3/wallets.read"]}`},
		"another scope of the Admin API":       {c, "POST", "", `{"name":"a","scopes":["/admin/apis.write"]}`},
		"one that its token does not have":     {narrow, "POST", "", `{"name":"a","scopes":["/admin/keys.read"]}`},
		"resource servers":                     {c, "POST", "", `{"name":"a","scopes":[],"resource_server_of":["https://api.example.com"]}`},
		"more for another key":                 {c, "PATCH", "/" + child, `{"scopes":["/accounts.read"]}`},
		"more for itself":                      {c, "PATCH", "/" + c.id, `{"scopes":["/admin/keys.read"]}`},
		"no network for itself":                {c, "PATCH", "/" + c.id, `{"networks":[]}`},
		"a secret for itself":                  {c, "POST", "/" + c.id + "/secrets", `{"name":"b"}`},
		"a secret of a stronger key":           {c, "POST", "/" + strong.id + "/secrets", `{"name":"b"}`},
		"a change of a stronger key":           {c, "PATCH", "/" + strong.id, `{"name":"b"}`},
		"a stronger key enabled":               {c, "POST", "/" + strong.id + "/enable", ``},
		"a secret, through a token with less":  {narrow, "POST", "/" + child + "/secrets", `{"name":"b"}`},
		"the Admin API changed through itself": {strong, "DELETE", "/../apis", ``},
	} {
		t.Run(name, func(t *testing.T) {
			path := "/admin/v1/keys" + tt.path
			if tt.method == "DELETE" {
				path = "/admin/v1/apis/" + i.adminAPIID(t, strong)
			}
			got := tt.by.call(t, tt.method, path, tt.body, "If-Match", etag)
			if got.status != http.StatusForbidden || got.fields["detail"] == "" {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
}

func (i *instance) adminAPIID(t *testing.T, c adminCaller) string {
	t.Helper()
	apis, err := i.admin.ListAPIs(t.Context(), admin.Range{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, api := range apis.Items {
		if api.Audience == c.Issuer+"/admin" {
			return api.ID
		}
	}
	t.Fatal("the Admin API has no record")
	return ""
}

func TestAKeyWithAnOwnerSeesOnlyTheirs(t *testing.T) {
	i := start(t, nil)
	all := append(admin.Scopes(), "/accounts.read")
	c, provider := i.administrator(t, "acme", all...), i.administrator(t, "", all...)
	foreign := provider.call(t, "POST", "/admin/v1/keys", `{"name":"foreign","owner":"other","scopes":["/accounts.read"]}`)
	mine := c.call(t, "POST", "/admin/v1/keys", `{"name":"mine","scopes":["/accounts.read"]}`)
	if mine.status != http.StatusCreated || mine.fields["owner"] != "acme" {
		t.Fatalf("make a key: %d %s", mine.status, mine.body)
	}
	id := foreign.fields["client_id"].(string)
	for _, tt := range [][3]string{
		{"GET", "", ""},
		{"PATCH", "", `{"name":"x"}`},
		{"DELETE", "", ""},
		{"POST", "/disable", ""},
		{"POST", "/enable", ""},
		{"POST", "/revoke-tokens", `{}`},
		{"GET", "/secrets", ""},
		{"POST", "/secrets", `{"name":"x"}`},
		{"POST", "/secrets/default/retire", `{"force":true}`},
		{"GET", "/usage", ""},
	} {
		got := c.call(t, tt[0], "/admin/v1/keys/"+id+tt[1], tt[2], "If-Match", `"x"`)
		none := c.call(t, tt[0], "/admin/v1/keys/nobody"+tt[1], tt[2], "If-Match", `"x"`)
		if got.status != http.StatusNotFound || strings.ReplaceAll(got.body, id, "nobody") != none.body {
			t.Errorf("%s %s: another's is %d %s, none is %d %s", tt[0], tt[1], got.status, got.body, none.status, none.body)
		}
	}
	if got := provider.call(t, "GET", "/admin/v1/keys/"+id, ""); got.status != http.StatusOK || got.fields["disabled"] == true {
		t.Errorf("the other's key: got %d %s", got.status, got.body)
	}
	for _, query := range []string{"", "?owner=other", "?search=" + id, "?contains=foreign", "?sort=id"} {
		got := c.call(t, "GET", "/admin/v1/keys"+query, "")
		if got.status != http.StatusOK || strings.Contains(got.body, id) || strings.Contains(got.body, provider.id) {
			t.Errorf("list%s: %d %s", query, got.status, got.body)
		}
	}
	for _, tt := range [][2]string{
		{"/admin/v1/keys", `{"name":"x","owner":"other","scopes":["/accounts.read"]}`},
		{"/admin/v1/keys", `{"name":"x","client_id":"mine-1","client_secret":"0123456789abcdef0123","scopes":["/accounts.read"]}`},
	} {
		if got := c.call(t, "POST", tt[0], tt[1]); got.status != http.StatusForbidden {
			t.Errorf("%s: got %d %s", tt[1], got.status, got.body)
		}
	}
	token := provider.token
	a := c.call(t, "POST", "/admin/v1/tokens/inspect", `{"token":"`+token+`"}`)
	b := c.call(t, "POST", "/admin/v1/tokens/inspect", `{"token":"nonsense"}`)
	if a.status != http.StatusUnprocessableEntity || a.body != b.body {
		t.Errorf("a token of another: %d %s, nonsense: %d %s", a.status, a.body, b.status, b.body)
	}
	if got := c.call(t, "POST", "/admin/v1/tokens/revoke", `{"token":"`+token+`"}`); got.status == http.StatusOK {
		t.Error("revoked the token of another")
	}
	audit := c.call(t, "GET", "/admin/v1/audit?kind=client&id="+mine.fields["client_id"].(string), "")
	if audit.status != http.StatusOK || !strings.Contains(audit.body, "key.created") {
		t.Errorf("audit of its own: %d %s", audit.status, audit.body)
	}
	if got := c.call(t, "GET", "/admin/v1/audit?kind=client&id="+id, ""); got.status != http.StatusNotFound {
		t.Errorf("audit of another's: %d %s", got.status, got.body)
	}
}

func TestForgedCursorsAreRefused(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.Scopes()...)
	page := c.call(t, "GET", "/admin/v1/keys?limit=1", "")
	next, _ := page.fields["next"].(string)
	if next == "" || !strings.Contains(page.header.Get("Link"), next) {
		t.Fatalf("got %s, Link %q", page.body, page.header.Get("Link"))
	}
	if got := c.call(t, "GET", "/admin/v1/keys?limit=1&cursor="+next, ""); got.status != http.StatusOK || cmp.Equal(got.fields["items"], page.fields["items"]) {
		t.Errorf("the next page: %d %s", got.status, got.body)
	}
	altered := []byte(next)
	altered[30] ^= 1
	for name, path := range map[string]string{
		"altered": "/admin/v1/keys?cursor=" + string(altered), "of another order": "/admin/v1/keys?sort=newest&cursor=" + next,
		"of another filter": "/admin/v1/keys?owner=acme&cursor=" + next, "of keys, for the audit trail": "/admin/v1/audit?cursor=" + next,
		"made up": "/admin/v1/keys?cursor=eyJkIjoiYSJ9", "cut": "/admin/v1/keys?cursor=" + next[:10], "no base64": "/admin/v1/keys?cursor=%25",
	} {
		got := c.call(t, "GET", path, "")
		if got.status != http.StatusBadRequest || !strings.Contains(got.body, `"pointer":"?cursor"`) {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
}

func TestUpdatesNeedTheVersionThatWasSeen(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", append(admin.Scopes(), "/accounts.read", "/ping.read")...)
	made := c.call(t, "POST", "/admin/v1/keys", `{"name":"a","scopes":["/accounts.read"]}`)
	path := "/admin/v1/keys/" + made.fields["client_id"].(string)
	seen := c.call(t, "GET", path, "").header.Get("ETag")
	if seen == "" || seen != made.header.Get("ETag") {
		t.Fatalf("ETag %q, after creation %q", seen, made.header.Get("ETag"))
	}
	if got := c.call(t, "PATCH", path, `{"name":"b"}`); got.status != http.StatusPreconditionRequired {
		t.Errorf("without: got %d %s", got.status, got.body)
	}
	for _, version := range []string{"*", "W/" + seen, seen + ", " + seen, `"`, ""} {
		if got := c.call(t, "PATCH", path, `{"name":"b"}`, "If-Match", version); got.status != http.StatusBadRequest {
			t.Errorf("If-Match %q: got %d %s", version, got.status, got.body)
		}
	}
	if got := c.call(t, "PATCH", path, `{"name":"b"}`, "If-Match", seen); got.status != http.StatusOK || got.header.Get("ETag") == seen {
		t.Fatalf("with it: got %d %s", got.status, got.body)
	}
	got := c.call(t, "PATCH", path, `{"name":"c","scopes":["/ping.read"]}`, "If-Match", seen)
	want := []any{map[string]any{"field": "name", "now": "b", "wanted": "c"}}
	if got.status != http.StatusPreconditionFailed || !cmp.Equal(got.fields["differences"], any(want)) {
		t.Errorf("with an old one: got %d %s", got.status, got.body)
	}
	if got := c.call(t, "PATCH", path, `{"name":"c"}`, "If-Match", `"none"`); got.status != http.StatusPreconditionFailed {
		t.Errorf("with another: got %d %s", got.status, got.body)
	}
	if now := c.call(t, "GET", path, ""); now.fields["name"] != "b" {
		t.Errorf("the key is %s", now.body)
	}
}

func TestCreationIsDoneOncePerIdempotencyKey(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", append(admin.Scopes(), "/accounts.read")...)
	const body, key = `{"name":"a","scopes":["/accounts.read"]}`, "3d0c9e2a-7b6f-4a52"
	first := c.call(t, "POST", "/admin/v1/keys", body, "Idempotency-Key", key)
	second := c.call(t, "POST", "/admin/v1/keys", body, "Idempotency-Key", key)
	if first.status != http.StatusCreated || second.status != http.StatusCreated || first.body != second.body {
		t.Fatalf("first %d %s, second %d %s", first.status, first.body, second.status, second.body)
	}
	if got := c.call(t, "POST", "/admin/v1/keys", body+" ", "Idempotency-Key", key); got.status != http.StatusUnprocessableEntity {
		t.Errorf("another request: got %d %s", got.status, got.body)
	}
	other := i.administrator(t, "", append(admin.Scopes(), "/accounts.read")...)
	if got := other.call(t, "POST", "/admin/v1/keys", body, "Idempotency-Key", key); got.status != http.StatusCreated || got.body == first.body {
		t.Errorf("of another caller: got %d %s", got.status, got.body)
	}
	for _, bad := range []string{"short", strings.Repeat("x", 201), "with a space in it all"} {
		if got := c.call(t, "POST", "/admin/v1/keys", body, "Idempotency-Key", bad); got.status != http.StatusBadRequest {
			t.Errorf("%q: got %d", bad, got.status)
		}
	}
	const wrong = "a-key-of-a-wrong-request"
	for range 2 {
		if got := c.call(t, "POST", "/admin/v1/keys", `{"name":"","scopes":["/accounts.read"]}`, "Idempotency-Key", wrong); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "#/name") {
			t.Errorf("a wrong one: got %d %s", got.status, got.body)
		}
	}
	if got := c.call(t, "POST", "/admin/v1/keys", body, "Idempotency-Key", wrong); got.status != http.StatusCreated {
		t.Errorf("mended: got %d %s", got.status, got.body)
	}
	secret, _ := first.fields["client_secret"].(string)
	if secret == "" {
		t.Fatal("no secret in the answer")
	}
	for _, path := range []string{"/admin/v1/keys", "/admin/v1/keys/" + first.fields["client_id"].(string), "/admin/v1/audit", "/admin/v1/keys/" + first.fields["client_id"].(string) + "/secrets"} {
		if strings.Contains(c.call(t, "GET", path, "").body, secret) {
			t.Errorf("%s shows the secret", path)
		}
	}
	c.notKept(t, secret, key)
}

// notKept looks for texts in the log and in every file of the data directory.
func (c adminCaller) notKept(t *testing.T, texts ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(c.dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, text := range texts {
		if strings.Contains(c.log.String(), text) {
			t.Errorf("the log holds %q", text)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err == nil && bytes.Contains(content, []byte(text)) {
				t.Errorf("%s holds %q", file, text)
			}
		}
	}
}

func TestImportOfKeys(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.ScopeKeysWrite, "/accounts.read")
	lines := `{"name":"a","client_id":"imported-a","client_secret":"0123456789abcdef-a","scopes":["/accounts.read"]}
{"name":"b","client_id":"imported-b","client_secret":"0123456789abcdef-b","scopes":["/accounts.write"]}
{"name":"c","client_id":"imported-c","scopes":["/accounts.read"]}
{"name":"d","Client_ID":"imported-d"}
not json
{"name":"a again","client_id":"imported-a","client_secret":"0123456789abcdef-x","scopes":["/accounts.read"]}
{"name":"e","client_id":"imported-e","client_secret":"0123456789abcdef-e","scopes":["/accounts.read"]}`
	for round, want := range [][]string{
		{"created", "refused", "refused", "refused", "refused", "exists", "created", "done"},
		{"exists", "refused", "refused", "refused", "refused", "exists", "exists", "done"},
	} {
		got := c.call(t, "POST", "/admin/v1/import-keys", lines, "Content-Type", "application/x-ndjson")
		var states []string
		d := json.NewDecoder(strings.NewReader(got.body))
		for d.More() {
			var line adminapi.ImportLine
			err := d.Decode(&line)
			if err != nil {
				t.Fatal(err)
			}
			states = append(states, line.Status)
		}
		if diff := cmp.Diff(want, states); got.status != http.StatusOK || diff != "" {
			t.Errorf("round %d: %d %s\n%s", round, got.status, diff, got.body)
		}
		if strings.Contains(got.body, "0123456789abcdef") || strings.Contains(i.log.String(), "0123456789abcdef") {
			t.Error("a secret is in the answer or in the log")
		}
	}
	token := i.do(t, request{contentType: formType, body: "grant_type=client_credentials", user: "imported-e", password: "0123456789abcdef-e"})
	if token.status != http.StatusOK {
		t.Errorf("an imported key: %d %s", token.status, token.body)
	}
	long := c.call(t, "POST", "/admin/v1/import-keys", `{"name":"`+strings.Repeat("x", 70<<10)+`"}`, "Content-Type", "application/x-ndjson")
	if !strings.Contains(long.body, `"stopped"`) {
		t.Errorf("a line that is too long: %s", long.body)
	}
}
