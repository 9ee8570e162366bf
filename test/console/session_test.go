package console

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/grantd/grantd/test/blackbox"
)

// TestASessionIsOfOneSignIn plants a session before the sign-in, and brings one back
// after the end.
func TestASessionIsOfOneSignIn(t *testing.T) {
	b := open(t)
	b.setCookie("planted-by-somebody-else")
	b.bootstrap()
	session := b.cookie()
	if session == "" || session == "planted-by-somebody-else" {
		t.Fatalf("got session %q after the sign-in", session)
	}
	b.server.Hide(session)
	b.setCookie("planted-by-somebody-else")
	b.visit("/console/keys")
	b.sees("Sign in")
	b.setCookie(session)
	b.visit("/console/keys")
	b.sees("There is no key yet.")
	b.press("form[action$=sign-out] button")
	b.sees("Sign in")
	b.setCookie(session)
	b.visit("/console/keys")
	b.sees("Sign in")
}

// TestARoleIsTakenWhileSignedIn is an admin who becomes a viewer with a form open.
func TestARoleIsTakenWhileSignedIn(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.makeAPI()
	b.visit("/console/operators")
	b.run(fill("[name=name]", "grace"), chromedp.SetValue(chromedp.CSS("form:has([name=name]) [name=role]"), "admin"))
	b.press("form.row .primary")
	link := b.fromPage(`http\S+welcome\S+`)
	b.visit("/console/account")
	b.press("form[action$=sign-out-everywhere] button")
	b.run(chromedp.Navigate(link))
	b.press("[data-create]")
	b.visit("/console/keys/new")
	b.run(fill("[name=name]", "late"), click("[name=scope]"))
	before := b.cookie()
	taken := blackbox.Run(t, "", "operator", "role", "grace", "viewer", "--data", b.server.Options.Data)
	if taken.Code != 0 {
		t.Fatal(taken.Stderr)
	}
	b.press("form.card > button.primary")
	b.sees("This is for the role developer; you are viewer.")
	if after := b.cookie(); after == before || after == "" {
		t.Errorf("got session %q, want another one than before", after)
	}
	b.visit("/console/keys")
	b.sees("There is no key yet.")
}

const sessionCookie = "grantd_console"

func (b *browser) cookie() string {
	b.Helper()
	all, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{b.base + "/console/"}})
	b.check(err)
	for _, one := range all.Cookies {
		if one.Name == sessionCookie {
			return one.Value
		}
	}
	return ""
}

func (b *browser) setCookie(value string) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: sessionCookie, Value: value, URL: b.base + "/console/"})
	b.check(err)
}
