package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/test/postgres"
)

// caller is a program with a key.
type caller struct {
	*testing.T
	node string
	key  admin.CreatedKey
}

// newCaller makes an API and a key that gets refresh tokens, on the server of the
// data directory.
func newCaller(t *testing.T, p *process, data string) caller {
	t.Helper()
	made := run("", nil, "api", "create", "--data", data, "--audience", "https://a.example", "--scope", "/a.read", "--token-format", "opaque")
	if made.code != 0 {
		t.Fatalf("api create: %+v", made)
	}
	made = run("", nil, "key", "create", "--data", data, "--name", "mine", "--scope", "/a.read",
		"--grant-type", "client_credentials", "--grant-type", "refresh_token", "--json")
	c := caller{T: t, node: "http://" + p.fact("public listener")}
	err := json.Unmarshal([]byte(made.stdout), &c.key)
	if err != nil {
		t.Fatalf("key create: %+v", made)
	}
	return c
}

// post calls an endpoint with the key.
func (c caller) post(path string, form url.Values) (int, map[string]any) {
	c.Helper()
	form.Set("client_id", c.key.ClientID)
	form.Set("client_secret", c.key.ClientSecret)
	response, err := http.PostForm(c.node+path, form)
	if err != nil {
		c.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		c.Fatal(err)
	}
	fields := map[string]any{}
	if len(body) > 0 {
		err = json.Unmarshal(body, &fields)
	}
	if err != nil {
		c.Fatalf("%s: %s", path, body)
	}
	return response.StatusCode, fields
}

// pair is what a token request gave.
type pair struct{ access, refresh string }

func (c caller) tokens(form url.Values) pair {
	c.Helper()
	status, fields := c.post("/oauth2/token", form)
	if status != http.StatusOK {
		c.Fatalf("got %d %v", status, fields)
	}
	return pair{fields["access_token"].(string), fields["refresh_token"].(string)}
}

func (c caller) login() pair {
	c.Helper()
	return c.tokens(url.Values{"grant_type": {"client_credentials"}})
}

func (c caller) refreshing(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
}

func (c caller) active(token string) bool {
	c.Helper()
	_, fields := c.post("/oauth2/introspect", url.Values{"token": {token}})
	return fields["active"] == true
}

// past is what was done before and after a database was copied.
type past struct {
	kept, revoked, used, next pair
}

// before is done before the copy, and after when it is made.
func (c caller) before() past {
	c.Helper()
	return past{kept: c.login(), revoked: c.login(), used: c.login()}
}

func (c caller) after(p *past) {
	c.Helper()
	for _, token := range []string{p.revoked.access, p.revoked.refresh} {
		status, fields := c.post("/oauth2/revoke", url.Values{"token": {token}})
		if status != http.StatusOK {
			c.Fatalf("revoke: %d %v", status, fields)
		}
	}
	p.next = c.tokens(c.refreshing(p.used.refresh))
}

// dead checks that no token of the past is of any use, so that none comes back to
// life and no family of refresh tokens forks.
func (c caller) dead(p past) {
	c.Helper()
	for name, pair := range map[string]pair{"kept": p.kept, "revoked": p.revoked, "used": p.used, "next": p.next} {
		if c.active(pair.access) || c.active(pair.refresh) {
			c.Errorf("%s: a token from before is active", name)
		}
		status, fields := c.post("/oauth2/token", c.refreshing(pair.refresh))
		if status != http.StatusBadRequest || fields["error"] != "invalid_grant" {
			c.Errorf("%s: the refresh token gives %d %v", name, status, fields)
		}
	}
	if !c.active(c.login().access) {
		c.Error("a token that is new is not active")
	}
}

