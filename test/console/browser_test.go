package console

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/grantd/grantd/test/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

const api = "https://api.example.com"

// browser is a Chromium with a server whose console it looks at.
type browser struct {
	*testing.T
	server *blackbox.Server
	// ctx is the tab.
	ctx  context.Context
	base string
}

// open starts a server and a browser that has an authenticator.
func open(t *testing.T) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("chromium is missing: test/setup.sh installs it")
	}
	if err != nil {
		t.Skip("chromium is missing: test/setup.sh installs it")
	}
	b := &browser{T: t, server: blackbox.Start(t, blackbox.Options{Env: []string{"GRANTD_ADMIN_LISTEN=127.0.0.1:0"}})}
	b.base = strings.TrimSuffix(b.fact(`console\s+(\S+)`), "/console/")
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1280, 900), chromedp.Flag("disable-dev-shm-usage", true))...)
	t.Cleanup(cancel)
	b.ctx, cancel = chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	b.ctx, cancel = context.WithTimeout(b.ctx, 8*blackbox.Patience)
	t.Cleanup(cancel)
	err = chromedp.Do(b.ctx)
	if err == nil {
		_, err = chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{})
	}
	if err == nil {
		_, err = chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fact returns what the banner says.
func (b *browser) fact(pattern string) string {
	b.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(b.server.Output())
	if found == nil {
		b.Fatalf("got no %s in:\n%s", pattern, b.server.Output())
	}
	return found[1]
}

type action = chromedp.Action[chromedp.Void]

func (b *browser) run(actions ...action) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, blackbox.Patience)
	defer cancel()
	b.check(chromedp.Do(ctx, actions...))
}

func (b *browser) check(err error) {
	b.Helper()
	if err == nil {
		return
	}
	where, _ := chromedp.Run(b.ctx, chromedp.Location())
	body, _ := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS("body")))
	b.Fatalf("%v, at %s:\n%s", err, where, body)
}

// get runs an action that answers something.
func get[T any](b *browser, a chromedp.Action[T]) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, blackbox.Patience)
	defer cancel()
	got, err := chromedp.Run(ctx, a)
	b.check(err)
	return got
}

// visit opens a page of the console.
func (b *browser) visit(path string) {
	b.Helper()
	b.run(chromedp.Navigate(b.base + path))
}

func fill(selector, text string) action {
	return chromedp.SendKeys(chromedp.CSS(selector), text)
}

func click(selector string) action { return chromedp.Click(chromedp.CSS(selector)) }

// press clicks what a selector finds and waits for the page after it.
func (b *browser) press(selector string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, blackbox.Patience)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, click(selector))
	b.check(err)
}

func (b *browser) text(selector string) string {
	b.Helper()
	return strings.TrimSpace(get(b, chromedp.TextContent(chromedp.CSS(selector))))
}

// sees fails the test unless the page says so.
func (b *browser) sees(want string) {
	b.Helper()
	got := b.text("main")
	if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
		b.Fatalf("got a page without %q:\n%s", want, got)
	}
}

// withoutScripts has pages run none from now on.
func (b *browser) withoutScripts() {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.check(err)
}

// until waits for something to become true in the page.
func (b *browser) until(condition string) {
	b.Helper()
	blackbox.Poll(b.T, condition, func() bool { return get(b, chromedp.Evaluate[bool](condition)) })
}

// says fails the test unless the page has the value for a term.
func (b *browser) says(term, want string) {
	b.Helper()
	got := get(b, chromedp.Evaluate[string](fmt.Sprintf(`[...document.querySelectorAll("dt")].filter(e => e.textContent === %q).map(e => e.nextElementSibling.innerText).join("|")`, term)))
	if strings.Join(strings.Fields(got), " ") != want {
		b.Errorf("%s: got %q, want %q", term, got, want)
	}
}

// fromPage returns what the page has of a pattern.
func (b *browser) fromPage(pattern string) string {
	b.Helper()
	found := regexp.MustCompile(pattern).FindString(b.text("main"))
	if found == "" {
		b.Fatalf("the page has no %s", pattern)
	}
	return found
}

func (b *browser) source() string {
	b.Helper()
	return get(b, chromedp.OuterHTML(chromedp.CSS("html")))
}

// bootstrap makes the first operator with a passkey.
func (b *browser) bootstrap() {
	b.Helper()
	b.run(chromedp.Navigate(b.fact(`(http\S+welcome\S+)`)), fill("[data-passkey-name]", "ada"))
	b.press("[data-create]")
	b.sees("Dashboard")
}

// makeKey makes a key on the pages, and leaves the browser where the secret is.
func (b *browser) makeKey(name string, more ...action) (id, secret string) {
	b.Helper()
	b.visit("/console/keys/new")
	b.run(append([]action{fill("[name=name]", name), click("[name=scope]")}, more...)...)
	b.press("form.card > button")
	id, secret = b.text(".pairs code"), b.text("#secret")
	b.server.Hide(secret)
	return id, secret
}

// refreshing has the form of a new key ask for refresh tokens, too.
func refreshing() []action {
	return []action{click("summary:has(~ label [name=grant_types])"), click("[name=grant_types]")}
}

// makeAPI makes the API on the pages.
func (b *browser) makeAPI() {
	b.Helper()
	b.visit("/console/apis/new")
	b.run(fill("[name=audience]", api),
		fill("[name=scopes]", "/accounts.read\n/accounts/{accountID}/wallets.read"))
	b.press("form.card > button")
	b.sees("The API is there.")
}

// built is a path below the build directory of the module.
func built(parts ...string) string {
	return filepath.Join(append([]string{"..", "..", "build", "console"}, parts...)...)
}
