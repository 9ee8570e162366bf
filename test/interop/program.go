package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// outcome is what a program left behind. Its exit code says nothing.
type outcome struct {
	command        []string
	stdout, stderr string
	// stopped is set when it had to be killed.
	stopped bool
}

// cleanEnvironment is ours without what would configure grantd or send the
// programs through a proxy that is not ours.
func cleanEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.HasPrefix(name, "GRANTD_") || strings.HasSuffix(strings.ToUpper(name), "_PROXY")
	})
}

// programEnvironment adds variables, and takes the dice from languages that
// shuffle their hashes, so that the same request has the same bytes.
func programEnvironment(variables map[string]string) []string {
	env := append(cleanEnvironment(), "PERL_HASH_SEED=0", "PERL_PERTURB_KEYS=0", "PYTHONHASHSEED=0")
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		env = append(env, name+"="+variables[name])
	}
	return env
}

// newCommand prepares a program as the leader of a process group of its own.
func newCommand(ctx context.Context, dir string, command, env []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = env
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return endGroup(cmd) }
	// What it left running may hold its output open.
	cmd.WaitDelay = 2 * time.Second
	return cmd
}

// endGroup kills a program with everything that it started.
func endGroup(cmd *exec.Cmd) error {
	if cmd.Process == nil {
		return nil
	}
	err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// execute runs a program to its end, or to the end of its time.
func execute(ctx context.Context, limit time.Duration, dir string, command, env []string) outcome {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := newCommand(ctx, dir, command, env)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	// Nothing that it started may be left for the next one to meet.
	_ = endGroup(cmd)
	_, ended := errors.AsType[*exec.ExitError](err)
	o := outcome{command: command, stdout: stdout.String(), stderr: stderr.String(), stopped: ctx.Err() != nil}
	if err != nil && !ended && !errors.Is(err, exec.ErrWaitDelay) && !o.stopped {
		o.stderr += fmt.Sprintf("\n%v\n", err)
	}
	return o
}

// lastLine is where a program puts its answer.
func lastLine(text string) string {
	text = strings.TrimRight(text, " \t\r\n")
	return text[strings.LastIndexByte(text, '\n')+1:]
}
