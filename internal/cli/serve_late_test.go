package cli

import (
	"context"
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

// newKey makes an API and a key of it on the node with this data directory.
func newKey(t *testing.T, data string) admin.CreatedKey {
	t.Helper()
	made := run("", nil, "api", "create", "--data", data, "--audience", "https://a.example", "--scope", "/a.read")
	if made.code != 0 {
		t.Fatalf("api create: %+v", made)
	}
	made = run("", nil, "key", "create", "--data", data, "--name", "mine", "--scope", "/a.read", "--json")
	var key admin.CreatedKey
	err := json.Unmarshal([]byte(made.stdout), &key)
	if err != nil {
		t.Fatalf("key create: %+v", made)
	}
	return key
}

func fetch(t *testing.T, address string) (int, string) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// staleness is what the metric says, as it is written there.
func (p *process) staleness(t *testing.T) string {
	t.Helper()
	_, body := fetch(t, "http://"+p.fact("admin listener")+"/metrics")
	_, after, _ := strings.Cut(body, "\ngrantd_mirror_staleness_seconds ")
	value, _, _ := strings.Cut(after, "\n")
	return value
}

// post sends a form as the key, and returns the status and the body.
func (p *process) post(t *testing.T, path string, key admin.CreatedKey, form url.Values) (int, string) {
	t.Helper()
	form.Set("client_id", key.ClientID)
	form.Set("client_secret", key.ClientSecret)
	response, err := http.PostForm("http://"+p.fact("public listener")+path, form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// accessToken gets a token, which must work.
func (p *process) accessToken(t *testing.T, key admin.CreatedKey) string {
	t.Helper()
	status, body := p.post(t, "/oauth2/token", key, url.Values{"grant_type": {"client_credentials"}})
	var token struct {
		AccessToken string `json:"access_token"`
	}
	err := json.Unmarshal([]byte(body), &token)
	if err != nil || status != http.StatusOK {
		t.Fatalf("token: %d %s", status, body)
	}
	return token.AccessToken
}

// awaitRevocation revokes a token as soon as the node can.
func (p *process) awaitRevocation(t *testing.T, key admin.CreatedKey, token string) {
	t.Helper()
	status, body := 0, ""
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		status, body = p.post(t, "/oauth2/revoke", key, url.Values{"token": {token}})
		if status == http.StatusOK {
			return
		}
	}
	t.Fatalf("revoke: %d %s", status, body)
}

func TestNodeStartsFromItsSnapshotWhilePostgresIsAway(t *testing.T) {
	c := newCluster(t)
	database := withPassword(t, c.URL(postgres.Superuser, "postgres"))
	data := filepath.Join(t.TempDir(), "data")
	node := startNode(t, data, database)
	key := newKey(t, data)
	token := node.accessToken(t, key)
	node.terminate(t)
	err := c.Stop()
	if err != nil {
		t.Fatal(err)
	}

	node = startNode(t, data, database)
	node.accessToken(t, key)
	eventually(t, "/readyz and the metric say that the node is stale by a second", func() bool {
		status, body := fetch(t, "http://"+node.fact("public listener")+"/readyz")
		_, stale, told := strings.Cut(body, `"staleness_seconds":`)
		metric := node.staleness(t)
		return status == http.StatusOK && told && !strings.HasPrefix(stale, "0.") && metric != "" && !strings.HasPrefix(metric, "0.")
	})
	status, body := node.post(t, "/oauth2/revoke", key, url.Values{"token": {token}})
	if status != http.StatusServiceUnavailable {
		t.Errorf("revoke: %d %s, want 503", status, body)
	}
	refused := run("", nil, "key", "disable", "--data", data, key.ClientID)
	if refused.code != 1 {
		t.Errorf("key disable without a database: %+v", refused)
	}

	err = c.Start()
	if err != nil {
		t.Fatal(err)
	}
	node.awaitRevocation(t, key, token)
	disabled := run("", nil, "key", "disable", "--data", data, key.ClientID)
	if disabled.code != 0 {
		t.Errorf("key disable: %+v", disabled)
	}
	node.terminate(t)
	log := node.stderr.String()
	for _, words := range []string{"serving from the snapshot", "the store can be read now"} {
		if !strings.Contains(log, words) {
			t.Errorf("the log does not say %q:\n%s", words, log)
		}
	}
	if strings.Contains(log, "hunter2") {
		t.Error("the password of the database is in the log")
	}
}

func TestSnapshotDoesNotHideADatabaseThatIsNoGood(t *testing.T) {
	c := newCluster(t)
	database := c.URL(postgres.Superuser, "postgres")
	data := filepath.Join(t.TempDir(), "data")
	node := startNode(t, data, database)
	newKey(t, data)
	node.terminate(t)
	const most = time.Second
	old := time.After(most)

	for _, test := range []struct {
		name, database, env, sentence, hint string
		down                                bool
	}{
		{name: "a new database", database: c.URL(postgres.Superuser, "template1"), sentence: "the database is new", hint: "mirror.snapshot"},
		{name: "no such user", database: c.URL("nobody_here", "postgres"), sentence: "nobody_here", hint: "check the user"},
		{name: "no such database", database: c.URL(postgres.Superuser, "nowhere"), sentence: "nowhere", hint: "create the database"},
		{name: "no TLS where TLS is wanted", database: strings.Replace(database, "sslmode=disable", "sslmode=verify-full", 1), sentence: "certificate", hint: ""},
		{name: "a snapshot that is too old", database: database, env: "GRANTD_MAX_STALENESS=" + most.String(), sentence: "too old", hint: "max_staleness", down: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.down {
				err := c.Stop()
				if err != nil {
					t.Fatal(err)
				}
				<-old
			}
			env := []string{"GRANTD_DATABASE_URL=" + test.database}
			if test.env != "" {
				env = append(env, test.env)
			}
			code, stderr := serveInVain(t, env, append([]string{"--issuer", "https://auth.example", "--data", data}, anyPort...)...)
			if code != 1 || !strings.Contains(stderr, test.sentence) || !strings.Contains(stderr, test.hint) {
				t.Errorf("got %d %s, want %q and the hint %q", code, stderr, test.sentence, test.hint)
			}
			_, report, _ := strings.Cut("\n"+stderr, "\ngrantd: ")
			checkForm(t, "grantd: "+report)
		})
	}
}

// serveInVain runs grantd serve, which must end by itself.
func serveInVain(t *testing.T, env []string, args ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "grantd", append([]string{"serve"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	_ = cmd.Run() // the code says how it ended
	return cmd.ProcessState.ExitCode(), stderr.String()
}
