package console

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/grantd/grantd/test/blackbox"
)

// TestWhatWasShownOnceIsNowhere makes one of each thing that is shown once, and looks for
// all of them in all that can be read afterwards.
func TestWhatWasShownOnceIsNowhere(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.makeAPI()
	secrets := b.everySecret(t)
	for name, secret := range secrets {
		if len(secret) < 16 {
			t.Fatalf("got no %s: %q", name, secret)
		}
	}
	read := b.everyPage(t)
	for _, page := range []string{"/console/", "/console/keys", "/console/audit", "/console/operators", "/console/account", "/console/nodes", "/console/keys/import"} {
		if read[page] == "" {
			t.Errorf("the links do not lead to %s", page)
		}
	}
	pages := len(read)
	b.everyRead(t, secrets["a token of the Admin API"], read)
	t.Logf("%d pages, %d other reads", pages, len(read)-pages)
	read["grantd export"] = blackbox.Run(t, "", "export", "--data", b.server.Options.Data).Stdout
	read["grantd audit"] = blackbox.Run(t, "", "audit", "list", "--data", b.server.Options.Data).Stdout
	read["the log"] = b.server.Log()
	for where, text := range read {
		if len(text) == 0 {
			t.Errorf("there is nothing in %s", where)
		}
		for name, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %s", where, name)
			}
		}
	}
}

// everySecret makes them, the last of them by the command line.
func (b *browser) everySecret(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{"an imported secret": "imported-secret-of-another", "an imported hash": "$2b$10$abcdefghijklmnopqrstuuJ4Yyp5b0t6uDMkTmBTFPr5OMUTHKS6i"}
	key := blackbox.Key{}
	key.ID, key.Secret = b.makeKey("billing", refreshing()...)
	all["a secret"] = key.Secret
	tokens := b.server.Token(t, key, nil)
	all["an access token"], all["a refresh token"] = tokens.AccessToken, tokens.RefreshToken
	b.visit("/console/keys/" + key.ID)
	b.run(fill("form[action$=rotate] [name=name]", "second"))
	b.press("form[action$=rotate] button")
	all["a secret of a rotation"] = b.text("#secret")
	b.paste([]string{
		fmt.Sprintf(`{"client_id":"moved-1","name":"m","scopes":["/accounts.read"],"client_secret":%q}`, all["an imported secret"]),
		fmt.Sprintf(`{"client_id":"moved-2","name":"m","scopes":["/accounts.read"],"client_secret_hash":%q}`, all["an imported hash"]),
		fmt.Sprintf(`{"client_id":"moved-1","name":"m","scopes":["/unknown"],"client_secret":%q}`, all["an imported secret"]),
		fmt.Sprintf(`{"client_id":"moved-3","name":"m","scopes":["/accounts.read"],"client_secret":%q,"client_secret_hash":%q}`, all["an imported secret"], all["an imported hash"]),
	})
	b.sees("Done: 2 made, 0 there already, 2 refused.")
	if page := b.source(); strings.Contains(page, all["an imported secret"]) || strings.Contains(page, "$2b$") {
		t.Error("the page of the import has a secret or a hash")
	}
	b.visit("/console/inspect")
	b.run(chromedp.SetValue(chromedp.CSS("[name=token]"), tokens.AccessToken))
	b.press("main form button")
	b.visit("/console/operators")
	b.run(fill("[name=name]", "grace@example.com"))
	b.press("form.row .primary")
	_, link, _ := strings.Cut(b.text("main"), "welcome?link=")
	all["a link"] = strings.Fields(link + " none")[0]
	_, all["the secret part of a link"], _ = strings.Cut(all["a link"], ".")

	args := []string{"admin-key", "create", "--data", b.server.Options.Data, "--name", "reader", "--json", "--scope"}
	made := blackbox.Run(t, "", append(args, strings.Join(b.readScopes(t), " "))...)
	err := json.Unmarshal([]byte(made.Stdout), &key)
	if err != nil {
		t.Fatalf("%v: %+v", err, made)
	}
	all["a secret of an admin key"] = key.Secret
	all["a token of the Admin API"] = b.server.Token(t, key, url.Values{"resource": {b.server.URL + "/admin"}}).AccessToken
	b.server.Hide(slices.Collect(maps.Values(all))...)
	return all
}

