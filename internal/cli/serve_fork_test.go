package cli

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/test/postgres"
)

// succeeds runs a command on the node with the data directory.
func succeeds(t *testing.T, data string, command ...string) string {
	t.Helper()
	got := run("", nil, append(command, "--data", data)...)
	if got.code != 0 {
		t.Fatalf("%s: %+v", strings.Join(command, " "), got)
	}
	return got.stdout
}

func (p *process) active(t *testing.T, key admin.CreatedKey, token string) bool {
	t.Helper()
	status, body := p.post(t, "/oauth2/introspect", key, url.Values{"token": {token}})
	if status != http.StatusOK {
		return true
	}
	return !strings.Contains(body, `"active":false`)
}

// eventually waits until what is said comes true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func (p *process) forks(t *testing.T) string {
	t.Helper()
	_, body := fetch(t, "http://"+p.fact("admin listener")+"/metrics")
	_, after, _ := strings.Cut(body, "\ngrantd_feed_forks_total ")
	value, _, _ := strings.Cut(after, "\n")
	return value
}

// refreshed uses a refresh token.
func (p *process) refreshed(t *testing.T, key admin.CreatedKey, form url.Values) (int, string) {
	t.Helper()
	status, body := p.post(t, "/oauth2/token", key, form)
	var token struct {
		RefreshToken string `json:"refresh_token"`
	}
	_ = json.Unmarshal([]byte(body), &token) // a refusal has none
	return status, token.RefreshToken
}

// newNodeDir makes a data directory with the keys of another node, and nothing else.
func newNodeDir(t *testing.T, other string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "node")
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		err = os.CopyFS(filepath.Join(dir, "keys"), os.DirFS(filepath.Join(other, "keys")))
	}
	if err == nil {
		err = filepath.WalkDir(filepath.Join(dir, "keys"), private)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// A database that is restored, or that fails over to a server without the last commits,
// takes back what was acknowledged. The node that was told so gives it back, and others
// hear of it; also one that never knew.
func TestWhatADatabaseLosesIsGivenBack(t *testing.T) {
	c := newCluster(t)
	database := c.URL(postgres.Superuser, "postgres")
	first := filepath.Join(t.TempDir(), "first")
	a := startNode(t, first, database)
	key := newKey(t, first)
	var other, refreshing admin.CreatedKey
	for one, args := range map[*admin.CreatedKey][]string{
		&other: nil, &refreshing: {"--grant-type", "client_credentials", "--grant-type", "refresh_token"},
	} {
		made := succeeds(t, first, append([]string{"key", "create", "--name", "another", "--scope", "/a.read", "--json"}, args...)...)
		err := json.Unmarshal([]byte(made), one)
		if err != nil {
			t.Fatal(err)
		}
	}
	revoked, bystander, ended := a.accessToken(t, key), a.accessToken(t, key), a.accessToken(t, other)
	_, refresh := a.refreshed(t, refreshing, url.Values{"grant_type": {"client_credentials"}})
	err := c.Keep()
	if err != nil {
		t.Fatal(err)
	}

	a.awaitRevocation(t, key, revoked)
	succeeds(t, first, "revoke", "key", other.ClientID)
	next := ""
	eventually(t, "the refresh token is used", func() bool {
		_, next = a.refreshed(t, refreshing, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
		return next != ""
	})
	_, last := a.refreshed(t, refreshing, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {next}})
	err = c.PutBack()
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the node notices", func() bool { return a.forks(t) == "1" })
	b := startNode(t, newNodeDir(t, first), database)
	eventually(t, "the other node refuses the revoked token", func() bool { return !b.active(t, key, revoked) })
	eventually(t, "the other node refuses the tokens of the key", func() bool { return !b.active(t, other, ended) })
	if !b.active(t, key, bystander) {
		t.Error("the other node refuses a token that nobody revoked")
	}
	eventually(t, "the last refresh token goes on", func() bool {
		status, _ := b.refreshed(t, refreshing, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {last}})
		return status == http.StatusOK
	})
	status, _ := b.refreshed(t, refreshing, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	if status != http.StatusBadRequest {
		t.Errorf("a refresh token that was used before the database was put back: status %d, want 400", status)
	}
	if b.forks(t) != "0" {
		t.Errorf("the new node counts %s forks", b.forks(t))
	}
	for _, p := range []*process{a, b} {
		p.terminate(t)
	}
	for _, words := range []string{"was put back to an earlier state", "the store has again what it had lost"} {
		if !strings.Contains(a.stderr.String(), words) {
			t.Errorf("the log does not say %q:\n%s", words, a.stderr.String())
		}
	}
}
