package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

const usage = `usage:
  interop run [-only REGEX] [-update] [-jobs N]

interop run -h lists the flags.
`

// errRed says that the run went to its end and something was not as declared.
var errRed = errors.New("not everything is as declared")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case errors.Is(err, errRed):
		os.Exit(1)
	case err != nil:
		fmt.Fprintf(os.Stderr, "interop: error: %v\n", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "run" {
		fmt.Fprint(os.Stderr, usage)
		return flag.ErrHelp
	}
	m, err := parseFlags(args[1:])
	if err != nil {
		return err
	}
	m.out = out
	binary, err := blackbox.Binary()
	if err != nil {
		return err
	}
	defer os.RemoveAll(filepath.Dir(binary))
	r, err := m.run(ctx)
	if err != nil {
		return err
	}
	if !r.print(out) {
		return errRed
	}
	return nil
}

func parseFlags(args []string) (*matrix, error) {
	flags := flag.NewFlagSet("interop run", flag.ContinueOnError)
	only := flags.String("only", "", "run only what matches in ECOSYSTEM/ROW/FEATURE, such as '^go/.*/basic'")
	update := flags.Bool("update", false, "write golden/ and docs/interop.md instead of comparing them")
	jobs := flags.Int("jobs", 2, "how many programs run at a time")
	err := flags.Parse(args)
	if err != nil {
		return nil, err
	}
	if flags.NArg() > 0 || *jobs < 1 {
		return nil, fmt.Errorf("unexpected arguments %q or less than one job", flags.Args())
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return nil, fmt.Errorf("read -only: %w", err)
	}
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	return &matrix{
		root: root, dir: filepath.Join(root, "test", "interop"), only: pattern, whole: *only == "",
		update: *update, jobs: *jobs, limit: time.Minute, patience: 35 * time.Second, setUp: runSetup,
	}, nil
}

func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}
