package console

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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
	id, secret := b.makeKey("billing <b>worker</b>", refreshing()...)
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
	python, err := filepath.Abs(filepath.Join("..", "..", "build", "venv", "bin", "python"))
	if err != nil {
		t.Fatal(err)
	}
	programs := [][]string{
		{"sh", "curl.sh", "curl"},
		{"sh", "json.sh", "json"},
		{"python3", "basic.py", "python"},
		{"node", "token.mjs", "node"},
		{"go", "main.go", "go"},
		{"java", "Token.java", "java"},
		{python, "sdk.py", "sdk"},
	}
	for _, program := range programs {
		b.runHere(t, dir, program[0], program[1], program[2])
	}
	return strconv.Itoa(len(programs))
}

// runHere runs one of the programs on the page in a folder. What it prints is a token or
// the answer with one.
func (b *browser) runHere(t *testing.T, dir, program, file, id string) {
	t.Helper()
	err := os.WriteFile(filepath.Join(dir, file), []byte(b.text("#snippet-"+id)), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{file}
	if program == "go" {
		args = []string{"run", file}
	}
	command := exec.CommandContext(b.ctx, program, args...)
	command.Dir = dir
	out, err := command.Output()
	if err != nil {
		failed := &exec.ExitError{}
		_ = errors.As(err, &failed)
		t.Fatalf("%s %s: %v\n%s", program, file, err, failed.Stderr)
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
		t.Errorf("%s %s: got no token", program, file)
	}
}