// readScopes are those that reads of the Admin API need.
func (b *browser) readScopes(t *testing.T) []string {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			Security []map[string][]string `json:"security"`
		} `json:"paths"`
	}
	err := json.Unmarshal([]byte(b.ask(t, "", "/admin/v1/openapi.json")), &document)
	if err != nil {
		t.Fatal(err)
	}
	var scopes []string
	for _, methods := range document.Paths {
		for _, security := range methods["get"].Security {
			scopes = append(scopes, security["bearer"]...)
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// everyPage follows all links from the first page on, as an admin.
func (b *browser) everyPage(t *testing.T) map[string]string {
	t.Helper()
	b.visit("/console/")
	return get(b, chromedp.Evaluate[map[string]string](`(async () => {
		const read = {}, todo = ["/console/"];
		while (todo.length && Object.keys(read).length < 500) {
			const path = todo.shift();
			if (read[path]) continue;
			const answer = await fetch(path);
			read[path] = await answer.text();
			if (!answer.headers.get("Content-Type").startsWith("text/html")) continue;
			const page = new DOMParser().parseFromString(read[path], "text/html");
			for (const a of page.querySelectorAll("a[href^='/console/'],link[href^='/console/'],script[src]")) todo.push(a.getAttribute("href") || a.getAttribute("src"));
		}
		return read;
	})()`, chromedp.EvalAwaitPromise))
}

// everyRead asks the Admin API for all that its document says can be read, and for what
// happens meanwhile.
func (b *browser) everyRead(t *testing.T, token string, read map[string]string) {
	t.Helper()
	var document struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	err := json.Unmarshal([]byte(b.ask(t, token, "/admin/v1/openapi.json")), &document)
	if err != nil {
		t.Fatal(err)
	}
	ids := strings.NewReplacer("/keys/{id}", "/keys/moved-1", "/apis/{id}", "/apis/"+url.PathEscape(api), "{", "", "}", "")
	for path, methods := range document.Paths {
		if methods["get"] == nil || strings.HasSuffix(path, "/events") {
			continue
		}
		read["GET "+path] = b.ask(t, token, ids.Replace(path))
	}
	for _, path := range []string{"keys", "keys/moved-2", "audit"} {
		if !strings.Contains(read["GET /admin/v1/keys"], "moved-1") {
			t.Fatalf("got no keys: %s", read["GET /admin/v1/keys"])
		}
		read["GET "+path] = b.ask(t, token, "/admin/v1/"+path)
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	response := b.asked(ctx, t, token, "/admin/v1/events")
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	rotated := blackbox.Run(t, "", "key", "secret", "add", "moved-1", "--data", b.server.Options.Data, "--name", "third", "--json")
	if rotated.Code != 0 {
		t.Fatal(rotated.Stderr)
	}
	var secret struct {
		Secret string `json:"client_secret"`
	}
	err = json.Unmarshal([]byte(rotated.Stdout), &secret)
	if err != nil || secret.Secret == "" {
		t.Fatalf("got %v, %s", err, rotated.Stdout)
	}
	for lines.Scan() && !strings.Contains(read["events"], "moved-1") {
		read["events"] += lines.Text() + "\n"
	}
	if strings.Contains(read["events"], secret.Secret) {
		t.Error("an event has the secret it is about")
	}
}

func (b *browser) asked(ctx context.Context, t *testing.T, token, path string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func (b *browser) ask(t *testing.T, token, path string) string {
	t.Helper()
	response := b.asked(t.Context(), t, token, path)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("%s: got %d, %v: %s", path, response.StatusCode, err, body)
	}
	return string(body)
}
