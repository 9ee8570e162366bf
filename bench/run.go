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
	// program is the grantd binary, and fasthttp that of the limit servers on fasthttp.
	program, fasthttp string
	// rounds at each number of connections, each of this duration a contender.
	rounds      int
	duration    time.Duration
	connections []int
	// usual is the number of connections that everything is measured with that is
	// measured with one only.
	usual int
	// starts is how often the start is measured.
	starts int
	// tokens is how many are issued to see whether the database grows.
	tokens int
	// revocations is how many there are when their memory is measured, and keys how
	// many keys.
	revocations, keys int
	// known is how many different tokens of a kind are introspected in turn, jwts how
	// many JWTs so that a server hardly ever meets one again soon, and ended how many
	// tokens are revoked.
	known, jwts, ended int
	// peers is the folder of the peers; empty leaves them out.
	peers string
	// only leaves out the contenders whose name does not match, and everything
	// that is not a comparison; nil means nothing is left out.
	only *regexp.Regexp
	// document gets the result between its markers, and plot is the file beside it;
	// empty means none does.
	document, plot string
	out            io.Writer
}

// idleFor is how long a server has been ready when its idle memory is read.
const idleFor = 2 * time.Second

// contest is a comparison as this run makes it.
func (r runner) contest(connections int) contest {
	return contest{connections: connections, rounds: r.rounds, duration: r.duration, log: r.out}
}

// wants reports whether one of these names is to be measured.
func (r runner) wants(names ...string) bool {
	return r.only == nil || slices.ContainsFunc(names, r.only.MatchString)
}

// race adds a comparison to the result.
func (r runner) race(ctx context.Context, contenders []contender, connections int, result *report) error {
	if r.only != nil {
		contenders = choose(contenders, r.only)
	}
	table, err := r.contest(connections).compare(ctx, contenders)
	result.series = append(result.series, table...)
	return err
}

func (r runner) run(ctx context.Context) (report, error) {
	folder, err := os.MkdirTemp("", "grantd-bench")
	if err != nil {
		return report{}, err
	}
	defer os.RemoveAll(folder)
	result := report{rounds: r.rounds, duration: r.duration, usual: r.usual}
	err = result.describe(r.program)
	if err != nil {
		return result, err
	}
	peers, err := r.preparePeers(ctx)
	if err != nil {
		return result, err
	}
	data := filepath.Join(folder, "data")
	t, err := r.measureServer(ctx, folder, data, peers, &result)
	if err != nil {
		return result, err
	}
	err = r.measureEncrypted(ctx, folder, data, t, &result)
	if err != nil {
		return result, err
	}
	err = r.measureCrowds(ctx, folder, &result)
	if err != nil || r.only != nil {
		return result, err
	}
	return result, r.measureRest(ctx, folder, data, t, &result)
}

// measureRest measures what is no comparison, on the data directory of the one
// that has run.
func (r runner) measureRest(ctx context.Context, folder, data string, t tenants, result *report) error {
	var err error
	steps := []struct {
		what string
		do   func() error
	}{
		{"making pages durable", func() error {
			result.syncTime, err = syncTime(folder)
			return err
		}},
		{"starting on new data directories", func() error {
			return result.startup.measureFresh(ctx, r.program, folder, r.starts)
		}},
		{"starting on a used data directory", func() error {
			return result.startup.measureAgain(ctx, r.program, data, t.jwt, r.starts)
		}},
		{fmt.Sprintf("opening %d connections", manyConnections), func() error {
			result.idle, err = r.measureIdle(ctx, folder, data, t, result.examples)
			return err
		}},
		{fmt.Sprintf("issuing %d tokens", r.tokens), func() error {
			result.growth, err = r.measureGrowth(ctx, data, t)
			return err
		}},
		{fmt.Sprintf("remembering %d revocations", r.revocations), func() error {
			result.revocations, err = r.measureRevocations(ctx, data, t)
			return err
		}},
	}
	for _, step := range steps {
		fmt.Fprintln(r.out, step.what)
		err := step.do()
		if err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
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
func (r runner) measureServer(ctx context.Context, folder, data string, peers []peer, result *report) (tenants, error) {
	g, err := startGrantd(ctx, r.program, data)
	if err != nil {
		return tenants{}, err
	}
	t, err := r.measureReady(ctx, g, folder, peers, result)
	return t, errors.Join(err, g.stop())
}

// measureReady measures a server that has just become ready.
func (r runner) measureReady(ctx context.Context, g *grantd, folder string, peers []peer, result *report) (tenants, error) {
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
	imitations := result.examples.imitations()
	_, missing := os.Stat(r.fasthttp)
	if missing == nil {
		imitations = append(imitations, result.examples.onFasthttp(r.fasthttp)...)
	}
	f.limits, err = startLimits(ctx, folder, imitations)
	defer f.limits.stop()
	if err != nil {
		return f.tenants, err
	}
	err = r.measureField(ctx, f, result)
	if err != nil {
		return f.tenants, err
	}
	return f.tenants, r.measurePeers(ctx, folder, f, peers, result)
}

func (r runner) measureField(ctx context.Context, f field, result *report) error {
	for _, connections := range r.connections {
		for _, one := range everywhere() {
			err := r.race(ctx, one(f), connections, result)
			if err != nil {
				return err
			}
		}
	}
	for _, one := range usually() {
		err := r.race(ctx, one(f), r.usual, result)
		if err != nil {
			return err
		}
	}
	if r.only != nil {
		return nil
	}
	var err error
	result.flood, err = r.measureFlood(ctx, f.grantd, f.tenants.jwt)
	if err != nil {
		return err
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
		w, err := watch(ctx, f.grantd, one.unit, one.what, r.usual, r.duration)
		if err != nil {
			return err
		}
		result.windows = append(result.windows, w)
	}
	var err error
	result.loadedMemory, result.mostMemory, err = resident(f.grantd.pid())
	return err
}
