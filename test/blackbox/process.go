package blackbox

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Options says how a server is started. The zero value is a server as in
// production, on a fresh data directory and a free port of the loopback interface.
type Options struct {
	// Dev starts with --dev, on port 0 and without an issuer of our choosing.
	Dev bool
	// Data is the data directory. Empty: a fresh one, or with Dev the server's own choice.
	Data string
	// Address is the public listener. Empty: a free port, or with Dev port 0.
	Address string
	// CertFile and KeyFile turn TLS on.
	CertFile, KeyFile string
	// Args are further flags.
	Args []string
	// Env are further variables, in the form NAME=value.
	Env []string
}

// Process is a running server.
type Process struct {
	// URL is the issuer from the line that said ready.
	URL string
	// Options are what it was started with, the choices for empty fields filled in.
	Options Options

	cmd    *exec.Cmd
	stdout *output
	stderr *output
	done   chan struct{}

	mu      sync.Mutex
	secrets []string
}

// Patience is how long the tests wait for something that usually takes
// milliseconds, before they call it broken.
const Patience = 20 * time.Second

// Launch starts a server and waits until it says that it is ready. The caller
// must end it with [Process.Stop] or [Process.Kill]; tests call [Start] instead.
func Launch(o Options) (*Process, error) {
	chosen := o.Address == "" && !o.Dev
	for attempt := 1; ; attempt++ {
		p, err := launchOnce(o)
		// Another test process may have taken the free port in the meantime.
		if err == nil || !chosen || attempt == 5 || !strings.Contains(err.Error(), "is in use") {
			return p, err
		}
	}
}

func launchOnce(o Options) (*Process, error) {
	o, err := complete(o)
	if err != nil {
		return nil, err
	}
	p, err := Serve("", arguments(o), o.Env)
	if err != nil {
		return nil, err
	}
	p.Options = o
	return p, nil
}

// Serve runs grantd serve with exactly these flags in a directory, which may be
// empty for the present one, and waits until it says that it is ready.
func Serve(dir string, flags, env []string) (*Process, error) {
	p, err := Begin(dir, flags, env)
	if err != nil {
		return nil, err
	}
	return p, p.awaitReady()
}

// Begin is [Serve] without the wait.
func Begin(dir string, flags, env []string) (*Process, error) {
	binary, err := Binary()
	if err != nil {
		return nil, err
	}
	p := &Process{stdout: newOutput("ready "), stderr: newOutput(""), done: make(chan struct{})}
	p.cmd = exec.Command(binary, append([]string{"serve"}, flags...)...)
	p.cmd.Dir = dir
	p.cmd.Env = append(environment(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	p.cmd.SysProcAttr = dieWithParent()
	err = p.cmd.Start()
	if err != nil {
		return nil, fmt.Errorf("start grantd: %w", err)
	}
	go func() {
		// How it ended is in ProcessState; a code that is not 0 is for the test to judge.
		_ = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// environment is ours without what would configure grantd.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GRANTD_") })
}

// complete makes the choices for the fields that are empty.
func complete(o Options) (Options, error) {
	if o.Dev {
		return o, nil
	}
	if o.Address == "" {
		address, err := FreeAddress()
		if err != nil {
			return o, err
		}
		o.Address = address
	}
	if o.Data == "" {
		// The path of a Unix socket has room for 100 bytes; names of tests are longer.
		dir, err := os.MkdirTemp("", "gd")
		if err != nil {
			return o, fmt.Errorf("make a data directory: %w", err)
		}
		o.Data = filepath.Join(dir, "data")
	}
	return o, nil
}

func arguments(o Options) []string {
	args := []string{"--admin-listen", "127.0.0.1:0"}
	if o.Dev {
		args = append(args, "--dev")
	}
	if o.Data != "" {
		args = append(args, "--data", o.Data)
	}
	scheme := "http"
	if o.CertFile != "" {
		scheme = "https"
		args = append(args, "--tls-cert", o.CertFile, "--tls-key", o.KeyFile)
	}
	address := o.Address
	if address == "" {
		address = "127.0.0.1:0"
	} else {
		args = append(args, "--issuer", scheme+"://"+address)
	}
	args = append(args, "--listen", address)
	return append(args, o.Args...)
}

func (p *Process) awaitReady() error {
	select {
	case p.URL = <-p.stdout.found:
		return nil
	case <-p.done:
		return fmt.Errorf("grantd ended before it was ready: %v\n%s%s", p.cmd.ProcessState, p.stdout, p.stderr)
	case <-time.After(Patience):
		_ = p.Kill()
		return fmt.Errorf("grantd was not ready after %s\n%s%s", Patience, p.stdout, p.stderr)
	}
}

// Stop sends SIGTERM, waits for the end and returns an error unless the exit
// code is 0 and the log is clean.
func (p *Process) Stop() error {
	err := p.Signal(syscall.SIGTERM)
	if err != nil {
		return err
	}
	state, err := p.Wait()
	if err != nil {
		return err
	}
	if state.ExitCode() != 0 {
		return fmt.Errorf("grantd ended with %v after SIGTERM, want exit status 0\n%s", state, p.stderr)
	}
	return p.checkLog()
}

// Kill ends the process as kill -9 does and waits until it is gone.
func (p *Process) Kill() error {
	err := p.cmd.Process.Kill()
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill grantd: %w", err)
	}
	<-p.done
	return p.checkLog()
}

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) error {
	err := p.cmd.Process.Signal(s)
	if err != nil {
		return fmt.Errorf("send %v to grantd: %w", s, err)
	}
	return nil
}

// Wait waits for the end of the process.
func (p *Process) Wait() (*os.ProcessState, error) {
	select {
	case <-p.done:
		return p.cmd.ProcessState, nil
	case <-time.After(Patience):
		_ = p.Kill()
		return nil, fmt.Errorf("grantd had not ended after %s", Patience)
	}
}

// Ended reports whether the process is gone.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Output returns what it wrote to standard output so far.
func (p *Process) Output() string { return p.stdout.String() }

// Log returns what it wrote to standard error so far.
func (p *Process) Log() string { return p.stderr.String() }

// Hide registers strings that must never turn up in the log. Credentials are
// looked for in base64 too, as Authorization: Basic carries them.
func (p *Process) Hide(secrets ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range secrets {
		if s != "" {
			p.secrets = append(p.secrets, s)
		}
	}
}

// HideKey registers the secret of a key in every form in which a client sends it.
func (p *Process) HideKey(k Key) {
	p.Hide(k.Secret, base64.StdEncoding.EncodeToString([]byte(k.ID+":"+k.Secret)))
}

func (p *Process) checkLog() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	log := p.Log()
	for _, s := range p.secrets {
		at := strings.Index(log, s)
		if at >= 0 {
			return fmt.Errorf("the log holds a secret: …%s", log[max(0, at-200):min(len(log), at+len(s)+50)])
		}
	}
	if strings.Contains(log, "panic") {
		return fmt.Errorf("the log holds a panic:\n%s", log)
	}
	return nil
}
