package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// keysMode is bench keys: servers with very many keys, which take minutes to make and
// to start.
func keysMode(ctx context.Context, args []string, out io.Writer) error {
	r := runner{usual: 32, out: out}
	flags := newFlags("keys")
	flags.StringVar(&r.program, "grantd", "build/grantd", "the binary to measure")
	flags.IntVar(&r.keys, "keys", 10_000_000, "how many keys the largest server has")
	flags.IntVar(&r.rounds, "rounds", 5, "how often each server is measured")
	flags.DurationVar(&r.duration, "duration", time.Second, "how long each measurement takes")
	flags.StringVar(&r.document, "document", "docs/performance.md", "where to write the result; empty writes nothing")
	err := parse(flags, args)
	if err != nil {
		return err
	}
	if r.rounds < 1 || r.keys <= someKeys {
		return fmt.Errorf("-rounds must be at least 1, -keys more than %d", someKeys)
	}
	folder, err := os.MkdirTemp("", "grantd-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	result := report{rounds: r.rounds, duration: r.duration, usual: r.usual}
	err = result.describe(r.program)
	if err != nil {
		return err
	}
	err = r.measureCrowds(ctx, folder, &result)
	if err != nil {
		return err
	}
	if result.crowds.many == 0 {
		return errors.New("there is no sqlite3 command to make the keys; install it")
	}
	text := result.keysMarkdown()
	fmt.Fprint(out, "\n", text)
	if r.document != "" {
		err = keysPart.replace(r.document, text)
	}
	return errors.Join(err, result.sound())
}

func (rep report) keysMarkdown() string {
	rows := goals{{"what", "measured", "goal", ""}}
	for _, s := range rep.series {
		rows.addSpeed(s)
	}
	return rep.heading() + "\n" + markdownTable(rows) + "\n" + markdownTable(rep.seriesRows()) + "\n" + strings.TrimSuffix(rep.crowds.details(), "\n")
}
