package console

import (
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/grantd/grantd/test/blackbox"
)

// TestAnAPIIsLookedAfter edits an API while somebody else does, and deletes it.
func TestAnAPIIsLookedAfter(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.makeAPI()
	id, _ := b.makeKey("billing")
	cli := func(args ...string) {
		t.Helper()
		done := blackbox.Run(t, "", append(args, "--data", b.server.Options.Data)...)
		if done.Code != 0 {
			t.Fatal(done.Stderr)
		}
	}
	path := "/console/apis/" + url.PathEscape(api)
	b.visit(path)
	b.run(fill("[name=routes]", "GET /accounts /accounts.read"), chromedp.SetValue(chromedp.CSS("[name=access_token_lifetime]"), "15m"))
	cli("api", "update", api, "--access-token-lifetime", "5m", "--alg", "EdDSA")
	b.press("form.card > button.primary")
	b.sees("Lifetime of access tokens 15m Keep mine for Lifetime of access tokens 5m Take theirs")
	b.sees("Algorithm of its signatures only they changed it ES256")
	b.press("form .primary")
	b.sees("The change is in force.")
	b.visit("/console/explain?key=" + id + "&method=GET&path=/accounts")
	b.sees("GET /accounts of https://api.example.com needs /accounts.read")

	remove := func(want string) {
		t.Helper()
		b.visit(path)
		b.run(click(".danger summary"), fill(".danger [name=typed]", api))
		b.press(".danger button")
		b.sees(want)
	}
	remove("which would mean nothing any more")
	cli("key", "delete", id)
	remove("The API is deleted, and its tokens have ended.")
	b.visit("/console/apis")
	b.sees("There is no API yet.")
}
