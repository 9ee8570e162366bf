package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// runner runs the scenarios and counts.
type runner struct {
	out    io.Writer
	binary string
	long   bool
	only   *regexp.Regexp
	dir    string

	// programs is where setup.sh has left them.
	programs string

	network *network
	gaps    []gap
	played  int
	left    []string // what was left out, and why
	looked  int
	broken  int
	// seen is how much each rule has looked at, breaches how much was wrong.
	seen, breaches map[string]int
}

func (r *runner) say(format string, args ...any) { fmt.Fprintf(r.out, format+"\n", args...) }

func (r *runner) run(ctx context.Context) (err error) {
	begun := time.Now()
	err = r.prepare()
	if err != nil {
		return err
	}
	if r.dir == "" {
		r.dir, err = os.MkdirTemp("", "cluster")
		defer func() { r.clean(err) }()
	} else {
		err = os.Mkdir(r.dir, 0o755)
	}
	if err != nil {
		return err
	}
	// Servers that run as another account have their files below it.
	err = os.Chmod(r.dir, 0o755)
	for _, group := range []func(context.Context) error{r.plain, r.available, r.control} {
		if err == nil {
			err = group(ctx)
		}
	}
	if err != nil {
		return err
	}
	r.sum()
	for _, reason := range r.left {
		r.say("left out: %s", reason)
	}
	r.say("%d scenarios, %d checks, %d broken, %d left out, in %s", r.played, r.looked, r.broken, len(r.left),
		time.Since(begun).Round(time.Second))
	if r.played == 0 {
		return errors.New("no scenario was run: look at -only")
	}
	if r.broken > 0 {
		return errBroken
	}
	return nil
}

// clean removes logs and histories, unless somebody will want to look at them.
func (r *runner) clean(failed error) {
	if failed != nil {
		r.say("logs and histories are in %s", r.dir)
		return
	}
	_ = os.RemoveAll(r.dir)
}

// sum prints what all scenarios have in common.
func (r *runner) sum() {
	if len(r.seen) > 0 {
		r.say("\n| rule | looked at | broken |\n|---|---|---|")
	}
	for _, rule := range rules {
		n, asked := r.seen[rule.name]
		if !asked {
			continue
		}
		r.say("| %s | %d | %d |", rule.name, n, r.breaches[rule.name])
		// Of a single scenario a rule may have nothing to say.
		if n == 0 {
			r.broken++
			r.say("  %s: there was nothing to look at", rule.name)
		}
	}
	if len(r.gaps) > 0 {
		r.say("\n| fault | no write was acknowledged for |\n|---|---|")
	}
	for _, g := range r.gaps {
		r.say("| %s | %.1f s |", g.fault, g.last.Seconds())
	}
	r.say("")
}

// prepare makes the network. Where everything must run, a missing one is an error.
func (r *runner) prepare() error {
	var reason string
	r.network, reason = newNetwork()
	if r.network == nil && os.Getenv("CI") == "true" && os.Getuid() == 0 {
		return fmt.Errorf("no network to cut: %s", reason)
	}
	if r.network == nil {
		r.left = append(r.left, "everything that cuts the network: "+reason)
	}
	return nil
}

// lasting is how long a fault lasts.
func (r *runner) lasting() time.Duration {
	if r.long {
		return 15 * time.Second
	}
	return 3 * time.Second
}

// calm is how long clients go on before and after the faults.
func (r *runner) calm() time.Duration { return time.Second }

// plain is three nodes on one PostgreSQL.
func (r *runner) plain(ctx context.Context) (err error) {
	names := []string{queriesFigure, spreadFigure, upgradeScenario}
	for _, one := range scenarios {
		names = append(names, one.name)
	}
	if !slices.ContainsFunc(names, r.only.MatchString) {
		return nil
	}
	dir := filepath.Join(r.dir, "plain")
	err = os.Mkdir(dir, 0o755)
	if err != nil {
		return err
	}
	host, err := r.network.newHost("db")
	if err != nil {
		return err
	}
	d, err := newDatabase(host, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.cluster.Remove()) }()
	hosts, err := r.hosts("node", 3)
	if err != nil {
		return err
	}
	err = r.faults(ctx, hosts, dir, d)
	if err != nil {
		return err
	}
	return r.upgrade(ctx, hosts, d)
}

// faults are the figures and scenarios of this binary.
func (r *runner) faults(ctx context.Context, hosts []*host, dir string, d *database) (err error) {
	s, err := newService(hosts, dir, r.binary, d.url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove()) }()
	err = r.figures(ctx, s, d)
	if err != nil {
		return err
	}
	for _, one := range scenarios {
		if !r.only.MatchString(one.name) || one.network && r.network == nil {
			continue
		}
		err = r.score(one.name, func() (history, error) {
			return s.play(ctx, r.calm(), func(ctx context.Context, t *trial) error {
				return one.faults(ctx, t, d, r.lasting())
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) hosts(prefix string, n int) ([]*host, error) {
	var hosts []*host
	for i := range n {
		h, err := r.network.newHost(fmt.Sprint(prefix, i+1))
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, h)
	}
	return hosts, nil
}

// most is how many breaches of one rule are shown.
const most = 5

// score plays a scenario and holds its history against the rules.
func (r *runner) score(name string, play func() (history, error)) error {
	begun := time.Now()
	h, err := play()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r.played++
	var broken []string
	total := 0
	for _, rule := range rules {
		wrong, looked := rule.check(&h)
		total += looked
		r.seen[rule.name] += looked
		r.breaches[rule.name] += len(wrong)
		if len(wrong) > most {
			r.broken += len(wrong) - most
			wrong = append(wrong[:most], fmt.Sprintf("… and %d more", len(wrong)-most))
		}
		for _, text := range wrong {
			broken = append(broken, rule.name+": "+text)
		}
	}
	r.verdict(name, &h, broken, total, begun)
	return nil
}

// verdict counts and prints what came out of a scenario.
func (r *runner) verdict(name string, h *history, broken []string, looked int, begun time.Time) {
	word := "ok"
	for _, text := range broken {
		word = "BROKEN"
		r.say("  %s", text)
	}
	r.looked += looked
	r.broken += len(broken)
	r.say("%-6s %s: %d events, %d checks, %s", word, name, len(h.Events), looked, time.Since(begun).Round(100*time.Millisecond))
}
