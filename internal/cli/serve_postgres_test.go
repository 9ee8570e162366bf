package cli

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

func newCluster(t *testing.T) *postgres.Cluster {
	t.Helper()
	c, err := postgres.New(postgres.Options{})
	postgres.Missing(t, err)
	t.Cleanup(func() {
		err := c.Remove()
		if err != nil {
			t.Error(err)
		}
	})
	return c
}

// withPassword is a URL with a password that the cluster does not ask for.
func withPassword(t *testing.T, text string) string {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), "hunter2")
	return u.String()
}

// startNode runs grantd serve as a node of one service.
func startNode(t *testing.T, data, database string) *process {
	t.Helper()
	return startServe(t, []string{"GRANTD_DATABASE_URL=" + database}, append(anyPort, "--issuer", "https://auth.example", "--data", data)...)
}

func TestNodesOnPostgres(t *testing.T) {
	c := newCluster(t)
	database := withPassword(t, c.URL(postgres.Superuser, "postgres"))
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	a := startNode(t, first, database)
	if got, want := a.fact("database"), strings.TrimPrefix(c.URL("", ""), "postgres://@"); !strings.HasPrefix(want, strings.TrimSuffix(got, "postgres")) {
		t.Errorf("the banner names the database %q, want one of %q", got, want)
	}
	if !strings.Contains(a.fact("master key"), "every other node") {
		t.Errorf("the banner says of the new master key: %q", a.fact("master key"))
	}
	busy := run("", nil, append([]string{"serve", "--issuer", "https://auth.example", "--data", first, "--database-url", database}, anyPort...)...)
	if busy.code != 1 || !strings.Contains(busy.stderr, "is using the data directory "+first) {
		t.Errorf("a second server on the same data directory: %+v", busy)
	}
	checkForm(t, busy.stderr)
	strange := run("", nil, append([]string{"serve", "--issuer", "https://auth.example", "--data", second, "--database-url", database}, anyPort...)...)
	if strange.code != 1 || !strings.Contains(strange.stderr, "master key") {
		t.Errorf("a node without the master key of the others: %+v", strange)
	}
	checkForm(t, strange.stderr)

	err := os.CopyFS(filepath.Join(second, "keys"), os.DirFS(filepath.Join(first, "keys")))
	if err == nil {
		err = filepath.WalkDir(filepath.Join(second, "keys"), private)
	}
	if err != nil {
		t.Fatal(err)
	}
	b := startNode(t, second, database)
	if strings.Contains(b.fact("master key"), "created") {
		t.Errorf("the second node made a master key of its own: %q", b.fact("master key"))
	}
	made := run("", nil, "api", "create", "--data", first, "--audience", "https://a.example", "--scope", "/a.read")
	if made.code != 0 {
		t.Fatalf("api create: %+v", made)
	}
	made = run("", nil, "key", "create", "--data", first, "--name", "mine", "--scope", "/a.read", "--json")
	var key admin.CreatedKey
	err = json.Unmarshal([]byte(made.stdout), &key)
	if err != nil {
		t.Fatalf("key create: %+v", made)
	}
	awaitToken(t, "http://"+b.fact("public listener"), key)
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	awaitNodes(t, db, 2)
	for _, p := range []*process{a, b} {
		p.terminate(t)
		if strings.Contains(p.stderr.String()+strings.Join(p.banner, "\n"), "hunter2") {
			t.Error("the password of the database is in the banner or in the log")
		}
	}
	awaitNodes(t, db, 0)
	_, err = os.Stat(filepath.Join(first, databaseName))
	if err == nil {
		t.Error("there is an SQLite database beside that in PostgreSQL")
	}
}

// awaitNodes waits until so many nodes have told how they are.
func awaitNodes(t *testing.T, db *sqlstore.Store, want int) {
	t.Helper()
	got := -1
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		nodes, err := db.Nodes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = len(nodes)
		if got == want {
			return
		}
	}
	t.Errorf("%d nodes have told how they are, want %d", got, want)
}

// private takes the rights of others away, which CopyFS gives.
func private(path string, entry fs.DirEntry, err error) error {
	if err != nil || entry.IsDir() {
		return err
	}
	return os.Chmod(path, 0o600)
}

// awaitToken gets a token from a node that has to hear of the key first.
func awaitToken(t *testing.T, node string, key admin.CreatedKey) {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {key.ClientID}, "client_secret": {key.ClientSecret}}
	status := 0
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		response, err := http.PostForm(node+"/oauth2/token", form)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		status = response.StatusCode
		if status == http.StatusOK {
			return
		}
	}
	t.Errorf("no token from the other node: status %d", status)
}

func TestServeWithADatabaseThatIsNoGood(t *testing.T) {
	for _, test := range []struct {
		name, stderr string
		code         int
		env          []string
		args         []string
	}{
		{"nobody listens", "grantd: error: open database 127.0.0.1:1/grantd: ", 1, nil, []string{"--issuer", "https://a.example", "--database-url", "postgres://u:hunter2@127.0.0.1:1/grantd"}},
		{"no URL", "grantd: error: flag --database-url: ", 2, nil, []string{"--issuer", "https://a.example", "--database-url", "db:5432"}},
		{"an empty URL", "is a variable not set", 2, nil, []string{"--issuer", "https://a.example", "--database-url", ""}},
		{"a URL that pgx cannot read", "sslmode", 1, nil, []string{"--issuer", "https://a.example", "--database-url", "postgres://u:hunter2@db/x?sslmode=no"}},
		{"development on the database of the environment", "--dev takes one from the command line only", 1, []string{"GRANTD_DATABASE_URL=postgres://u:hunter2@127.0.0.1:1/x"}, []string{"--dev"}},
		{"development without a data directory", "the keys of the database", 1, nil, []string{"--dev", "--database-url", "postgres://u:hunter2@127.0.0.1:1/x"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := append([]string{"serve"}, anyPort...)
			if !strings.Contains(test.name, "development") {
				args = append(args, "--data", filepath.Join(t.TempDir(), "data"))
			}
			got := run("", test.env, append(args, test.args...)...)
			if got.code != test.code || got.stdout != "" || !strings.Contains(got.stderr, test.stderr) || strings.Contains(got.stderr, "hunter2") {
				t.Errorf("got %+v, want code %d with %q", got, test.code, test.stderr)
			}
			checkForm(t, got.stderr)
		})
	}
	checked := run("", []string{"GRANTD_DATABASE_URL=postgres://u:hunter2@db/x?sslmode=no"}, "config", "check", "--issuer", "https://a.example")
	if checked.code != 1 || !strings.Contains(checked.stderr, "sslmode") || strings.Contains(checked.stderr, "hunter2") {
		t.Errorf("config check: %+v", checked)
	}
}
