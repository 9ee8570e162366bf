package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// How long a peer may take to be set up and to get ready.
const (
	setUpWithin = 15 * time.Minute
	peerWithin  = 3 * time.Minute
)

// peerShare is how many tenths of a measurement's time one takes beside a peer: there
// are many of them.
const peerShare = 7

// javaRounds is how many rounds of that length it takes to warm up a Java machine.
const javaRounds = 18

// peerResult is how a peer did.
type peerResult struct {
	peer
	// series are the peer's, each with those of the limit server and of grantd that
	// ran beside it.
	series []series
	// memory is what its processes held after the load, in bytes.
	memory int64
}

// preparePeers reads the peers and sets them up, before anything is measured. What
// cannot be set up is missing.
func (r runner) preparePeers(ctx context.Context) ([]peer, error) {
	if r.peers == "" {
		return nil, nil
	}
	all, err := readPeers(r.peers)
	if err != nil {
		return nil, err
	}
	var wanted []peer
	for _, p := range all {
		if r.only != nil && !r.only.MatchString(p.Name) {
			continue
		}
		if p.Missing == "" {
			fmt.Fprintln(r.out, "setting up", p.Name)
			err = p.setUp(ctx)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			p.Missing = reason("it could not be set up", err)
			fmt.Fprintln(r.out, p.Name, "is missing:", p.Missing)
		}
		wanted = append(wanted, p)
	}
	return wanted, nil
}

// colours are what programs send to terminals beside text.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// reason is an error on one line, which a table has room for.
func reason(what string, err error) string {
	const longest = 300
	text := []rune(strings.Join(strings.Fields(colours.ReplaceAllString(err.Error(), "")), " "))
	return what + ": " + string(text[:min(len(text), longest)])
}

// peerBuild is where programs and what else peers need are put.
const peerBuild = "build/peers"

func (p peer) setUp(ctx context.Context) error {
	build, err := filepath.Abs(peerBuild)
	if err != nil || len(p.Setup) == 0 {
		return err
	}
	err = os.MkdirAll(build, 0o755)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, setUpWithin)
	defer cancel()
	words := p.Setup.filled(p.folder, build, 0)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = p.folder
	out, err := cmd.CombinedOutput()
	logged := os.WriteFile(filepath.Join(build, filepath.Base(p.folder)+".setup.log"), out, 0o644)
	if err != nil {
		return fmt.Errorf("%w: %s", err, lastLine(out))
	}
	return logged
}

func lastLine(text []byte) string {
	text = bytes.TrimSpace(text)
	return string(text[bytes.LastIndexByte(text, '\n')+1:])
}

func (p peer) start(ctx context.Context, folder string) (*process, error) {
	build, err := filepath.Abs(peerBuild)
	if err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	words := p.Run.filled(p.folder, build, port)
	return launch{
		program: words[0], args: words[1:], folder: p.folder, environment: []string{"PORT=" + text},
		log: filepath.Join(folder, filepath.Base(p.folder)+".log"), within: peerWithin, group: true,
	}.start(ctx)
}

// measurePeers measures the peers one after the other, so that none takes the
// memory or the time of another.
func (r runner) measurePeers(ctx context.Context, folder string, f field, peers []peer, result *report) error {
	for _, p := range peers {
		one := peerResult{peer: p}
		if p.Missing == "" {
			err := r.measurePeer(ctx, folder, f, &one)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				one.Missing, one.series = reason("it could not be measured", err), nil
				fmt.Fprintln(r.out, p.Name, "is missing:", one.Missing)
			}
		}
		result.peers = append(result.peers, one)
	}
	return nil
}

func (r runner) measurePeer(ctx context.Context, folder string, f field, one *peerResult) error {
	fmt.Fprintln(r.out, "starting", one.Name)
	running, err := one.start(ctx, folder)
	if err != nil {
		return err
	}
	err = r.measureRunning(ctx, f, running, one)
	return errors.Join(err, running.stop())
}

func (r runner) measureRunning(ctx context.Context, f field, running *process, one *peerResult) error {
	target, err := url.Parse(running.url)
	if err != nil {
		return err
	}
	members, err := readFamily(running.pid())
	if err != nil {
		return err
	}
	// A Java machine compiles what it has run for ten seconds and more.
	coldRounds := 0
	if members.runs("java") {
		coldRounds = javaRounds
	}
	for i := range one.Tokens {
		heats, err := one.Tokens[i].heats(ctx, f, target.Host, one.peer)
		if err != nil {
			return err
		}
		for _, contenders := range heats {
			for n := range contenders {
				if contenders[n].pid == 0 {
					contenders[n].pid, contenders[n].family = running.pid(), true
					contenders[n].coldRounds = coldRounds
				}
			}
			c := r.contest(r.usual)
			c.duration = c.duration * peerShare / 10
			table, err := c.compare(ctx, contenders)
			if err != nil {
				return err
			}
			one.series = append(one.series, table...)
		}
	}
	one.memory, err = familyMemory(running.pid())
	return err
}

// fetch sends one request and returns the body of the answer, which has to be a good
// one.
func fetch(ctx context.Context, address string, request []byte) ([]byte, error) {
	address, err := loopback(address)
	if err != nil {
		return nil, err
	}
	conn, err := newDialer(address, plain, nil, 0).dial(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.close()
	a, body, err := conn.exchange(request, nil)
	if err == nil && a.status != 200 {
		err = fmt.Errorf("status %d: %s", a.status, strings.TrimSpace(string(body)))
	}
	return body, err
}
