package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

const usage = `usage:
  bench run [-short] [flags]     measure grantd and write docs/performance.md
  bench keys [flags]             measure it with ten million keys
  bench compare -base FILE       compare another grantd binary with this tree's
  bench limit -work W [flags]    serve as a limit server
  bench load -url URL [flags]    send requests to one server

bench MODE -h lists the flags.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:], os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: error: %v\n", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string, out io.Writer) error {
	modes := map[string]func(context.Context, []string, io.Writer) error{
		"run": runMode, "keys": keysMode, "compare": compareMode, "limit": limitMode, "load": loadMode,
	}
	if len(args) == 0 || modes[args[0]] == nil {
		fmt.Fprint(os.Stderr, usage)
		return flag.ErrHelp
	}
	return modes[args[0]](ctx, args[1:], out)
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

// Set adds to the list.
func (l *list) Set(text string) error {
	*l = append(*l, text)
	return nil
}

func newFlags(mode string) *flag.FlagSet {
	return flag.NewFlagSet("bench "+mode, flag.ContinueOnError)
}

// parse reads the flags and refuses what is left over.
func parse(flags *flag.FlagSet, args []string) error {
	err := flags.Parse(args)
	if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}
