package blackbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// Result is what a command left behind.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Run runs grantd with the arguments given.
func Run(tb testing.TB, stdin string, args ...string) Result {
	tb.Helper()
	binary, err := Binary()
	if err != nil {
		tb.Fatal(err)
	}
	return Exec(tb, stdin, binary, args...)
}

// Exec runs any program; a code that is not 0 is for the test to judge.
func Exec(tb testing.TB, stdin, program string, args ...string) Result {
	tb.Helper()
	cmd := exec.Command(program, args...)
	cmd.SysProcAttr = dieWithParent()
	cmd.Env = environment()
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	exit, isExit := errors.AsType[*exec.ExitError](err)
	if err != nil && !isExit {
		tb.Fatalf("run %s: %v", program, err)
	}
	r := Result{Stdout: stdout.String(), Stderr: stderr.String()}
	if isExit {
		r.Code = exit.ExitCode()
	}
	return r
}

// Key is an API key: RFC 6749's client.
type Key struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// CreateAPI creates an API through the CLI; flags are those after --data.
func (s *Server) CreateAPI(tb testing.TB, flags ...string) {
	tb.Helper()
	s.cli(tb, append([]string{"api", "create", "--data", s.Options.Data, "--json"}, flags...))
}

// CreateKey creates a key through the CLI; flags are those after --data.
func (s *Server) CreateKey(tb testing.TB, flags ...string) Key {
	tb.Helper()
	out := s.cli(tb, append([]string{"key", "create", "--data", s.Options.Data, "--json"}, flags...))
	var k Key
	err := json.Unmarshal([]byte(out), &k)
	if err != nil || k.ID == "" {
		tb.Fatalf("got %q, want JSON with client_id (%v)", out, err)
	}
	s.HideKey(k)
	return k
}

// AddResourceServer lets a key introspect the tokens of an API, through the CLI.
func (s *Server) AddResourceServer(tb testing.TB, audience string, k Key) {
	tb.Helper()
	s.cli(tb, []string{"api", "resource-server", "add", "--data", s.Options.Data, audience, k.ID})
}

// DisableKey disables a key through the CLI.
func (s *Server) DisableKey(tb testing.TB, k Key) {
	tb.Helper()
	s.cli(tb, []string{"key", "disable", "--data", s.Options.Data, k.ID})
}

func (s *Server) cli(tb testing.TB, args []string) string {
	tb.Helper()
	r := Run(tb, "", args...)
	if r.Code != 0 {
		tb.Fatalf("grantd %s: got exit code %d, want 0\n%s%s", strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}
