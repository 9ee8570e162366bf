package server_test

import (
	"bufio"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
)

// listen opens a stream of events; next returns the next line that begins so.
func (c adminCaller) listen(t *testing.T, query, last string) (next func(prefix string) string, leave func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.AdminAddr+"/admin/v1/events"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultTransport.RoundTrip(r) //nolint:bodyclose // leave closes it
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("got %d %q", response.StatusCode, response.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(response.Body)
	next = func(prefix string) string {
		t.Helper()
		for lines.Scan() {
			text, found := strings.CutPrefix(lines.Text(), prefix)
			if found {
				return text
			}
		}
		return ""
	}
	return next, func() {
		cancel()
		_ = response.Body.Close()
	}
}

func TestEventsTellOfChanges(t *testing.T) {
	i := start(t, nil)
	all := append(admin.Scopes(), "/accounts.read")
	c, owned := i.administrator(t, "", all...), i.administrator(t, "acme", all...)
	next, leave := c.listen(t, "", "")
	defer leave()
	of, leaveOwned := owned.listen(t, "", "")
	defer leaveOwned()
	next(": still here")
	of(": still here")
	make := func(owner string) string {
		made := c.call(t, "POST", "/admin/v1/keys", `{"name":"a","owner":"`+owner+`","scopes":["/accounts.read"]}`)
		return made.fields["client_id"].(string)
	}
	first, second, third := make("other"), make("acme"), make("acme")
	id := next("id: ")
	if data := next("data: "); data != `{"kind":"client","id":"`+first+`"}` {
		t.Errorf("the first event is %s", data)
	}
	for _, want := range []string{second, third} {
		if data := of("data: "); !strings.Contains(data, want) {
			t.Errorf("the owner's event is %s, want one of %s", data, want)
		}
	}
	again, leaveAgain := c.listen(t, "", id)
	defer leaveAgain()
	if data := again("data: "); !strings.Contains(data, second) {
		t.Errorf("after %s comes %s", id, data)
	}
	for _, bad := range []string{"x", "1", "-1-00", id + "0", "9-" + strings.Repeat("0", 32)} {
		got := c.call(t, "GET", "/admin/v1/events", "", "Last-Event-ID", bad)
		if !slices.Contains([]int{http.StatusBadRequest, http.StatusGone}, got.status) {
			t.Errorf("Last-Event-ID %q: got %d", bad, got.status)
		}
	}
	if got := owned.call(t, "GET", "/admin/v1/events?owner=other", ""); got.status != http.StatusForbidden {
		t.Errorf("another owner's: got %d", got.status)
	}
	_, err := i.admin.SetKeyDisabled(t.Context(), owned.id, true)
	if err != nil {
		t.Fatal(err)
	}
	if data := of("data: "); data != "" && !strings.Contains(data, owned.id) {
		t.Errorf("a disabled key was told of %s", data)
	}
	// Streams end when the server does; the end of the test would wait otherwise.
	i.end()
	for next("data: ") != "" {
		continue
	}
}
