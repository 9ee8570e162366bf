package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// process is grantd serve in a process of its own.
type process struct {
	*exec.Cmd
	banner []string
	issuer string
	lines  *bufio.Scanner
	stderr strings.Builder
}

// startServe runs grantd serve and waits until it is ready.
func startServe(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), "grantd", append([]string{"serve"}, args...)...)}
	p.Env = append(os.Environ(), env...)
	p.Stderr = &p.stderr
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	err = p.Start()
	if err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewScanner(stdout)
	for p.issuer == "" && p.lines.Scan() {
		p.banner = append(p.banner, p.lines.Text())
		p.issuer, _ = strings.CutPrefix(p.lines.Text(), "ready ")
		if p.issuer == p.lines.Text() {
			p.issuer = ""
		}
	}
	if p.issuer == "" {
		t.Fatalf("never ready: %v\n%s", p.Wait(), p.stderr.String())
	}
	return p
}

// terminate asks the server to end and checks that it does so without fault.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	err := p.Process.Signal(syscall.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	if p.lines.Scan() {
		t.Errorf("the line after ready: %q", p.lines.Text())
	}
	err = p.Wait()
	if err != nil {
		t.Errorf("exit: %v\n%s", err, p.stderr.String())
	}
}

// fact returns what the banner says about the name.
func (p *process) fact(name string) string {
	for _, line := range p.banner {
		value, ok := strings.CutPrefix(line, "  "+name+"  ")
		if ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// demo returns the credentials of the demo key.
func (p *process) demo() string {
	for _, line := range p.banner {
		_, after, found := strings.Cut(line, "curl -u ")
		if found {
			credentials, _, _ := strings.Cut(after, " ")
			return credentials
		}
	}
	return ""
}

var anyPort = []string{"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}

func TestServeDev(t *testing.T) {
	tmp := t.TempDir()
	p := startServe(t, []string{"TMPDIR=" + tmp}, append(anyPort, "--dev")...)
	data, removed := strings.CutSuffix(p.fact("data directory"), " (removed at exit)")
	if !removed || !strings.HasPrefix(data, tmp) {
		t.Errorf("data directory %q, want one below %s that is removed", data, tmp)
	}
	banner := strings.Join(p.banner, "\n")
	for _, want := range []string{
		p.issuer + "/.well-known/oauth-authorization-server",
		"curl -u ", "-d grant_type=client_credentials", "curl -H 'Content-Type: application/json' -d '{",
		"key create --data " + data, p.fact("master key"), p.fact("pepper"),
	} {
		if want == "" || !strings.Contains(banner, want) {
			t.Errorf("the banner lacks %q:\n%s", want, banner)
		}
	}

	made := run("", nil, "key", "create", "--data", data, "--name", "mine", "--scope", "/ping.read", "--json")
	var key admin.CreatedKey
	err := json.Unmarshal([]byte(made.stdout), &key)
	if err != nil || made.code != 0 {
		t.Fatalf("key create: %+v, %v", made, err)
	}
	token := run(key.ClientSecret, nil, "token", "--issuer", p.issuer, "--client-id", key.ClientID, "--client-secret-file", "-")
	if token.code != 0 {
		t.Fatalf("token: %+v", token)
	}
	seen := run(token.stdout, nil, "inspect", "-")
	if seen.code != 0 || !strings.Contains(seen.stdout, "client_id  "+key.ClientID) {
		t.Errorf("inspect: %+v", seen)
	}
	checkStatements(t, p)

	p.terminate(t)
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if strings.Contains(p.stderr.String(), key.ClientSecret) || strings.Contains(p.stderr.String(), strings.TrimSpace(token.stdout)) {
		t.Error("a secret or a token is in the log")
	}
}

// checkStatements checks that the metrics count statements of the store.
func checkStatements(t *testing.T, p *process) {
	t.Helper()
	response, err := http.Get("http://" + p.fact("admin listener") + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	counted := false
	scanner := bufio.NewScanner(response.Body)
	for scanner.Scan() {
		counted = counted || strings.HasPrefix(scanner.Text(), "grantd_store_statements_total{statement=")
	}
	if !counted {
		t.Error("no statement is counted in the metrics")
	}
}

func TestServeKeepsItsData(t *testing.T) {
	data := filepath.Join(t.TempDir(), strings.Repeat("long", 30), "data")
	args := append(anyPort, "--dev", "--data", data)
	p := startServe(t, nil, args...)
	for _, name := range []string{".", databaseName, "admin.sock", "keys/master.key", "keys/pepper.key"} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v; want a mode for its owner alone", name, info, err)
		}
	}
	made := run("", nil, "api", "create", "--data", data, "--audience", "https://a.example", "--scope", "files.read files.write")
	if made.code != 0 || !strings.Contains(made.stdout, "grantd key create --data "+data+" --name my-backend --scope files.read") {
		t.Errorf("api create: %+v", made)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	err := os.WriteFile(secret, []byte("a secret of another server\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"GRANTD_DATA_DIR=" + data}
	imported := run("", env, "key", "create", "--name", "old", "--api", "https://a.example", "--scope", "files.read",
		"--client-id", "old client", "--client-secret-file", secret)
	if imported != (result{stdout: "imported key old client\n"}) {
		t.Errorf("import: %+v", imported)
	}
	first := p.demo()

	busy := run("", nil, "serve", "--dev", "--data", data, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
	if busy.code != 1 || !strings.Contains(busy.stderr, "is using the database") {
		t.Errorf("a second server on the same data: %+v", busy)
	}
	checkForm(t, busy.stderr)
	p.terminate(t)

	gone := run("", env, "key", "list")
	if gone.code != 1 || !strings.HasPrefix(gone.stderr, "grantd: error: no grantd is running on "+data+"\ngrantd: hint: start one on it with grantd serve") {
		t.Errorf("key list without a server: %+v", gone)
	}

	p = startServe(t, nil, args...)
	shown := run("", env, "key", "show", "old client")
	if shown.code != 0 || !strings.Contains(shown.stdout, "files.read") {
		t.Errorf("after a restart: %+v", shown)
	}
	if p.demo() != first {
		t.Errorf("the demo key changed from %s to %s", first, p.demo())
	}
	token := run("", []string{"GRANTD_CLIENT_SECRET=a secret of another server"}, "token", "--issuer", p.issuer, "--client-id", "old client")
	if token.code != 0 {
		t.Errorf("token with the imported pair: %+v", token)
	}
	p.terminate(t)
	_, err = os.Stat(filepath.Join(data, "admin.sock"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestManageKeys(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := startServe(t, nil, append(anyPort, "--dev", "--data", data)...)
	env := []string{"GRANTD_DATA_DIR=" + data}
	steps := []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{args: "api create --audience https://a.example --scope a --token-format opaque --json", stdout: `"token_format": "opaque"`},
		{args: "api create --audience https://a.example --scope b", code: 1, stderr: "error: there is an API https://a.example already"},
		{args: "api create --audience https://b.example --scope a", code: 1, stderr: "error: scope a belongs to https://a.example already"},
		{args: "api list", stdout: "https://a.example        live  opaque  ES256  1h "},
		{args: "api list --json", stdout: `"audience": "https://a.example"`},
		{args: "api show https://a.example", stdout: "refresh token lifetime    30d\n"},
		{args: "api show https://b.example", code: 1, stderr: `error: there is no API "https://b.example"`},
		{args: "key create --name k --scope b", code: 1, stderr: "error: scope b is in the catalogue of no API"},
		{args: "key create --name k --scope a --client-id k1 --client-secret-file /nowhere", code: 1, stderr: "error: there is no file /nowhere"},
		{args: "key create --name k --scope a --client-id k1 --client-secret-file - --grant-type client_credentials --grant-type refresh_token", stdout: "imported key k1"},
		{args: "key create --name k --scope a --client-id k1 --client-secret-file -", code: 1, stderr: `error: there is a key "k1" already`},
		{args: "key list", stdout: "k1"},
		{args: "key list --json", stdout: `"client_id": "k1"`},
		{args: "key disable k1", stdout: "disabled key k1 (k)"},
		{args: "key show k1", stdout: "disabled"},
		{args: "key enable k1", stdout: "enabled key k1 (k)"},
		{args: "key show k1 --json", stdout: `"disabled": false`},
		{args: "key delete k1", stdout: "deleted key k1"},
		{args: "key delete k1", code: 1, stderr: `error: there is no key "k1"`},
	}
	for _, step := range steps {
		got := run("0123456789abcdef\n", env, strings.Fields(step.args)...)
		if got.code != step.code || !strings.Contains(got.stdout, step.stdout) || !strings.Contains(got.stderr, step.stderr) {
			t.Errorf("grantd %s: %+v, want %+v", step.args, got, step)
		}
		if strings.Contains(got.stdout, "0123456789abcdef") {
			t.Errorf("grantd %s prints the imported secret", step.args)
		}
		checkForm(t, got.stderr)
	}
	created := run("", env, "key", "create", "--name", "new", "--scope", "a")
	if created.code != 0 || strings.Count(created.stdout, "client_secret") != 1 || !strings.Contains(created.stdout, "shown only now") {
		t.Errorf("key create: %+v", created)
	}
	p.terminate(t)
}

func TestServeRefusesToStart(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	err := os.WriteFile(file, nil, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	for _, tt := range []struct {
		name   string
		args   []string
		stderr string
	}{
		{name: "without an issuer", args: []string{"--data", filepath.Join(dir, "a")}, stderr: "error: issuer is not set"},
		{name: "with a file for a directory", args: []string{"--dev", "--data", file}, stderr: "is not a directory"},
		{
			name: "on an address in use", args: []string{"--dev", "--listen", taken.Addr().String(), "--admin-listen", "127.0.0.1:0"},
			stderr: "is in use\ngrantd: hint: stop the other program, or choose another address with --listen",
		},
		{
			name: "with a certificate that is missing", stderr: "grantd: error: ",
			args: append(anyPort, "--dev", "--tls-cert", filepath.Join(dir, "none.crt"), "--tls-key", filepath.Join(dir, "none.key")),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := run("", nil, append([]string{"serve"}, tt.args...)...)
			if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, tt.stderr) {
				t.Errorf("got %+v, want code 1 with %q", got, tt.stderr)
			}
			checkForm(t, got.stderr)
		})
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	p := startServe(t, []string{"TMPDIR=" + t.TempDir()}, append(anyPort, "--dev")...)
	// A request whose body does not come keeps the drain waiting.
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.issuer, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = conn.Write([]byte("POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("got %q, %v; want the server to wait for the body", line, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	deadline := time.After(10 * time.Second)
	for {
		_ = p.Process.Signal(os.Interrupt)
		select {
		case err := <-ended:
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || !exit.Sys().(syscall.WaitStatus).Signaled() {
				t.Errorf("ended with %v, want the end by a signal", err)
			}
			return
		case <-deadline:
			t.Fatal("still running after many signals")
		case <-time.After(50 * time.Millisecond):
		}
	}
}
