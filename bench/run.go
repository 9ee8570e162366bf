package main

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// runner is one run of the whole bench.
type runner struct {
	// program is the grantd binary.
	program string
	// rounds at each number of connections, each of this duration a contender.
	rounds      int
	duration    time.Duration
	connections []int
	// starts is how often the start is measured.
	starts int
	// document gets the result between its markers; empty means none does.
	document string
	out      io.Writer
}

// idleFor is how long a server has been ready when its idle memory is read.
const idleFor = 2 * time.Second

// runMode is bench run.
func runMode(ctx context.Context, args []string, out io.Writer) error {
	r := runner{connections: []int{1, 32}, starts: 5, out: out}
	flags := newFlags("run")
	flags.StringVar(&r.program, "grantd", "build/grantd", "the binary to measure")
	flags.IntVar(&r.rounds, "rounds", 5, "how often each server is measured at each number of connections")
	flags.DurationVar(&r.duration, "duration", 3*time.Second, "how long each measurement takes")
	flags.StringVar(&r.document, "document", "docs/performance.md", "where to write the result")
	short := flags.Bool("short", false, "a quick look: 2 rounds of half a second, nothing written")
	err := parse(flags, args)
	if err != nil {
		return err
	}
	if *short {
		r.rounds, r.duration, r.starts, r.document = 2, 500*time.Millisecond, 2, ""
	}
	if r.rounds < 1 {
		return errors.New("-rounds must be at least 1")
	}
	report, err := r.run(ctx)
	if err != nil {
		return err
	}
	text := report.markdown()
	fmt.Fprint(out, "\n", text)
	if r.document != "" {
		err = replaceGenerated(r.document, text)
		if err != nil {
			return err
		}
	}
	return report.sound()
}

func (r runner) run(ctx context.Context) (report, error) {
	folder, err := os.MkdirTemp("", "grantd-bench")
	if err != nil {
		return report{}, err
	}
	defer os.RemoveAll(folder)
	result := report{rounds: r.rounds, duration: r.duration}
	err = result.describe(r.program)
	if err != nil {
		return result, err
	}
	fmt.Fprintln(r.out, "starting on new data directories")
	err = result.startup.measureFresh(ctx, r.program, folder, r.starts)
	if err != nil {
		return result, err
	}
	data := filepath.Join(folder, "data")
	g, err := startGrantd(ctx, r.program, data)
	if err != nil {
		return result, err
	}
	who, err := r.measureServer(ctx, g, folder, &result)
	err = errors.Join(err, g.stop())
	if err != nil {
		return result, err
	}
	fmt.Fprintln(r.out, "starting on a used data directory")
	err = result.startup.measureAgain(ctx, r.program, data, who, r.starts)
	return result, err
}

// describe notes what is measured and where.
func (rep *report) describe(program string) error {
	info, err := os.Stat(program)
	if err != nil {
		return fmt.Errorf("find the binary, make build makes it: %w", err)
	}
	rep.binary = info.Size()
	build, err := buildinfo.ReadFile(program)
	if err != nil {
		return fmt.Errorf("read how %s was built: %w", program, err)
	}
	rep.machine = machine()
	rep.versions = build.GoVersion
	for _, dep := range build.Deps {
		if slices.Contains([]string{"modernc.org/sqlite", "github.com/go-jose/go-jose/v4"}, dep.Path) {
			rep.versions += ", " + dep.Path + " " + dep.Version
		}
	}
	return nil
}

// measureServer measures a server that has just become ready.
func (r runner) measureServer(ctx context.Context, g *grantd, folder string, result *report) (credentials, error) {
	select {
	case <-ctx.Done():
		return credentials{}, ctx.Err()
	case <-time.After(idleFor):
	}
	var err error
	result.idleMemory, _, err = resident(g.pid())
	if err != nil {
		return credentials{}, err
	}
	who, err := g.client(ctx)
	if err != nil {
		return who, err
	}
	example, err := g.token(ctx, who)
	if err != nil {
		return who, err
	}
	result.example = example
	limits, err := startLimits(ctx, folder, example)
	defer limits.stop()
	if err != nil {
		return who, err
	}
	contenders := lineUp(g, limits, who)
	for _, connections := range r.connections {
		table, err := compare(ctx, contenders, connections, r.rounds, r.duration, r.out)
		if err != nil {
			return who, err
		}
		result.series = append(result.series, table...)
	}
	most := slices.Max(r.connections)
	result.window, err = watch(ctx, g, postRequest(g.address, who), most, r.duration)
	if err != nil {
		return who, err
	}
	result.loadedMemory, result.mostMemory, err = resident(g.pid())
	return who, err
}
