package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// The binary is built once for all tests of the package.
func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

// newMatrix is a run over a folder of its own.
func newMatrix(t *testing.T, dir string) *matrix {
	t.Helper()
	return &matrix{
		root: blackbox.Root(t), dir: dir, only: regexp.MustCompile(""), jobs: 2, limit: 20 * time.Second, patience: 5 * time.Second,
		setUp: func(context.Context, string, io.Writer) error { return nil }, out: io.Discard,
	}
}

// fakeRow declares the features given and lacks all others.
func fakeRow(t *testing.T, name string, features map[string]string, all []string) map[string]any {
	t.Helper()
	declared := map[string]string{}
	for _, feature := range all {
		declared[feature] = "lacks: nobody asks"
	}
	for feature, state := range features {
		declared[feature] = state
	}
	return map[string]any{
		"name": name, "package": "fake", "language": "shell", "features": declared,
		"run": []string{"bash", "{root}/test/interop/testdata/fake.sh", name},
	}
}

func writeRow(t *testing.T, dir, file string, row map[string]any) {
	t.Helper()
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	err = writeFile(filepath.Join(dir, "fake", row["name"].(string), file), string(text))
	if err != nil {
		t.Fatal(err)
	}
}

// find returns the result of a cell.
func find(t *testing.T, rep *report, row, feature string) result {
	t.Helper()
	for _, r := range rep.results {
		if r.row.slug == row && r.feature == feature {
			return r
		}
	}
	t.Fatalf("there is no result for %s, %s", row, feature)
	return result{}
}

// expectRed wants a cell red for this reason, or not red when it is empty.
func expectRed(t *testing.T, r result, want string) {
	t.Helper()
	red := r.red()
	if want == "" && red == nil {
		return
	}
	if red == nil || want == "" || !strings.Contains(red.Error(), want) {
		t.Errorf("got red for %v, want %q\n%s", red, want, r.evidence)
	}
}

func TestJudgeOfClientsNotices(t *testing.T) {
	tests := []struct {
		client, feature, state string
		want                   string
	}{
		{"honest", "basic", "works", ""},
		{"honest", "basic_special", "works", ""},
		{"honest", "default_scope", "works", ""},
		{"honest", "scope_echo", "works", ""},
		{"honest", "bad_secret", "works", ""},
		{"honest", "bad_scope", "works", ""},
		{"honest", "json", "fails: it sends a form", ""},
		{"honest", "post", "works", "had an Authorization header"},
		{"honest-after-all", "basic", "fails: so they say", "it works now"},
		{"invents", "basic", "works", "no token that grantd gave out"},
		{"invents", "revoke", "works", "no token that grantd gave out"},
		{"invents", "renew", "works", "no token that grantd gave out"},
		{"silent", "basic", "works", "the last line is not the JSON object wanted"},
		{"silent", "post", "fails: it says nothing", "the program gave no answer"},
		{"needs-refresh-tokens", "basic", "works", ""},
		{"posts", "post", "works", ""},
		{"posts", "basic", "works", "no Authorization: Basic"},
		{"posts", "json", "works", `a body of type "application/x-www-form-urlencoded"`},
		{"asks-for-less", "default_scope", "works", ""},
		{"asks-for-less", "basic", "works", `it asked for scope "", want "/accounts.read"`},
		{"reports-another-scope", "scope_echo", "works", `reports scope "/accounts.delete"`},
		{"reports-another-scope", "basic", "works", `reports scope "/accounts.delete"`},
		{"reports-another-lifetime", "basic", "works", "reports expires_in 60"},
		{"reports-a-part", "basic", "works", "no token that grantd gave out"},
		{"secret-in-url", "basic", "works", "the secret into a URL"},
		{"hides-the-error", "bad_secret", "works", "does not hold invalid_client"},
		{"hides-the-error", "bad_scope", "works", "does not hold invalid_scope"},
		{"invents-the-error", "bad_secret", "works", "no request was answered with 401"},
		{"keeps-the-old", "renew", "works", "the second token is no new one"},
		{"renews-too-early", "renew", "works", "the second token is no new one"},
		{"asks-again", "refresh", "works", `grant_type "client_credentials"`},
		{"forgets-to-revoke", "revoke", "works", "no revocation of the token"},
		{"revokes-another", "revoke", "works", "no revocation of the token"},
		{"believes", "introspect", "works", "no introspection of the token"},
		{"knows-the-endpoint", "discovery_8414", "works", "the first description of the server"},
		{"knows-the-endpoint", "discovery_oidc", "works", "the first description of the server"},
	}
	dir := t.TempDir()
	rows := map[string]map[string]string{}
	for _, test := range tests {
		if rows[test.client] == nil {
			rows[test.client] = map[string]string{}
		}
		rows[test.client][test.feature] = test.state
	}
	for name, features := range rows {
		row := fakeRow(t, name, features, clientFeatureNames())
		row["refresh_tokens"] = name == "needs-refresh-tokens"
		if name == "honest-after-all" {
			row["run"] = []string{"bash", "{root}/test/interop/testdata/fake.sh", "honest"}
		}
		writeRow(t, dir, "client.json", row)
	}
	m := newMatrix(t, dir)
	m.update = true
	rep, err := m.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range rep.faults {
		t.Error(fault)
	}
	for _, test := range tests {
		t.Run(test.client+" "+test.feature, func(t *testing.T) {
			expectRed(t, find(t, rep, test.client, test.feature), test.want)
		})
	}
	t.Run("the last line counts", func(t *testing.T) {
		var out bytes.Buffer
		ok := rep.print(&out)
		want := fmt.Sprintf("%d passed, %d failed", len(tests)-rep.failed(), rep.failed())
		if ok || lastLine(out.String()) != want {
			t.Errorf("got %t and %q, want false and %q", ok, lastLine(out.String()), want)
		}
	})
}

func TestWhatHangsIsKilledWithItsChildren(t *testing.T) {
	dir := t.TempDir()
	writeRow(t, dir, "client.json", fakeRow(t, "hangs", map[string]string{"basic": "works"}, clientFeatureNames()))
	pidFile := filepath.Join(dir, "pid")
	t.Setenv("FAKE_PID_FILE", pidFile)
	m := newMatrix(t, dir)
	m.limit = 2 * time.Second
	rep, err := m.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	expectRed(t, find(t, rep, "hangs", "basic"), "it did not end within 2s")
	expectDead(t, pidFile)
}

func expectDead(t *testing.T, pidFile string) {
	t.Helper()
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	_, err = fmt.Sscan(string(text), &pid)
	if err != nil {
		t.Fatal(err)
	}
	blackbox.Poll(t, "the end of the child", func() bool { return syscall.Kill(pid, 0) != nil || zombie(pid) })
}

// zombie reports whether a process is dead and waits for its parent, which in a
// container may never ask.
func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(text), ") Z ")
}
