package main

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
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
	// tokens is how many are issued to see whether the database grows.
	tokens int
	// revocations is how many there are when their memory is measured.
	revocations int
	// known is how many different tokens of a kind are introspected in turn, and
	// jwts how many JWTs so that a server hardly ever meets one again soon.
	known, jwts int
	// only leaves out the contenders whose name does not match, and everything
	// that is not a comparison; nil means nothing is left out.
	only *regexp.Regexp
	// document gets the result between its markers; empty means none does.
	document string
	out      io.Writer
}

// most is the larger number of connections, which everything is measured with
// that has to be measured once.
func (r runner) most() int { return slices.Max(r.connections) }

// idleFor is how long a server has been ready when its idle memory is read.
const idleFor = 2 * time.Second

// runMode is bench run.
func runMode(ctx context.Context, args []string, out io.Writer) error {
	r := runner{connections: []int{1, 32}, starts: 5, known: 10_000, jwts: 100_000, out: out}
	flags := newFlags("run")
	flags.StringVar(&r.program, "grantd", "build/grantd", "the binary to measure")
	flags.IntVar(&r.rounds, "rounds", 5, "how often each server is measured at each number of connections")
	flags.DurationVar(&r.duration, "duration", 3*time.Second, "how long each measurement takes")
	flags.IntVar(&r.tokens, "tokens", 1_000_000, "how many tokens to issue to see whether the database grows")
	flags.IntVar(&r.revocations, "revocations", 1_000_000, "with how many revocations to measure the memory")
	flags.StringVar(&r.document, "document", "docs/performance.md", "where to write the result")
	only := flags.String("only", "", "a regular expression: compare only those whose name matches, write nothing")
	short := flags.Bool("short", false, "a quick look: 2 rounds of half a second, fewer tokens, nothing written")
	err := parse(flags, args)
	if err != nil {
		return err
	}
	if *short {
		r.rounds, r.duration, r.starts, r.tokens, r.jwts, r.document = 2, 500*time.Millisecond, 2, 20_000, 20_000, ""
	}
	if r.rounds < 1 || r.tokens < 2 || r.revocations < 1 {
		return errors.New("-rounds and -revocations must be at least 1, -tokens at least 2")
	}
	if *only != "" {
		r.only, err = regexp.Compile(*only)
		if err != nil {
			return fmt.Errorf("-only: %w", err)
		}
		r.document = ""
	}
	report, err := r.run(ctx)
	if err != nil {
		return err
	}
	if len(report.series) == 0 {
		return fmt.Errorf("-only %q matches nobody", *only)
	}
	text := report.markdown()
	if r.only != nil {
		text = markdownTable(report.seriesRows())
	}
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
	data := filepath.Join(folder, "data")
	t, err := r.measureServer(ctx, folder, data, &result)
	if err != nil || r.only != nil {
		return result, err
	}
	return result, r.measureRest(ctx, folder, data, t, &result)
}

// measureRest measures what is no comparison, on the data directory of the one
// that has run.
func (r runner) measureRest(ctx context.Context, folder, data string, t tenants, result *report) error {
	var err error
	result.syncTime, err = syncTime(folder)
	if err != nil {
		return err
	}
	fmt.Fprintln(r.out, "starting on new data directories")
	err = result.startup.measureFresh(ctx, r.program, folder, r.starts)
	if err != nil {
		return err
	}
	fmt.Fprintln(r.out, "starting on a used data directory")
	err = result.startup.measureAgain(ctx, r.program, data, t.jwt, r.starts)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "issuing %d tokens\n", r.tokens)
	result.growth, err = r.measureGrowth(ctx, data, t)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "remembering %d revocations\n", r.revocations)
	result.revocations, err = r.measureRevocations(ctx, data, t)
	return err
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

// measureServer measures a server on a new data directory.
func (r runner) measureServer(ctx context.Context, folder, data string, result *report) (tenants, error) {
	g, err := startGrantd(ctx, r.program, data)
	if err != nil {
		return tenants{}, err
	}
	t, err := r.measureReady(ctx, g, folder, result)
	return t, errors.Join(err, g.stop())
}

// measureReady measures a server that has just become ready.
func (r runner) measureReady(ctx context.Context, g *grantd, folder string, result *report) (tenants, error) {
	err := rest(ctx, idleFor)
	if err != nil {
		return tenants{}, err
	}
	result.idleMemory, _, err = resident(g.pid())
	if err != nil {
		return tenants{}, err
	}
	f := field{grantd: g}
	f.tenants, err = g.tenants(ctx)
	if err != nil {
		return f.tenants, err
	}
	err = r.collect(ctx, &f)
	if err != nil {
		return f.tenants, err
	}
	result.examples, err = f.examples(ctx)
	if err != nil {
		return f.tenants, err
	}
	f.limits, err = startLimits(ctx, folder, result.examples.imitations())
	defer f.limits.stop()
	if err != nil {
		return f.tenants, err
	}
	return f.tenants, r.measureField(ctx, f, result)
}

func (r runner) measureField(ctx context.Context, f field, result *report) error {
	for _, connections := range r.connections {
		heats := [][]contender{f.signing()}
		if connections == r.most() {
			heats = append(heats, f.narrowing(), f.sealing(), f.verifying(), f.refreshing())
		}
		for _, contenders := range heats {
			if r.only != nil {
				contenders = choose(contenders, r.only)
			}
			table, err := compare(ctx, contenders, connections, r.rounds, r.duration, r.out)
			if err != nil {
				return err
			}
			result.series = append(result.series, table...)
		}
	}
	if r.only != nil {
		return nil
	}
	return r.measureStorage(ctx, f, result)
}

// measureStorage shows that nothing is stored.
func (r runner) measureStorage(ctx context.Context, f field, result *report) error {
	host, t := f.grantd.address, f.tenants
	watched := []struct {
		unit string
		what scripts
	}{
		{"token", always(postRequest(host, t.jwt))},
		{"introspection", turns(introspections(host, t.reader, f.opaques), 0)},
	}
	for _, one := range watched {
		w, err := watch(ctx, f.grantd, one.unit, one.what, r.most(), r.duration)
		if err != nil {
			return err
		}
		result.windows = append(result.windows, w)
	}
	var err error
	result.loadedMemory, result.mostMemory, err = resident(f.grantd.pid())
	return err
}
