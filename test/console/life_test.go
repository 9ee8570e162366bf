package console

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheLifeOfAKey is what an operator does in the first hour.
func TestTheLifeOfAKey(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.run(chromedp.Navigate(b.fact(`(http\S+welcome\S+)`)))
	b.sees("This link was used")
	b.visit("/console/keys/new")
	b.sees("there is no API yet")
	b.makeAPI()
	b.visit("/console/keys")
	b.sees("There is no key yet.")
	id, secret := b.makeKey("billing <b>worker</b>")
	tokens := b.runSnippets(t)
	b.visit("/console/keys/" + id + "?span=30d")
	if html := b.source(); strings.Contains(html, secret) {
		t.Error("the secret is in a page after the one that showed it")
	}
	b.sees("tokens " + tokens)

	b.run(fill("form[action$=rotate] [name=name]", "second"))
	b.press("form[action$=rotate] button")
	next := b.text("#secret")
	b.server.Hide(next)
	if next == secret || next == "" {
		t.Fatal("the new secret is none")
	}
	b.visit("/console/keys/" + id)
	b.press("form[action$=revoke] button")
	b.sees("All tokens of the key have ended.")
	b.press("form[action$=disable] button")
	b.sees("The key is disabled")
	b.visit("/console/explain?key=" + id)
	b.sees("refused")
	b.visit("/console/audit")
	b.sees("Key disabled")
	b.press("form[action$=verify] button")
	b.sees("The chain is intact")

	b.visit("/console/keys/" + id)
	b.run(click(".danger summary"), fill(".danger [name=typed]", "another"))
	b.press(".danger button")
	b.sees("What you typed is not the client id of this key.")
	b.run(chromedp.SetValue(chromedp.CSS(".danger [name=typed]"), id))
	b.press(".danger button")
	b.sees("The key is deleted.")
}

// runSnippets runs what the page shows as it stands, and returns how many tokens that got.
func (b *browser) runSnippets(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, snippet string) string {
		path := filepath.Join(dir, name)
		err := os.WriteFile(path, []byte(b.text("#snippet-"+snippet)), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	programs := [][]string{
		{"sh", write("curl.sh", "curl")},
		{"sh", write("sdk.sh", "sdk")},
		{"python3", write("token.py", "python")},
		{"node", write("token.mjs", "node")},
		{"go", "run", write("main.go", "go")},
	}
	for _, program := range programs {
		out, err := exec.CommandContext(b.ctx, program[0], program[1:]...).Output()
		if err != nil {
			t.Fatalf("%v: %v", program, err)
		}
		answer := struct {
			AccessToken string `json:"access_token"`
		}{}
		token := strings.TrimSpace(string(out))
		if json.Unmarshal(out, &answer) == nil {
			token = answer.AccessToken
		}
		b.server.Hide(token)
		if strings.Count(token, ".") != 2 {
			t.Errorf("%v: got no token", program)
		}
	}
	return "5"
}
