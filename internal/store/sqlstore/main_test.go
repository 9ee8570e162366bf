package sqlstore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"go.uber.org/goleak"

	"github.com/grantd/grantd/internal/store/sqlstore"
)

// The test binary starts itself again as another process that uses a database;
// these variables tell it what to do there and with which database.
const (
	roleVariable = "GRANTD_SQLSTORE_TEST_ROLE"
	pathVariable = "GRANTD_SQLSTORE_TEST_PATH"
	urlVariable  = "GRANTD_SQLSTORE_TEST_URL"
)

func TestMain(m *testing.M) {
	roles := map[string]func(*sqlstore.Store) error{"hold": holdUntilEOF, "write": writeUntilKilled, "use": useUntilKilled}
	role := roles[os.Getenv(roleVariable)]
	if role == nil {
		goleak.VerifyTestMain(tests{m})
		return
	}
	err := play(role)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tests are the tests with what they have started, which must not be taken for a
// leak.
type tests struct{ *testing.M }

func (t tests) Run() int {
	code := t.M.Run()
	err := removeClusters()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// play opens the database, does what the role asks, and closes it.
func play(role func(*sqlstore.Store) error) error {
	s, err := sqlstore.Open(context.Background(), sqlstore.Config{Path: os.Getenv(pathVariable), URL: os.Getenv(urlVariable)})
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Println("open")
	return role(s)
}

func holdUntilEOF(*sqlstore.Store) error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// process is another process with a database open.
type process struct {
	*exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
}

// start returns when the other process has opened the database file.
func start(t *testing.T, role, path string) *process {
	t.Helper()
	return startWith(t, role, pathVariable+"="+path)
}

func startWith(t *testing.T, role, database string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, database)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatalf("stdin: %v", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("stdout: %v", err)
	}
	err = cmd.Start()
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	p := &process{Cmd: cmd, stdin: stdin, lines: bufio.NewScanner(stdout)}
	if !p.lines.Scan() || p.lines.Text() != "open" {
		t.Fatalf("the other process said %q (%v)", p.lines.Text(), p.lines.Err())
	}
	return p
}

// kill is kill -9. It returns when the process is gone, with what it had said by
// then.
func (p *process) kill(t *testing.T) []string {
	t.Helper()
	err := p.Process.Kill()
	if err != nil {
		t.Fatalf("kill: %v", err)
	}
	var said []string
	for p.lines.Scan() {
		said = append(said, p.lines.Text())
	}
	_ = p.Wait() // it was killed
	return said
}
