package console

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/grantd/grantd/test/blackbox"
)

// TestEveryPageIsAccessible looks at every page in light and dark, and leaves pictures.
func TestEveryPageIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(built("node_modules", "axe-core", "axe.min.js"))
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("axe-core is missing: test/setup.sh installs it")
	}
	if err != nil {
		t.Fatal(err)
	}
	err = os.MkdirAll(built("pictures"), 0o755)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t)
	look := &look{b, string(axe)}
	b.run(chromedp.Navigate(b.fact(`(http\S+welcome\S+)`)))
	look.at("welcome")
	b.bootstrap()
	look.page("dashboard-empty", "/console/")
	look.page("keys-empty", "/console/keys")
	look.page("apis-empty", "/console/apis")
	b.makeAPI()
	id, _ := b.makeKey("billing worker", refreshing()...)
	look.at("secret")
	b.runSnippets(t)
	b.visit("/console/operators")
	b.run(fill("[name=name]", "grace@example.com"))
	b.press("form.row .primary")
	look.keyForms(id)
	for name, path := range map[string]string{
		"dashboard": "/console/", "keys": "/console/keys", "key": "/console/keys/" + id, "key-30d": "/console/keys/" + id + "?span=30d",
		"newkey": "/console/keys/new", "apis": "/console/apis", "newapi": "/console/apis/new", "explain-empty": "/console/explain",
		"explain": "/console/explain?key=" + id, "refused": "/console/explain?key=" + id + "&scope=/none", "inspect": "/console/inspect",
		"import":       "/console/keys/import",
		"signing-keys": "/console/signing-keys", "audit": "/console/audit", "nodes": "/console/nodes", "operators": "/console/operators",
		"secrets": "/console/secrets", "account": "/console/account", "password": "/console/account/password",
		"explain-request": "/console/explain?key=" + id + "&method=GET&path=/accounts", "nothing": "/console/nothing", "nobody": "/console/keys?search=zzz",
	} {
		look.page(name, path)
	}
	b.visit("/console/account")
	b.press("form[action$=sign-out-everywhere] button")
	look.at("signin")
}

// keyForms looks at the forms of a key with what can be wrong about them.
func (l *look) keyForms(id string) {
	l.Helper()
	l.page("edit", "/console/keys/"+id+"/edit")
	l.visit("/console/keys/" + id + "/edit")
	l.run(fill("[name=owner]", "mine"))
	faster := blackbox.Run(l.T, "", "key", "update", id, "--data", l.server.Options.Data, "--owner", "theirs", "--network", "192.0.2.0/24", "--rate", "50")
	if faster.Code != 0 {
		l.Fatal(faster.Stderr)
	}
	l.press("form.card > button.primary")
	l.at("conflict")
	l.visit("/console/keys/new")
	l.run(fill("[name=name]", "wrong"), click("[name=scope][value*=wallets]"), fill("[name=more]", "/unknown"))
	l.press("form.card > button.primary")
	l.at("newkey-wrong")
	l.paste([]string{`{"client_id":"moved-1","name":"moved","scopes":["/accounts.read"],"client_secret":"of-another-server"}`, `{"client_id":"moved-2"}`, `{`})
	l.at("imported")
	l.visit("/console/apis")
	l.press("tbody a")
	l.at("api")
	l.run(fill("[name=client_id]", id))
	l.press("form[action$=resource-servers] button")
	l.at("api-served")
	l.run(fill("[name=routes]", "GET"))
	l.press("form.card > button.primary")
	l.at("api-wrong")
	const public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----"
	l.submit("/console/keys/new", []string{"scope", "name", "mode", "auth_methods", "jwks"}, "/accounts.read", "signer", "live", "private_key_jwt", public)
	l.at("signer")
}

type look struct {
	*browser
	axe string
}

func (l *look) page(name, path string) {
	l.Helper()
	l.visit(path)
	l.at(name)
}

// at looks at the page that is open.
func (l *look) at(name string) {
	l.Helper()
	for _, theme := range []string{"light", "dark"} {
		l.media(theme)
		l.run(chromedp.Evaluate[chromedp.Void](l.axe))
		found := get(l.browser, chromedp.Evaluate[string](
			`axe.run().then(r => (r.passes.length > 9 ? [] : ["few rules were looked at"]).concat(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join(" | "))).join("\n"))`,
			chromedp.EvalAwaitPromise))
		if found != "" {
			l.Errorf("%s, %s:\n%s", name, theme, found)
		}
		l.picture(name + "-" + theme)
	}
	l.run(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
	if get(l.browser, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`)) {
		l.Errorf("%s is wider than a phone", name)
	}
	l.picture(name + "-phone")
	l.run(chromedp.EmulateViewport(1280, 900))
	l.media("light")
}

func (l *look) media(theme string) {
	l.Helper()
	_, err := chromedp.Call(l.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
	})
	l.check(err)
}

func (l *look) picture(name string) {
	l.Helper()
	png := get(l.browser, chromedp.FullScreenshot(100))
	err := os.WriteFile(built("pictures", name+".png"), png, 0o600)
	if err != nil {
		l.Fatal(err)
	}
}

// TestTheFirstViewIsSmall counts what the browser loads at first.
func TestTheFirstViewIsSmall(t *testing.T) {
	b := open(t)
	b.visit("/console/sign-in")
	sizes := get(b, chromedp.Evaluate[[]int](`performance.getEntries().filter(e => e.transferSize).map(e => e.transferSize)`))
	total := 0
	for _, n := range sizes {
		total += n
	}
	t.Log(strings.TrimSpace(fmt.Sprintln("bytes on first view:", total, sizes)))
	if total > 100<<10 || len(sizes) < 4 {
		t.Errorf("got %d bytes in %d files, want at most 100 KiB in at least 4", total, len(sizes))
	}
}
