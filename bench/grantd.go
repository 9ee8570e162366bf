package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// grantd is a running server under test.
type grantd struct {
	*process
	program string
	data    string
	// address and admin are the host:port of the two listeners.
	address, admin string
}

// loadWithin is how long a start may take.
const loadWithin = 10 * time.Minute

// issuer is the same at every start, so that tokens outlive one.
const issuer = "https://auth.bench.example"

// startGrantd starts the server with production settings on a data directory,
// which may be new; more are flags of serve.
func startGrantd(ctx context.Context, program, data string, more ...string) (*grantd, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	admin, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p, err := launch{
		program: program,
		args:    append([]string{"serve", "--data", data, "--listen", address, "--admin-listen", admin, "--issuer", issuer}, more...),
		log:     filepath.Clean(data) + ".log",
		// A great many keys take their time.
		within: loadWithin,
	}.start(ctx)
	if err != nil {
		return nil, err
	}
	return &grantd{process: p, program: program, data: data, address: address, admin: admin}, nil
}

// freeAddress finds a loopback port.
func freeAddress(ctx context.Context) (string, error) {
	config := net.ListenConfig{}
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func (g *grantd) command(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, g.program, args...)
	complaint := bytes.Buffer{}
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("grantd %s: %w: %s", strings.Join(args[:2], " "), err, strings.TrimSpace(complaint.String()))
	}
	return out, nil
}
