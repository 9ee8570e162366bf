package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/store"
)

// matrix says for every route who may use it, and whether a credential must have been
// shown lately. It is written a second time here, so that nobody opens a route by
// mistake.
const matrix = `
anyone            GET /console/sign-in
anyone            POST /console/sign-in
anyone            POST /console/sign-in/passkey/begin
anyone            POST /console/sign-in/passkey/finish
anyone            GET /console/welcome
anyone            POST /console/welcome
anyone            POST /console/welcome/passkey/begin
anyone            POST /console/welcome/passkey/finish
anyone            POST /console/theme
viewer            POST /console/sign-out
viewer            POST /console/sign-out-everywhere
viewer guarded    POST /console/confirm
viewer            POST /console/confirm/passkey/begin
viewer            POST /console/confirm/passkey/finish
viewer            GET /console/account
viewer            POST /console/account/passkey/begin
viewer            POST /console/account/passkey/finish
viewer guarded    GET /console/account/password
viewer guarded    POST /console/account/password
viewer guarded    POST /console/account/credentials/{id}/remove
viewer            POST /console/account/sessions/{id}/end
viewer            GET /console/{$}
viewer            GET /console/secrets
viewer            GET /console/keys
developer guarded GET /console/keys/new
developer guarded POST /console/keys/new
developer guarded GET /console/keys/import
developer guarded POST /console/keys/import
developer         POST /console/keys/import/{import}/cancel
viewer            GET /console/keys/{id}
developer guarded GET /console/keys/{id}/edit
developer guarded POST /console/keys/{id}/edit
developer         POST /console/keys/{id}/disable
developer         POST /console/keys/{id}/enable
developer         POST /console/keys/{id}/revoke
developer guarded POST /console/keys/{id}/rotate
developer         POST /console/keys/{id}/secrets/{secret}/retire
developer         POST /console/keys/{id}/delete
viewer            GET /console/apis
admin             GET /console/apis/new
admin             POST /console/apis/new
viewer            GET /console/apis/{id}
admin guarded     POST /console/apis/{id}
admin guarded     POST /console/apis/{id}/resource-servers
admin guarded     POST /console/apis/{id}/resource-servers/{key}/remove
admin guarded     POST /console/apis/{id}/delete
viewer            GET /console/explain
viewer            POST /console/explain
viewer            GET /console/inspect
viewer            POST /console/inspect
viewer            GET /console/signing-keys
admin             POST /console/signing-keys/rotate
admin guarded     POST /console/signing-keys/{id}/revoke
viewer            GET /console/audit
viewer            POST /console/audit/verify
viewer            GET /console/audit/export
viewer            GET /console/nodes
admin             GET /console/operators
admin guarded     POST /console/operators
admin guarded     POST /console/operators/{name}/role
admin guarded     POST /console/operators/{name}/reset
admin guarded     POST /console/operators/{name}/remove
`

type row struct {
	role    store.Role
	guarded bool
}

func rows() map[string]row {
	all := map[string]row{}
	for line := range strings.SplitSeq(strings.TrimSpace(matrix), "\n") {
		words := strings.Fields(line)
		n := len(words)
		role := store.Role(words[0])
		if role == "anyone" {
			role = anyone
		}
		all[words[n-2]+" "+words[n-1]] = row{role, n == 4}
	}
	return all
}

func TestEveryRouteIsForItsRolesAlone(t *testing.T) {
	r := start(t)
	want := rows()
	wildcard := regexp.MustCompile(`\{\w+\}`)
	for _, one := range r.routes() {
		name := one.method + " " + one.path
		expected, known := want[name]
		delete(want, name)
		if !known || expected != (row{one.role, one.guarded}) {
			t.Errorf("%s is for %q, guarded %v; the matrix says %+v: write down who may use it", name, one.role, one.guarded, expected)
			continue
		}
		path := strings.ReplaceAll(wildcard.ReplaceAllString(one.path, "x"), "{$}", "")
		for i, role := range []store.Role{anyone, store.Viewer, store.Developer, store.Admin} {
			cookie := ""
			if role != anyone {
				cookie = r.signedIn(strings.ToLower(one.method)+strings.Map(letters, one.path)+string(role), role)
			}
			var form url.Values
			if one.method == http.MethodPost {
				form = url.Values{}
			}
			got := r.request(one.method, path, cookie, form)
			toSignIn := got.Code == http.StatusSeeOther && strings.HasPrefix(got.Header().Get("Location"), "/console/sign-in")
			signIn := toSignIn && (role == anyone || !strings.Contains(path, "/sign-out"))
			refused := signIn || got.Code == http.StatusForbidden && strings.Contains(got.body, "This is for the role")
			if may := i >= rank(one.role); may == refused || got.Code >= http.StatusInternalServerError {
				t.Errorf("%s as %q: got %d, refused %v", name, role, got.Code, refused)
			}
		}
	}
	for name := range want {
		t.Errorf("the matrix has %s, which is no route", name)
	}
}

func rank(role store.Role) int {
	return map[store.Role]int{store.Viewer: 1, store.Developer: 2, store.Admin: 3}[role]
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return '-'
}

func TestEveryPageIsStrict(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Admin)
	inline := regexp.MustCompile(`(?i)<script(?:[^>]*[^r]|)>[^<]|<style|\sstyle=|\son\w+=|javascript:|hx-on|hx-vals="js`)
	for _, one := range r.routes() {
		if one.method != http.MethodGet || strings.Contains(one.path, "export") {
			continue
		}
		path := strings.NewReplacer("{$}", "", "{id}", "x").Replace(one.path)
		got := r.request("GET", path, cookie, nil)
		if got.Header().Get("Content-Security-Policy") != contentPolicy || got.Header().Get("Cache-Control") != "no-store" ||
			got.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got headers %v", path, got.Header())
		}
		if found := inline.FindString(got.body); found != "" {
			t.Errorf("%s has %q in it", path, found)
		}
	}
}