func TestARestoredServerRefusesTheTokensFromBefore(t *testing.T) {
	data, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "backup.db")
	serve := append(anyPort, "--issuer", "https://auth.example", "--data", data)
	p := startServe(t, nil, serve...)
	c := newCaller(t, p, data)
	past := c.before()
	got := run("", nil, "backup", "--data", data, file)
	if got.code != 0 || !strings.Contains(got.stdout, "it is whole") || !strings.Contains(got.stdout, filepath.Join(data, "keys", "pepper.key")) {
		t.Fatalf("backup: %+v", got)
	}
	c.after(&past)
	refused := run("", nil, "restore", "--data", data, "--yes", file)
	if refused.code != 1 || !strings.Contains(refused.stderr, "is using the database") {
		t.Errorf("with the server running: %+v", refused)
	}
	checkForm(t, refused.stderr)
	p.terminate(t)
	unsure := run("", nil, "restore", "--data", data, file)
	if unsure.code != 2 || !strings.Contains(unsure.stderr, "nothing was done") {
		t.Errorf("without --yes: %+v", unsure)
	}
	got = run("", nil, "restore", "--data", data, "--yes", file)
	if got.code != 0 || !strings.Contains(got.stdout, "Every token that was issued until now has ended") {
		t.Fatalf("restore: %+v", got)
	}
	snapshots, err := filepath.Glob(filepath.Join(data, "*snapshot*"))
	if err != nil || len(snapshots) != 0 {
		t.Errorf("snapshots are left: %v", snapshots)
	}
	p = startServe(t, nil, serve...)
	c.node = "http://" + p.fact("public listener")
	c.dead(past)
	verified := run("", nil, "audit", "verify", "--data", data)
	if verified.code != 0 {
		t.Errorf("audit verify: %+v", verified)
	}
	p.terminate(t)

	got = run("", nil, "restore", "--data", data, "--yes", "--keep-tokens", file)
	if got.code != 0 || !strings.Contains(got.stdout, "what was revoked since the copy was made may be good again") {
		t.Fatalf("restore --keep-tokens: %+v", got)
	}
	p = startServe(t, nil, serve...)
	c.node = "http://" + p.fact("public listener")
	if !c.active(past.kept.access) || !c.active(past.revoked.access) {
		t.Error("with --keep-tokens the tokens are not kept, which it says it does")
	}
	p.terminate(t)
	got = run("", nil, "epoch", "new", "--data", data, "--yes")
	if got.code != 0 {
		t.Fatalf("epoch new: %+v", got)
	}
	p = startServe(t, nil, serve...)
	c.node = "http://" + p.fact("public listener")
	c.dead(past)
	p.terminate(t)
}

func TestANewEpochOfAPostgresThatWasPutBack(t *testing.T) {
	cluster := newCluster(t)
	database := cluster.URL(postgres.Superuser, "postgres")
	data, dump := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "grantd.dump")
	p := startNode(t, data, database)
	c := newCaller(t, p, data)
	past := c.before()
	tool(t, "pg_dump", "--format=custom", "--file", dump, database)
	c.after(&past)
	backup := run("", []string{"GRANTD_DATABASE_URL=" + database}, "backup", "--data", data, dump+".db")
	if backup.code != 1 || !strings.Contains(backup.stderr, "pg_dump") {
		t.Errorf("grantd backup: %+v", backup)
	}
	checkForm(t, backup.stderr)
	// The node goes on meanwhile, and notices that history is another one.
	tool(t, "pg_restore", "--clean", "--if-exists", "--single-transaction", "--dbname", database, dump)
	got := run("", []string{"GRANTD_DATABASE_URL=" + database}, "epoch", "new", "--data", data, "--yes")
	if got.code != 0 || !strings.Contains(got.stdout, "a new epoch of ") {
		t.Fatalf("epoch new: %+v", got)
	}
	for deadline := time.Now().Add(10 * time.Second); c.active(past.kept.access) && time.Now().Before(deadline); {
	}
	c.dead(past)
	p.terminate(t)
	if !strings.Contains(p.stderr.String(), "does not continue") {
		t.Errorf("the node did not notice the fork:\n%s", p.stderr.String())
	}
	p = startNode(t, data, database)
	c.node = "http://" + p.fact("public listener")
	c.dead(past)
	p.terminate(t)
}

// tool runs a program of PostgreSQL.
func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, output)
	}
}

func TestUsageOfSeveralNodes(t *testing.T) {
	cluster := newCluster(t)
	database := cluster.URL(postgres.Superuser, "postgres")
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	a := startNode(t, first, database)
	c := newCaller(t, a, first)
	err := os.Mkdir(second, 0o700)
	if err == nil {
		err = os.CopyFS(filepath.Join(second, "keys"), os.DirFS(filepath.Join(first, "keys")))
	}
	if err == nil {
		err = filepath.WalkDir(filepath.Join(second, "keys"), private)
	}
	if err != nil {
		t.Fatal(err)
	}
	b := startNode(t, second, database)
	other := c
	other.node = "http://" + b.fact("public listener")
	awaitToken(t, other.node, c.key)
	for range 20 {
		c.login()
		other.login()
	}
	used := func(data string) uint64 {
		t.Helper()
		got := run("", nil, "key", "usage", "--data", data, "--json", "--", c.key.ClientID)
		var shown admin.Usage
		err := json.Unmarshal([]byte(got.stdout), &shown)
		if err != nil {
			t.Fatalf("key usage: %+v", got)
		}
		return shown.Total.Tokens
	}
	// Each node writes down what it has counted before it answers.
	if used(first) < 20 || used(second) != 41 || used(first) != 41 {
		t.Errorf("the nodes say %d and %d tokens, want 41", used(first), used(second))
	}
	for range 5 {
		c.login()
		other.login()
	}
	// What the second has counted since is lost with it, and nothing else.
	err = b.Process.Kill()
	if err != nil {
		t.Fatal(err)
	}
	_ = b.Wait()
	if got := used(first); got != 46 {
		t.Errorf("after the end of the other node there are %d tokens, want 46", got)
	}
	a.terminate(t)
	a = startNode(t, first, database)
	if got := used(first); got != 46 {
		t.Errorf("after a restart there are %d tokens, want 46", got)
	}
	a.terminate(t)
}
