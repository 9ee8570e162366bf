package deploy

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/test/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

// unavailable ends a test that cannot run here.
func unavailable(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s; test/deploy/setup.sh brings what this test needs", why)
	}
	t.Skipf("not available: %s; test/deploy/setup.sh brings what this test needs", why)
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		unavailable(t, "this needs root, for namespaces and mounts")
	}
}

// tool returns the path of a program: of one that setup.sh builds, or of the system's.
func tool(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(blackbox.Root(t), "build", "deploy", name)
	_, err := os.Stat(path)
	if err == nil {
		return path
	}
	path, err = exec.LookPath(name)
	if err != nil {
		unavailable(t, name+" is not installed")
	}
	return path
}

// run runs a program that has to succeed, and returns its standard output.
func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	r := blackbox.Exec(t, "", program, args...)
	if r.Code != 0 {
		t.Fatalf("%s %s: got exit code %d, want 0\n%s%s", program, strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// deployFile returns the path of a file under deploy/.
func deployFile(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(blackbox.Root(t), "deploy", name)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func writeFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), mode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func parseYAML(t *testing.T, text string, into any) {
	t.Helper()
	err := yaml.Unmarshal([]byte(text), into)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
}

// checkPatience wants whoever stops grantd to wait longer than grantd does for its
// requests.
func checkPatience(t *testing.T, patience time.Duration) {
	t.Helper()
	var settings struct {
		DrainTimeout time.Duration `yaml:"drain_timeout"`
	}
	r := blackbox.Run(t, "", "config", "print", "--issuer", "https://auth.example.com")
	parseYAML(t, r.Stdout, &settings)
	if settings.DrainTimeout == 0 || patience <= settings.DrainTimeout {
		t.Errorf("it is stopped after %s, want more than the %s that requests may take", patience, settings.DrainTimeout)
	}
}

// operator runs grantd's CLI where the server is, in the way of that place.
type operator func(t *testing.T, args ...string) string

// createKey creates an API and a key for it.
func (cli operator) createKey(t *testing.T) blackbox.Key {
	t.Helper()
	cli(t, "api", "create", "--audience", "https://deploy.example", "--scope", "/deploy.read")
	var key blackbox.Key
	parseJSON(t, cli(t, "key", "create", "--name", "deploy", "--scope", "/deploy.read", "--json"), &key)
	return key
}

// wantToken waits until the server is ready and gets a token with curl.
func wantToken(t *testing.T, url string, key blackbox.Key) {
	t.Helper()
	awaitReady(t, url)
	answer := run(t, tool(t, "curl"), "--silent", "--show-error", "--fail-with-body", "--max-time", "20",
		"--user", key.ID+":"+key.Secret, "--data", "grant_type=client_credentials", url+"/oauth2/token")
	var token blackbox.Token
	parseJSON(t, answer, &token)
	if token.AccessToken == "" || token.Scope != "/deploy.read" {
		t.Errorf("got %s, want an access token for /deploy.read", answer)
	}
}

func awaitReady(t *testing.T, url string) {
	t.Helper()
	curl := tool(t, "curl")
	blackbox.Poll(t, url+"/readyz", func() bool {
		return exec.Command(curl, "--silent", "--fail", "--max-time", "1", url+"/readyz").Run() == nil
	})
}

func parseJSON(t *testing.T, text string, into any) {
	t.Helper()
	err := json.Unmarshal([]byte(text), into)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
}
