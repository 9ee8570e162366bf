package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
)

// madeKey makes a key of an owner and returns its id.
func (c adminCaller) madeKey(t *testing.T, owner string) string {
	t.Helper()
	made := c.call(t, "POST", "/admin/v1/keys", `{"name":"a","owner":"`+owner+`","scopes":["/accounts.read"]}`)
	id, _ := made.fields["client_id"].(string)
	if id == "" {
		t.Fatalf("make a key: %d %s", made.status, made.body)
	}
	return id
}

func event(id string) string { return `{"kind":"client","id":"` + id + `"}` }

func TestListenersAreToldOfKeysThatTheirOwnerLoses(t *testing.T) {
	i := start(t, nil)
	all := append(admin.Scopes(), "/accounts.read")
	c, owned := i.administrator(t, "", all...), i.administrator(t, "acme", all...)
	deleted, given, foreign := c.madeKey(t, "acme"), c.madeKey(t, "acme"), c.madeKey(t, "other")
	asked, leaveAsked := c.listen(t, "?owner=acme", "")
	defer leaveAsked()
	of, leave := owned.listen(t, "", "")
	defer leave()
	asked(": still here")
	of(": still here")
	if got := c.call(t, "DELETE", "/admin/v1/keys/"+foreign, ""); got.status != http.StatusNoContent {
		t.Fatalf("delete: %d %s", got.status, got.body)
	}
	if got := c.call(t, "DELETE", "/admin/v1/keys/"+deleted, ""); got.status != http.StatusNoContent {
		t.Fatalf("delete: %d %s", got.status, got.body)
	}
	etag := c.call(t, "GET", "/admin/v1/keys/"+given, "").header.Get("ETag")
	if got := c.call(t, "PATCH", "/admin/v1/keys/"+given, `{"owner":"other"}`, "If-Match", etag); got.status != http.StatusOK {
		t.Fatalf("give away: %d %s", got.status, got.body)
	}
	c.call(t, "DELETE", "/admin/v1/keys/"+given, "")
	last := c.madeKey(t, "acme")
	for _, want := range []string{deleted, given, last} {
		for who, next := range map[string]func(string) string{"a key with the owner": of, "one that asks for the owner": asked} {
			if got := next("data: "); got != event(want) {
				t.Fatalf("%s was told of %s, want %s", who, got, event(want))
			}
		}
	}
	i.end()
}

func TestListenersGoOnWhereTheyWere(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", append(admin.Scopes(), "/accounts.read")...)
	next, leave := c.listen(t, "", "")
	next(": still here")
	first := c.madeKey(t, "acme")
	id := next("id: ")
	if got := next("data: "); got != event(first) {
		t.Errorf("told of %s, want %s", got, event(first))
	}
	leave()
	// What happens while nobody listens, among it more than one reading of the feed.
	lines := strings.Builder{}
	for n := range 450 {
		lines.WriteString(`{"name":"n","client_id":"missed-` + string(rune('a'+n%26)) + strings.Repeat("x", n/26) +
			`","client_secret":"0123456789abcdef","scopes":["/accounts.read"]}` + "\n")
	}
	got := c.call(t, "POST", "/admin/v1/import-keys", lines.String(), "Content-Type", "application/x-ndjson")
	if !strings.Contains(got.body, `"created":450`) {
		t.Fatalf("import: %d %s", got.status, got.body)
	}
	c.call(t, "DELETE", "/admin/v1/keys/"+first, "")
	again, leaveAgain := c.listen(t, "", id)
	defer leaveAgain()
	seen := map[string]bool{}
	for range 450 {
		seen[again("data: ")] = true
	}
	if len(seen) != 450 || seen[event(first)] {
		t.Errorf("told of %d keys, want those 450 that were missed", len(seen))
	}
	if got := again("data: "); got != event(first) {
		t.Errorf("told of %s at last, want %s", got, event(first))
	}
	i.end()
}

func TestAListenerThatWasToldNothingGoesOnWhereItWas(t *testing.T) {
	i := start(t, nil)
	c, owned := i.administrator(t, "", append(admin.Scopes(), "/accounts.read")...), i.administrator(t, "acme", admin.ScopeEventsRead)
	next, leave := owned.listen(t, "", "")
	id := next("id: ")
	leave()
	want := c.madeKey(t, "acme")
	c.madeKey(t, "other")
	again, leaveAgain := owned.listen(t, "", id)
	defer leaveAgain()
	if got := again("data: "); got != event(want) {
		t.Errorf("told of %s, want %s", got, event(want))
	}
	i.end()
}

func TestListenersAreBounded(t *testing.T) {
	i := start(t, nil)
	c, other := i.administrator(t, "", admin.ScopeEventsRead), i.administrator(t, "", admin.ScopeEventsRead)
	leave := make([]func(), 8)
	for n := range leave {
		next, gone := c.listen(t, "", "")
		next(": still here")
		leave[n] = gone
	}
	got := c.call(t, "GET", "/admin/v1/events", "")
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("one too many: got %d %s", got.status, got.body)
	}
	next, gone := other.listen(t, "", "")
	next(": still here")
	gone()
	for _, gone := range leave {
		gone()
	}
	i.end()
}
