package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
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

// TestStoredTextIsText puts them into every field of a key that takes text, and opens
// every page that shows them.
func TestStoredTextIsText(t *testing.T) {
	b := open(t)
	w := b.watch()
	b.bootstrap()
	b.makeAPI()
	all := payloads()
	if len(all) != 200 {
		t.Fatalf("there are %d payloads", len(all))
	}
	b.visit("/console/keys")
	for _, text := range all {
		b.send(t, text, `fetch("/console/keys/new", {method: "POST", body: new URLSearchParams({name: %[1]q, owner: %[1]q, mode: "live", scope: "/accounts.read", claims: JSON.stringify({x: %[1]q})})}).then(async r => {
			const at = /console\/keys\/([\w-]{16})"/.exec(await r.text());
			return r.ok ? (await fetch("/console/keys/" + at[1] + "/rotate", {method: "POST", body: new URLSearchParams({name: %[1]q})})).status : r.status;
		})`)
	}
	links := b.listed("/console/keys")
	if len(links) < len(all) {
		t.Fatalf("got %d pages, want one for each key and the lists", len(links))
	}
	for _, path := range append(links, append(b.listed("/console/audit"), "/console/", "/console/account")...) {
		b.visit(path)
		w.inert(t, path)
	}
}

// TestImportedTextIsText puts them where forms take none: into client ids, scopes and
// audiences, and into lines of an import that are refused.
func TestImportedTextIsText(t *testing.T) {
	b := open(t)
	w := b.watch()
	b.bootstrap()
	b.makeAPI()
	var scopes, imported, refused []string
	for i, text := range payloads() {
		api := b.status(t, text, `fetch("/console/apis/new", {method: "POST", body: new URLSearchParams({audience: "https://a.example/" + %[2]d, mode: "test", token_format: "jwt", scopes: "/own" + %[2]d + "\n" + %[1]q, routes: "GET /own" + %[2]d + " " + %[1]q})}).then(r => r.status)`, i)
		if api == http.StatusOK {
			scopes = append(scopes, text)
		}
		b.status(t, text, `fetch("/console/apis/new", {method: "POST", body: new URLSearchParams({audience: %[1]q, mode: "test", token_format: "jwt", scopes: "/named" + %[2]d})}).then(r => r.status)`, i)
		imported = append(imported, fmt.Sprintf(`{"client_id":%[1]q,"name":"n","scopes":["/accounts.read"],"client_secret":"a-secret-that-is-long"}`, text))
		for _, member := range []string{"origins", "networks", "scopes"} {
			refused = append(refused, fmt.Sprintf(`{"client_id":"x","name":"n","scopes":["/accounts.read"],"client_secret":"a-secret-that-is-long",%q:[%q]}`, member, text))
		}
		refused = append(refused, fmt.Sprintf(`{%q:1}`, text))
	}
	patterns := 0
	for i, text := range payloads()[:20] {
		made := blackbox.Run(t, "", "api", "create", "--data", b.server.Options.Data, "--mode", "test",
			"--audience", fmt.Sprintf("https://p.example/%d", i), "--scope", fmt.Sprintf("/p%d/{x}", i), "--parameter", "x=pattern:a|"+text)
		if made.Code == 0 {
			patterns++
		}
	}
	if patterns < 3 {
		t.Errorf("got %d patterns, too few to see anything", patterns)
	}
	if len(scopes) < 30 {
		t.Errorf("got %d scopes, too few to see anything", len(scopes))
	}
	b.paste(imported)
	b.sees("Done: 200 made, 0 there already, 0 refused.")
	w.inert(t, "an import")
	for half := range 2 {
		b.paste(refused[half*len(refused)/2 : (half+1)*len(refused)/2])
		b.sees("Done: 0 made, 0 there already, 400 refused.")
		w.inert(t, "refused lines")
	}
	keys := b.listed("/console/keys")
	if len(keys) < len(imported) {
		t.Fatalf("got %d pages, want one for each key and the lists", len(keys))
	}
	for _, path := range append(keys, append(b.listed("/console/apis"), "/console/keys/new", "/console/")...) {
		b.visit(path)
		w.inert(t, path)
		if strings.HasPrefix(path, "/console/keys/") && path != "/console/keys/new" {
			b.sees("Client id")
		}
	}
}

