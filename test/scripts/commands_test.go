package scripts

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/grantd/grantd/test/blackbox"
)

// server is the one server of a script.
type server struct{ process *blackbox.Process }

type serverKey struct{}

func current(ts *testscript.TestScript) *server {
	s, ok := ts.Value(serverKey{}).(*server)
	if !ok {
		ts.Fatalf("the script has no place for a server")
	}
	return s
}

func running(ts *testscript.TestScript) *blackbox.Process {
	s := current(ts)
	if s.process == nil {
		ts.Fatalf("no server is running; start one with serve")
	}
	return s.process
}

func serve(ts *testscript.TestScript, neg bool, args []string) {
	refuseNegation(ts, neg)
	s := current(ts)
	if s.process != nil && !s.process.Ended() {
		ts.Fatalf("a server is running already")
	}
	p, err := blackbox.Serve(ts.MkAbs("."), args, nil)
	ts.Check(err)
	s.process = p
	ts.Setenv("ISSUER", p.URL)
	ts.Defer(func() {
		if !p.Ended() {
			ts.Check(p.Kill())
		}
	})
}

func finish(ts *testscript.TestScript, neg bool, _ []string) {
	refuseNegation(ts, neg)
	ts.Check(running(ts).Stop())
}

// interrupt is what a person does who presses Ctrl-C.
func interrupt(ts *testscript.TestScript, neg bool, _ []string) {
	refuseNegation(ts, neg)
	p := running(ts)
	ts.Check(p.Signal(os.Interrupt))
	state, err := p.Wait()
	ts.Check(err)
	if state.ExitCode() != 0 {
		ts.Fatalf("got %v after an interrupt, want exit status 0\n%s", state, p.Log())
	}
}

func crash(ts *testscript.TestScript, neg bool, _ []string) {
	refuseNegation(ts, neg)
	ts.Check(running(ts).Kill())
}

func output(ts *testscript.TestScript, neg bool, args []string) {
	refuseNegation(ts, neg)
	if len(args) != 1 {
		ts.Fatalf("usage: output file")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(running(ts).Output()), 0o600))
}

func grab(ts *testscript.TestScript, neg bool, args []string) {
	refuseNegation(ts, neg)
	if len(args) != 3 {
		ts.Fatalf("usage: grab VAR file pattern")
	}
	pattern, err := regexp.Compile(args[2])
	ts.Check(err)
	groups := pattern.FindStringSubmatch(ts.ReadFile(args[1]))
	if len(groups) < 2 {
		ts.Fatalf("%s does not match %s:\n%s", args[1], args[2], ts.ReadFile(args[1]))
	}
	ts.Setenv(args[0], groups[1])
	// What a script calls a secret or a token must not be in any log.
	secret := strings.Contains(args[0], "SECRET") || strings.Contains(args[0], "TOKEN")
	if p := current(ts).process; secret && p != nil {
		p.Hide(groups[1])
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	refuseNegation(ts, neg)
	if len(args) < 2 {
		ts.Fatalf("usage: exits code command…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	exit, isExit := errors.AsType[*exec.ExitError](err)
	switch {
	case isExit:
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("run %s: %v", args[1], err)
	}
	if code != want {
		ts.Fatalf("%s: got exit code %d, want %d", strings.Join(args[1:], " "), code, want)
	}
}

func eventually(ts *testscript.TestScript, neg bool, args []string) {
	refuseNegation(ts, neg)
	if len(args) == 0 {
		ts.Fatalf("usage: eventually command…")
	}
	deadline := time.Now().Add(blackbox.Patience)
	for {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s: still %v after %s", strings.Join(args, " "), err, blackbox.Patience)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func refuseNegation(ts *testscript.TestScript, neg bool) {
	if neg {
		ts.Fatalf("this command knows no !")
	}
}
