package console

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/grantd/grantd/test/blackbox"
)

// TestTwoEditOneKey saves a form that somebody else was faster than, and decides; no page
// runs a script.
func TestTwoEditOneKey(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.withoutScripts()
	b.makeAPI()
	id, _ := b.makeKey("billing")
	b.visit("/console/keys/" + id + "/edit")
	b.run(fill("[name=owner]", "mine"), fill("[name=requests_per_second]", "7"))
	faster := blackbox.Run(t, "", "key", "update", id, "--data", b.server.Options.Data, "--owner", "theirs", "--origin", "https://a.example")
	if faster.Code != 0 {
		t.Fatal(faster.Stderr)
	}
	b.press("form.card > button.primary")
	b.sees("Somebody else has changed it")
	b.sees("Owner mine Keep mine for Owner theirs Take theirs for Owner")
	b.sees("Web origins only they changed it nothing Keep mine for Web origins https://a.example Take theirs for Web origins")
	b.press("form .primary")
	b.sees("The key is changed.")
	b.says("Owner", "mine")
	b.says("Origins", "https://a.example")
	b.says("Limits", "7 requests a second")

	b.visit("/console/keys/" + id + "/edit")
	b.run(click("[name='value./accounts/{accountID}/wallets.read.accountID']"))
	b.run(fill("[name='value./accounts/{accountID}/wallets.read.accountID']", "a1 a2"), click("[name=scope][value*=wallets]"))
	b.press("form.card > button.primary")
	b.says("Scopes", "/accounts.read /accounts/{accountID=a1|a2}/wallets.read")
}

// TestAKeyThatSigns pastes public keys of each kind, and runs the programs that the page
// shows with the private one.
func TestAKeyThatSigns(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.makeAPI()
	tests := []struct {
		kind     []string
		only     string
		programs [][]string
	}{
		{[]string{"ed25519"}, "", [][]string{{"node", "token.mjs", "node"}, {"sh", "token.sh", "sh"}}},
		{[]string{"ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, "", [][]string{{"node", "token.mjs", "node"}}},
		{[]string{"rsa"}, "", [][]string{{"node", "token.mjs", "node"}}},
		{[]string{"rsa"}, "PS256", [][]string{{"node", "token.mjs", "node"}}},
	}
	for _, test := range tests {
		dir, public := pair(t, test.kind...)
		b.visit("/console/keys/new")
		b.run(fill("[name=name]", "signer"), click("[name=scope]"), click("summary:has(+ fieldset [name=auth_methods])"),
			click("[name=auth_methods][value=private_key_jwt]"), chromedp.SetValue(chromedp.CSS("[name=jwks]"), public))
		if test.only != "" {
			b.run(click("[name=assertion_algorithms][value=" + test.only + "]"))
		}
		b.press("form.card > button.primary")
		b.sees("It has no secret")
		for _, program := range test.programs {
			b.runHere(t, dir, program[0], program[1], program[2])
		}
	}
	b.visit("/console/keys")
	b.press("tbody a")
	b.sees("Public keyRS256 PS256 ")
}

// pair makes a private key in a folder, and returns the public one.
func pair(t *testing.T, kind ...string) (dir, public string) {
	t.Helper()
	dir = t.TempDir()
	private := filepath.Join(dir, "private.pem")
	made := blackbox.Exec(t, "", "openssl", append([]string{"genpkey", "-out", private, "-algorithm"}, kind...)...)
	if made.Code != 0 {
		t.Fatal(made.Stderr)
	}
	shown := blackbox.Exec(t, "", "openssl", "pkey", "-in", private, "-pubout")
	if shown.Code != 0 {
		t.Fatal(shown.Stderr)
	}
	return dir, shown.Stdout
}

// TestImportInTheBrowser watches an import grow without scripts, and stops it.
func TestImportInTheBrowser(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.withoutScripts()
	b.makeAPI()
	const count = 20_000
	var lines strings.Builder
	lines.WriteString("{\"client_id\":\"<b>wrong</b>\"}\n")
	for i := range count {
		fmt.Fprintf(&lines, `{"client_id":"moved-%d","name":"moved %d","scopes":["/accounts.read"],"client_secret_hash":"$2b$10$abcdefghijklmnopqrstuuJ4Yyp5b0t6uDMkTmBTFPr5OMUTHKS6i"}`+"\n", i, i)
	}
	file := filepath.Join(t.TempDir(), "keys.ndjson")
	err := os.WriteFile(file, []byte(lines.String()), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	b.visit("/console/keys/import")
	b.run(chromedp.SetUploadFiles(chromedp.CSS("[name=file]"), []string{file}), click("form.card .primary"))
	b.until(`document.querySelectorAll("#progress .step").length > 2`)
	b.until(`document.querySelector("#progress .wrong").textContent.startsWith("Line 1, <b>wrong</b>")`)
	b.until(`[...document.querySelectorAll("#progress .step")].filter(e => e.checkVisibility()).length === 1`)
	if get(b, chromedp.Evaluate[bool](`document.readyState === "complete"`)) {
		t.Fatal("the import was over before it was seen")
	}
	b.run(click(".stop button"))
	b.until(`document.querySelector("#end") !== null`)
	b.sees("It was stopped; send the file again to go on")
	b.visit("/console/keys/import")
	b.run(chromedp.SetUploadFiles(chromedp.CSS("[name=file]"), []string{file}), click("form.card .primary"))
	b.until(`document.querySelector("#end") !== null`)
	b.sees("there already, 1 refused.")
	if strings.Contains(b.source(), "$2b$") {
		t.Error("the page has a hash")
	}
	b.visit("/console/keys?search=moved-19999")
	b.sees("moved 19999")
}

// TestAStrangeIdIsAText imports an id that means something in each of the languages, and
// runs the programs for it.
func TestAStrangeIdIsAText(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.makeAPI()
	id := `it's "a" \u0022 $(false) ` + "`false`" + ` %41%s !x ${y} a:b+c&d=e?f#g/h`
	b.paste([]string{fmt.Sprintf(`{"client_id":%q,"name":"strange","scopes":["/accounts.read"],"grant_types":["client_credentials","refresh_token"],"client_secret":"of-another-server"}`, id)})
	b.sees("Done: 1 made")
	b.visit("/console/keys")
	b.press("tbody a")
	b.run(fill("form[action$=rotate] [name=name]", "second"))
	b.press("form[action$=rotate] button")
	if got := b.text(".pairs code"); got != id {
		t.Fatalf("got the id %q", got)
	}
	b.server.Hide(b.text("#secret"))
	b.runSnippets(t)
}