// TestReflectedTextIsText sends them to every page that shows again what it was sent.
func TestReflectedTextIsText(t *testing.T) {
	b := open(t)
	w := b.watch()
	b.bootstrap()
	b.makeAPI()
	id, _ := b.makeKey("kept")
	for _, text := range payloads() {
		b.status(t, text, `fetch("/console/operators", {method: "POST", body: new URLSearchParams({name: %[1]q, role: "viewer"})}).then(r => r.status)`, 0)
		for _, path := range []string{
			"/console/keys?search=%s", "/console/keys?owner=%s", "/console/explain?key=%s&scope=%[1]s&from=%[1]s&address=%[1]s",
			"/console/audit?actor=%s&event=%[1]s&kind=client&id=%[1]s&from=%[1]s", "/console/apis/%s", "/console/keys/%s", "/console/keys/%s/edit",
		} {
			b.reflect(t, text, path)
		}
	}
	const all = "name owner mode scope more origins networks auth_methods jwks assertion_audience valid_from valid_until requests_per_second burst " +
		"tokens_per_hour tokens_per_day access_token_lifetime claims version value./accounts/{accountID}/wallets.read.accountID audience scopes typed token " +
		"token_format alg typ parameters routes refresh_token_lifetime refresh_token_idle_lifetime client_id"
	ofAPI := "/console/apis/" + url.PathEscape(api)
	forms := []string{
		"/console/keys/new", "/console/keys/" + id + "/edit", "/console/keys/" + id + "/delete", "/console/apis/new", "/console/inspect",
		ofAPI, ofAPI + "/resource-servers", ofAPI + "/delete",
	}
	for i, text := range payloads() {
		path := forms[i%len(forms)]
		b.submit(path, strings.Fields(all), text)
		w.inert(t, path)
	}
	b.visit("/console/operators")
	w.inert(t, "operators")
}

// listed returns the pages of a list and all that it leads to.
func (b *browser) listed(path string) []string {
	b.Helper()
	return get(b, chromedp.Evaluate[[]string](fmt.Sprintf(`(async () => {
		const found = []; let url = %q;
		while (url) {
			const page = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");
			found.push(url, ...[...page.querySelectorAll("tbody a")].map(a => a.getAttribute("href")));
			url = page.querySelector("a.button[href*=after]")?.getAttribute("href");
		}
		return found;
	})()`, path), chromedp.EvalAwaitPromise))
}

// paste imports lines on the page for it.
func (b *browser) paste(lines []string) {
	b.Helper()
	b.visit("/console/keys/import")
	b.run(chromedp.SetValue(chromedp.CSS("[name=lines]"), strings.Join(lines, "\n")))
	b.press("form.card .primary")
}

// submit sends a form with a text in each of the fields, or one in all of them, and leaves
// the browser where that leads to.
func (b *browser) submit(path string, fields []string, texts ...string) {
	b.Helper()
	names, _ := json.Marshal(fields)
	values, _ := json.Marshal(texts)
	b.run(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
		const form = document.createElement("form");
		form.method = "post"; form.action = %q;
		const values = %s;
		for (const [i, name] of %s.entries()) {
			const field = document.createElement("textarea");
			field.name = name; field.value = values[i %% values.length]; form.append(field);
		}
		const button = document.createElement("button");
		button.id = "submit-it"; form.append(button); document.querySelector("main").prepend(form);
	})()`, path, values, names)))
	b.press("#submit-it")
}

// send sends a text as a form does.
func (b *browser) send(t *testing.T, text, script string) {
	t.Helper()
	if status := b.status(t, text, script+"/* %[2]d */", 0); status != http.StatusOK {
		t.Errorf("%q: got %d", text, status)
	}
}

// status runs a script about a text and returns the status of the answer, which is no
// error of ours.
func (b *browser) status(t *testing.T, text, script string, i int) int {
	t.Helper()
	status := get(b, chromedp.Evaluate[int](fmt.Sprintf(script, text, i), chromedp.EvalAwaitPromise))
	if status >= http.StatusInternalServerError {
		t.Errorf("%q: got %d", text, status)
	}
	return status
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
