package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// hearing is one process of a verifier and what it said.
type hearing struct {
	row       *row
	algorithm string
	topic     topic
	issuer    *issuer
	limit     time.Duration
	patience  time.Duration
	// flaws hold an entry for each feature that was tried, nil when it is well.
	flaws map[string]error

	cmd    *exec.Cmd
	env    map[string]string
	stdin  io.WriteCloser
	lines  chan string
	ended  chan struct{}
	stderr bytes.Buffer
	// transcript holds what was asked, without the tokens, and what was answered.
	transcript strings.Builder
}

// verdict is a line that a verifier prints.
type verdict struct {
	OK      bool   `json:"ok"`
	Subject string `json:"sub"`
	Scope   string `json:"scope"`
	Error   string `json:"error"`
}

func (v *hearing) start(ctx context.Context, root string) error {
	command, err := v.row.command(root)
	if err != nil {
		return err
	}
	reader := v.issuer.readers[v.topic]
	v.env = v.issuer.environment()
	maps.Copy(v.env, map[string]string{
		"AUDIENCE": v.topic.audience(), "ALGORITHM": v.algorithm, "CLIENT_ID": reader.ID, "CLIENT_SECRET": reader.Secret,
	})
	cmd := newCommand(ctx, filepath.Dir(v.row.file), command, programEnvironment(v.env))
	out, in := io.Pipe()
	cmd.Stdout, cmd.Stderr = in, &v.stderr
	v.stdin, err = cmd.StdinPipe()
	if err != nil {
		return err
	}
	err = cmd.Start()
	if err != nil {
		return fmt.Errorf("start it: %w", err)
	}
	v.cmd = cmd
	v.lines, v.ended = make(chan string, 100), make(chan struct{})
	go v.read(out)
	go func() {
		// How it ended is of no interest, only when.
		_ = cmd.Wait()
		in.Close()
		close(v.ended)
	}()
	return nil
}

// read passes on the lines that are verdicts; a server that is started by the
// program may say other things.
func (v *hearing) read(out io.Reader) {
	defer close(v.lines)
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		if strings.HasPrefix(scanner.Text(), "{") {
			v.lines <- scanner.Text()
		}
	}
	_, _ = io.Copy(io.Discard, out)
}

// ask shows the verifier a token.
func (v *hearing) ask(what, token string) (verdict, error) {
	var d verdict
	_, err := io.WriteString(v.stdin, token+"\n")
	if err != nil {
		return d, fmt.Errorf("it takes no more tokens: %w", err)
	}
	select {
	case line, open := <-v.lines:
		if !open {
			return d, fmt.Errorf("it ended when it was shown %s", what)
		}
		fmt.Fprintf(&v.transcript, "%s: %s\n", what, line)
		err = json.Unmarshal([]byte(line), &d)
		return d, err
	case <-time.After(v.limit):
		return d, fmt.Errorf("it said nothing to %s within %s", what, v.limit)
	}
}

// accepts mints a token and wants it accepted, with what it says.
func (v *hearing) accepts(what string, key blackbox.Key) error {
	token, err := v.issuer.mint(key, v.topic.scope())
	if err != nil {
		return err
	}
	return v.acceptsToken(what, token, key)
}

func (v *hearing) acceptsToken(what, token string, key blackbox.Key) error {
	d, err := v.ask(what, token)
	switch {
	case err != nil:
		return err
	case !d.OK:
		return fmt.Errorf("it refuses %s: %s", what, d.Error)
	case d.Subject != key.ID || !sameScopes(d.Scope, v.topic.scope()):
		return fmt.Errorf("of %s it reports sub %q and scope %q, want %q and %q", what, d.Subject, d.Scope, key.ID, v.topic.scope())
	}
	return nil
}

// refuses wants a token refused, in so many words.
func (v *hearing) refuses(what, token string) error {
	d, err := v.ask(what, token)
	if err == nil && d.OK {
		err = errors.New("it accepts " + what)
	}
	return err
}

// close ends the input, at which a verifier has to end; the feature given is
// blamed when it does not.
func (v *hearing) close(blame string) {
	if v.cmd == nil {
		return
	}
	v.stdin.Close()
	select {
	case <-v.ended:
	case <-time.After(v.patience):
		if v.flaws[blame] == nil {
			v.flaws[blame] = errors.New("it did not end at the end of its input")
		}
	}
	_ = endGroup(v.cmd)
	<-v.ended
}

func (v *hearing) evidence() string {
	indent := strings.NewReplacer("\n", "\n    ")
	return fmt.Sprintf("  command for %s: %q\n  environment: %s\n  transcript:\n    %s\n  standard error:\n    %s\n",
		v.algorithm, v.row.Run, names(v.env), indent.Replace(v.transcript.String()), indent.Replace(v.stderr.String()))
}
