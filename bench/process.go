package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// How long a process may take to get ready and to end.
const (
	readyWithin = 20 * time.Second
	endWithin   = time.Minute
)

// process is a server we started.
type process struct {
	name string
	cmd  *exec.Cmd
	// url is what the server said after the word ready.
	url string
	// ready is how long it took from its start to that line.
	ready time.Duration
	log   *os.File
	// group says that it leads a process group.
	group bool
	ended chan error
}

// launch is how a server is started.
type launch struct {
	program string
	args    []string
	// folder is where it runs; empty means here.
	folder string
	// environment is added to ours.
	environment []string
	// log is the file for what it writes to standard error, as in production.
	log string
	// within is how long it may take to get ready; zero means readyWithin.
	within time.Duration
	// group puts it and its children into a process group of their own.
	group bool
}

// start runs the program until it prints a line "ready URL".
func (l launch) start(ctx context.Context) (*process, error) {
	file, err := os.OpenFile(l.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	p := &process{name: l.program, cmd: exec.CommandContext(ctx, l.program, l.args...), log: file, group: l.group, ended: make(chan error, 1)}
	p.cmd.Stderr, p.cmd.Dir = file, l.folder
	p.cmd.Env = append(os.Environ(), l.environment...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: l.group}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = endWithin
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		file.Close()
		return nil, err
	}
	began := time.Now()
	err = p.cmd.Start()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("start %s: %w", l.program, err)
	}
	said := make(chan string, 1)
	go func() {
		said <- readyURL(out)
		// Wait must not close the pipe before all of it was read.
		_, _ = io.Copy(io.Discard, out)
		p.ended <- p.cmd.Wait()
	}()
	select {
	case p.url = <-said:
		p.ready = time.Since(began)
	case <-time.After(cmp.Or(l.within, readyWithin)):
	}
	if p.url == "" {
		return nil, errors.Join(fmt.Errorf("%s did not get ready, see %s", strings.Join(p.cmd.Args, " "), l.log), p.stop())
	}
	return p, nil
}

// readyURL returns what follows ready at the start of a line, or "" when the
// output ends before.
func readyURL(out io.Reader) string {
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		url, found := strings.CutPrefix(line, "ready ")
		if found {
			return strings.TrimSpace(url)
		}
		if err != nil {
			return ""
		}
	}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop ends the process and waits for it.
func (p *process) stop() error {
	defer p.log.Close()
	if p.group {
		// Whatever it has left behind is in its group.
		defer func() { _ = syscall.Kill(-p.pid(), syscall.SIGKILL) }()
	}
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end %s: %w", p.name, err)
	}
	select {
	case err = <-p.ended:
	case <-time.After(endWithin):
		return errors.Join(fmt.Errorf("%s did not end in %s", p.name, endWithin), p.cmd.Process.Kill(), <-p.ended)
	}
	if err != nil {
		return fmt.Errorf("%s ended badly: %w", p.name, err)
	}
	return nil
}
