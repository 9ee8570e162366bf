package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// patience is how long a server may take for what usually takes milliseconds.
const patience = 30 * time.Second

// server is a program that runs until it is ended.
type server struct {
	cmd  *exec.Cmd
	done chan struct{}
	log  string
}

// launch starts a program, and returns when it is ready.
func launch(a *account, end syscall.Signal, log string, ready func() bool, program string, args ...string) (*server, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s := &server{cmd: exec.Command(program, args...), done: make(chan struct{}), log: log}
	s.cmd.Dir = filepath.Dir(log)
	s.cmd.Stdout, s.cmd.Stderr = file, file
	s.cmd.SysProcAttr = a.child(end)
	err = s.cmd.Start()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() {
		_ = s.cmd.Wait() // it is ended by a signal
		close(s.done)
	}()
	for deadline := time.Now().Add(patience); !ready(); {
		select {
		case <-s.done:
			return nil, s.failure("ended before it was ready")
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return nil, errors.Join(s.failure("was not ready in time"), s.signal(syscall.SIGKILL))
		}
	}
	return s, nil
}

// failure says what happened, with the end of the server's own log.
func (s *server) failure(what string) error {
	log, _ := os.ReadFile(s.log)
	return fmt.Errorf("%s %s\n%s", s.cmd.Path, what, log[max(0, len(log)-2000):])
}

// signal ends the server with a signal and waits until it is gone.
func (s *server) signal(how syscall.Signal) error {
	err := s.cmd.Process.Signal(how)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end %s: %w", s.cmd.Path, err)
	}
	select {
	case <-s.done:
		return nil
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		return s.failure("did not end")
	}
}
