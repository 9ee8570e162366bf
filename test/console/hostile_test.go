package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/grantd/grantd/test/blackbox"
)

// payloads are 200 texts that would do something in a page that does not escape them.
func payloads() []string {
	marks := []string{"", `"`, "'", `">`, "'>", "</td>", "</title>", "</textarea>", "</script>", "-->", "\\", "`", "{{", "]]>", `\"`, "&#34;>", "%22>", "</b>", "</option>", "</select>"}
	bodies := []string{
		`<script>__xss=1</script>`, `<img src=x onerror=__xss=1>`, `<svg onload=__xss=1>`, `x onfocus=__xss=1 autofocus x="`, `javascript:__xss=1`,
		`<iframe srcdoc="<script>parent.__xss=1</script>">`, `<form action=https://evil.example><button autofocus>`, `<a href="javascript:__xss=1">x</a>`,
		`<div hx-get="/console/keys" hx-trigger="load" hx-on::load="__xss=1">`, `<meta http-equiv=refresh content="0;url=https://evil.example">`,
	}
	var all []string
	for _, mark := range marks {
		for _, body := range bodies {
			all = append(all, mark+body)
		}
	}
	return all
}

// TestStoredTextIsText puts them into every field that takes text, and opens every page
// that shows them.
func TestStoredTextIsText(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.makeAPI()
	all := payloads()
	if len(all) != 200 {
		t.Fatalf("there are %d payloads", len(all))
	}
	b.visit("/console/keys")
	for _, text := range all {
		b.send(t, text, `fetch("/console/keys/new", {method: "POST", body: new URLSearchParams({name: %[1]q, owner: %[1]q, mode: "live", scope: "/accounts.read"})}).then(r => r.status)`)
	}
	links := get(b, chromedp.Evaluate[[]string](`(async () => {
		const found = []; let url = "/console/keys";
		while (url) {
			const page = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");
			found.push(url, ...[...page.querySelectorAll("tbody a")].map(a => a.getAttribute("href")));
			url = page.querySelector("a.button[href*=after]")?.getAttribute("href");
		}
		return found;
	})()`, chromedp.EvalAwaitPromise))
	if len(links) < len(all) {
		t.Fatalf("got %d pages, want one for each key and the lists", len(links))
	}
	links = append(links, "/console/", "/console/audit")
	for _, path := range links {
		b.visit(path)
		b.inert(t, path)
	}
	for _, text := range all {
		for _, path := range []string{
			"/console/keys?search=%s", "/console/keys?owner=%s", "/console/explain?key=%s&scope=%[1]s&from=%[1]s&address=%[1]s",
			"/console/audit?actor=%s&event=%[1]s&kind=client&id=%[1]s&from=%[1]s", "/console/apis/%s",
		} {
			b.reflect(t, text, path)
		}
	}
}

// send sends a text as a form does.
func (b *browser) send(t *testing.T, text, script string) {
	t.Helper()
	status := get(b, chromedp.Evaluate[int](fmt.Sprintf(script, text), chromedp.EvalAwaitPromise))
	if status != http.StatusOK {
		t.Errorf("%q: got %d", text, status)
	}
}

// reflect puts the answer to a text in the URL into the page, as a browser parses it, and
// looks at what became of it. Its scripts do not run there; that none is there is what
// matters.
func (b *browser) reflect(t *testing.T, text, path string) {
	t.Helper()
	found := get(b, chromedp.Evaluate[string](fmt.Sprintf(`(async () => {
		const text = encodeURIComponent(%q);
		const html = await (await fetch(%q.replaceAll("%%s", text).replaceAll("%%[1]s", text))).text();
		return (%s)(new DOMParser().parseFromString(html, "text/html"));
	})()`, text, path, foreign), chromedp.EvalAwaitPromise))
	if found != "" {
		t.Errorf("%q in %s became %s", text, path, found)
	}
}

// foreign finds what no template of ours has.
const foreign = `page => [...page.querySelectorAll("main script, main img, main iframe, main meta, main svg[onload], [onerror], [onload], [onfocus], [hx-on\\:\\:load], [hx-trigger=load], a[href^='javascript:'], form[action^='https:']")].map(e => e.outerHTML).join(" ")`

// inert looks at a page that is open, with its scripts.
func (b *browser) inert(t *testing.T, path string) {
	t.Helper()
	found := get(b, chromedp.Evaluate[string](`(typeof __xss === "undefined" ? "" : "it ran ") + (`+foreign+`)(document) + (location.pathname.startsWith("/console/") ? "" : location)`))
	if found != "" {
		t.Errorf("%s: %s", path, found)
	}
}

// TestAnotherSiteCanDoNothing posts a form from another origin with the cookie there.
func TestAnotherSiteCanDoNothing(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.makeAPI()
	id, _ := b.makeKey("kept")
	b.run(chromedp.Navigate(strings.Replace(b.server.URL, "127.0.0.1", "localhost", 1) + "/healthz"))
	b.run(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
		`document.body.innerHTML = '<form method=post action=%q><button id=go>go</button></form>'; 0`, b.base+"/console/keys/"+id+"/disable")))
	b.press("#go")
	if got := get(b, chromedp.Text(chromedp.CSS("body"))); !strings.Contains(got, "cross-origin") {
		t.Errorf("got %q", got)
	}
	b.visit("/console/keys/" + id)
	b.sees("enabled")
}

// TestThePublicListenerHasNoConsole asks for it where everybody is.
func TestThePublicListenerHasNoConsole(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{Env: []string{"GRANTD_ADMIN_LISTEN=127.0.0.1:0"}})
	for _, path := range []string{"/console/", "/console", "/console/sign-in", "/console/assets/", "/"} {
		r, err := s.Client(t).Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, r.StatusCode)
		}
	}
}
