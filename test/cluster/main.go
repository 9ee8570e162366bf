package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
)

const usage = `usage:
  cluster run [-long] [-only REGEX] [-keep DIR]

cluster run -h lists the flags.
`

// errBroken says that the run went to its end and a rule was broken.
var errBroken = errors.New("a rule was broken")

func main() {
	code, entered := enterSandbox()
	if entered {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case errors.Is(err, errBroken):
		os.Exit(1)
	case err != nil:
		fmt.Fprintf(os.Stderr, "cluster: error: %v\n", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "run" {
		fmt.Fprint(os.Stderr, usage)
		return flag.ErrHelp
	}
	r, err := parseFlags(args[1:], out)
	if err != nil {
		return err
	}
	return r.run(ctx)
}

func parseFlags(args []string, out io.Writer) (*runner, error) {
	r := &runner{out: out, seen: map[string]int{}, breaches: map[string]int{}}
	flags := flag.NewFlagSet("cluster run", flag.ContinueOnError)
	flags.BoolVar(&r.long, "long", false, "more rounds, longer faults and all figures")
	only := flags.String("only", "", "run only the scenarios whose name matches this `regexp`")
	flags.StringVar(&r.dir, "keep", "", "leave logs and histories in this `directory`, which must be new")
	flags.StringVar(&r.binary, "binary", "build/grantd", "run this grantd, a `file`")
	flags.StringVar(&r.programs, "programs", "build/cluster", "where test/cluster/setup.sh has left Patroni and etcd, a `directory`")
	err := flags.Parse(args)
	if err != nil {
		return nil, err
	}
	r.only, err = regexp.Compile(*only)
	if err != nil {
		return nil, err
	}
	for _, path := range []*string{&r.binary, &r.programs} {
		*path, err = filepath.Abs(*path)
		if err != nil {
			return nil, err
		}
	}
	_, err = os.Stat(r.binary)
	return r, err
}
