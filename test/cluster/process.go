package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// patience is how long anything may take before it is called broken.
const patience = 60 * time.Second

// process is a program on a host.
type process struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
}

// launch describes a program to start.
type launch struct {
	host    *host
	log     string // what it writes is appended to this file
	dir     string
	env     []string // besides ours without what configures grantd
	account *syscall.Credential
	program string
	args    []string
}

func (l launch) start() (*process, error) {
	file, err := os.OpenFile(l.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	p := &process{cmd: exec.Command(l.program, l.args...), log: l.log, done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = l.dir, append(environment(), l.env...)
	p.cmd.Stdout, p.cmd.Stderr = file, file
	p.cmd.SysProcAttr = dieWithParent(l.account)
	err = l.host.on(p.cmd.Start)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", l.program, err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended matters to nobody: what it did is in the history
		close(p.done)
	}()
	return p, nil
}

func environment() []string {
	var kept []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GRANTD_") {
			kept = append(kept, v)
		}
	}
	return kept
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *process) signal(s syscall.Signal) error {
	err := p.cmd.Process.Signal(s)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// end ends the process with a signal and waits until it is gone.
func (p *process) end(s syscall.Signal) error {
	err := p.signal(s)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		return fmt.Errorf("%s had not ended %s after %v\n%s", p.cmd.Path, patience, s, p.tail())
	}
}

// tail is the end of the log.
func (p *process) tail() string {
	text, _ := os.ReadFile(p.log)
	return string(text[max(0, len(text)-3000):])
}

// await calls ready until it is content.
func await(what string, most time.Duration, ready func() bool) error {
	for deadline := time.Now().Add(most); !ready(); {
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not within %s", what, most)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}
