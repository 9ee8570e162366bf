package hostile

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

const (
	maxBody  = 64 << 10
	maxValue = 16 << 10
	million  = 1_000_000
)

func (f fixture) testSize(t *testing.T) {
	post := func(body string) request { return request{body: body, key: f.plain} }
	dots := strings.Repeat(".", million)
	chunked := post(padded(maxBody + 1024))
	chunked.chunked = true
	f.try(t, []attempt{
		{"a body of exactly 64 KiB is read", post(padded(maxBody)), 200, ""},
		{"a body one byte over 64 KiB", post(padded(maxBody + 1)), 413, "invalid_request"},
		{"a body of 65 KiB", post(padded(maxBody + 1024)), 413, "invalid_request"},
		{"a chunked body of 65 KiB", chunked, 413, "invalid_request"},
		{"a body of 10 MB", post(grantForm + "&x=" + strings.Repeat("x", 10*million)), 413, "invalid_request"},
		{"a JSON body of 10 MB", request{kind: jsonType, body: `{"x":"` + strings.Repeat("x", 10*million) + `"}`, key: f.plain}, 413, "invalid_request"},
		{"a value of exactly 16 KiB is read", post(grantForm + "&x=" + strings.Repeat("x", maxValue)), 200, ""},
		{"a value one byte over 16 KiB", post(grantForm + "&x=" + strings.Repeat("x", maxValue+1)), 400, "invalid_request"},
		{"a name of 60 000 bytes", post(grantForm + "&" + strings.Repeat("x", 60_000) + "=1"), 400, "invalid_request"},
		{"64 parameters are read", post(grantForm + parameters(63)), 200, ""},
		{"65 parameters", post(grantForm + parameters(64)), 400, "invalid_request"},
		{"10 000 parameters", post(grantForm + parameters(10_000)), 400, "invalid_request"},
		{"6 000 members", request{kind: jsonType, body: members(6_000), key: f.plain}, 400, "invalid_request"},
		{"one million dots as a scope", post(grantForm + "&scope=" + dots), 413, "invalid_request"},
		{"one million dots as a client_id", request{body: grantForm + "&client_secret=x&client_id=" + dots}, 413, "invalid_request"},
		{"one million dots as a refresh token", request{body: "grant_type=refresh_token&refresh_token=" + dots, key: f.refresher}, 413, "invalid_request"},
		{"one million dots as a scope in JSON", request{kind: jsonType, body: `{"scope":"` + dots + `"}`, key: f.plain}, 413, "invalid_request"},
		{"60 000 dots as a scope", post(grantForm + "&scope=" + dots[:60_000]), 400, "invalid_request"},
		{"16 000 dots as a client_id in the form", request{body: grantForm + "&client_secret=x&client_id=" + dots[:16_000]}, 401, "invalid_client"},
		{"16 000 dots as a client_id in Basic", request{body: grantForm, key: blackbox.Key{ID: dots[:16_000], Secret: "x"}}, 401, "invalid_client"},
	})
	f.testHeaderSize(t, dots)
}

// testHeaderSize sends more header than the server reads; the answer comes from
// below our handlers and has a body of its own.
func (f fixture) testHeaderSize(t *testing.T, dots string) {
	cases := []attempt{
		{name: "one million dots as a client_id in Basic", request: request{body: grantForm, key: blackbox.Key{ID: dots, Secret: "x"}}},
		{name: "one million dots as a bearer token", request: request{body: grantForm, header: map[string]string{"Authorization": "Bearer " + dots}}},
		{name: "one million dots as a path", request: request{path: "/" + dots, body: grantForm}},
		{name: "one million dots as a content type", request: request{kind: dots, body: grantForm}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := f.send(t, c.request)
			if got.status != http.StatusRequestHeaderFieldsTooLarge {
				t.Errorf("got %d %.300q, want 431", got.status, got.body)
			}
		})
	}
}

// padded is a good body of exactly size bytes, filled with values of 10 000.
func padded(size int) string {
	var b strings.Builder
	b.WriteString(grantForm)
	for n := 0; b.Len() < size; n++ {
		head := fmt.Sprintf("&p%d=", n)
		fill := min(10_000, size-b.Len()-len(head))
		// What is left must have room for the next head.
		if rest := size - b.Len() - len(head) - fill; rest > 0 && rest < 10 {
			fill -= 10
		}
		b.WriteString(head)
		b.WriteString(strings.Repeat("x", fill))
	}
	return b.String()
}

// parameters are n parameters in so little room that 10 000 fit into a body.
func parameters(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "&%x=", i)
	}
	return b.String()
}

func members(n int) string {
	var b strings.Builder
	b.WriteString(`{"grant_type":"client_credentials"`)
	for i := range n {
		fmt.Fprintf(&b, `,"%x":""`, i)
	}
	return b.String() + "}"
}
