package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// runMode is bench run.
func runMode(ctx context.Context, args []string, out io.Writer) error {
	r, err := parseRun(args, out)
	if err != nil {
		return err
	}
	report, err := r.run(ctx)
	if err != nil {
		return err
	}
	if len(report.series)+len(report.peers) == 0 {
		return fmt.Errorf("-only %q matches nobody", r.only)
	}
	text := report.markdown(r.plot)
	if r.only != nil {
		text = report.tables()
	}
	fmt.Fprint(out, "\n", text)
	err = r.write(report, text)
	return errors.Join(err, report.sound())
}

func parseRun(args []string, out io.Writer) (runner, error) {
	r := runner{connections: []int{1, 32, 256}, usual: 32, starts: 5, known: 10_000, jwts: 100_000, ended: 1000, out: out}
	flags := newFlags("run")
	flags.StringVar(&r.program, "grantd", "build/grantd", "the binary to measure")
	flags.StringVar(&r.fasthttp, "fasthttp", "build/bench-fasthttp", "the limit servers on fasthttp; left out when they are not there")
	flags.IntVar(&r.rounds, "rounds", 5, "how often each server is measured at each number of connections")
	flags.DurationVar(&r.duration, "duration", time.Second, "how long each measurement takes")
	flags.IntVar(&r.tokens, "tokens", 1_000_000, "how many tokens to issue to see whether the database grows")
	flags.IntVar(&r.revocations, "revocations", 1_000_000, "with how many revocations to measure the memory")
	flags.IntVar(&r.keys, "keys", 1_000_000, "with how many keys to measure at most, bench keys takes more; 0 leaves that out")
	flags.StringVar(&r.peers, "peers", "bench/peers", "the folder of the other servers to compare with; empty leaves them out")
	flags.StringVar(&r.document, "document", "docs/performance.md", "where to write the result, with a plot beside it")
	only := flags.String("only", "", "a regular expression: compare only those whose name matches, write nothing")
	short := flags.Bool("short", false, "a quick look: 2 rounds of 0.3 seconds, fewer tokens and keys, no peers unless -only names them, nothing written")
	err := parse(flags, args)
	if err != nil {
		return r, err
	}
	if *short {
		err = shorten(flags)
	}
	if err != nil {
		return r, err
	}
	if r.rounds < 1 || r.tokens < 2 || r.revocations < 1 {
		return r, errors.New("-rounds and -revocations must be at least 1, -tokens at least 2")
	}
	if *only != "" {
		r.only, err = regexp.Compile(*only)
		if err != nil {
			return r, fmt.Errorf("-only: %w", err)
		}
		r.document = ""
	}
	if *short {
		r.jwts, r.starts = 20_000, 2
	}
	if r.document != "" {
		r.plot = strings.TrimSuffix(r.document, filepath.Ext(r.document)) + ".svg"
	}
	return r, nil
}

// shorten makes a run that shows little more than that everything works. What was
// given on the command line stays.
func shorten(flags *flag.FlagSet) error {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	values := map[string]string{
		"rounds": "2", "duration": "300ms", "tokens": "20000", "revocations": "100000", "keys": "200000", "document": "",
	}
	if !given["only"] {
		values["peers"] = ""
	}
	for name, value := range values {
		if given[name] {
			continue
		}
		err := flags.Set(name, value)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r runner) write(rep report, text string) error {
	if r.document == "" {
		return nil
	}
	return errors.Join(mainPart.replace(r.document, text), rep.plot().write(r.plot))
}
