package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// node is one grantd. What happens to it is noted in the history of the moment.
type node struct {
	name    string
	host    *host
	address string
	metrics string
	binary  string
	dir     string
	env     []string
	process *process

	client *http.Client
	admin  *http.Client
}

// secretsOfCluster are what all nodes have in common.
func secretsOfCluster(database string) []string {
	secret := func() string {
		b := make([]byte, 32)
		_, _ = rand.Read(b) // crypto/rand's Read never fails
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return []string{"GRANTD_MASTER_KEY=" + secret(), "GRANTD_PEPPER=" + secret(), "GRANTD_DATABASE_URL=" + database}
}

func newNode(h *host, dir, binary string, env []string) (*node, error) {
	n := &node{name: h.name, host: h, dir: filepath.Join(dir, h.name), binary: binary, env: env}
	n.address, n.metrics = h.ip+":8080", h.ip+":8081"
	if !h.real {
		var err error
		for _, address := range []*string{&n.address, &n.metrics} {
			*address, err = blackbox.FreeAddress()
			if err != nil {
				return nil, err
			}
		}
	}
	n.client = &http.Client{
		// Long beside what an answer takes, and a little longer than a node gives its database.
		Timeout: 7 * time.Second,
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			MaxIdleConnsPerHost: 64,
		},
	}
	socket := filepath.Join(n.dir, "admin.sock")
	n.admin = &http.Client{
		Timeout: 20 * time.Second,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "unix", socket)
			},
		},
	}
	return n, os.MkdirAll(n.dir, 0o700)
}

// issuer is that of all nodes; TLS is the business of what stands before them.
const issuer = "https://auth.cluster.example"

func (n *node) start() error {
	var err error
	n.process, err = launch{
		host: n.host, log: n.dir + ".log", env: n.env, program: n.binary,
		args: []string{"serve", "--data", n.dir, "--issuer", issuer, "--listen", n.address, "--admin-listen", n.metrics},
	}.start()
	if err != nil {
		return err
	}
	err = await(n.name+" is ready", patience, func() bool { return n.process.ended() || n.ready() })
	if err == nil && n.process.ended() {
		err = errors.New("it ended")
	}
	if err != nil {
		return fmt.Errorf("start %s: %w\n%s", n.name, err, n.process.tail())
	}
	return nil
}

func (n *node) ready() bool {
	resp, err := n.client.Get("http://" + n.address + "/readyz")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// remove ends the node at the end of all.
func (n *node) remove() error {
	if n.process == nil || n.process.ended() {
		return nil
	}
	err := errors.Join(n.process.signal(syscall.SIGCONT), n.process.end(syscall.SIGTERM))
	if err == nil && n.process.cmd.ProcessState.ExitCode() != 0 {
		err = fmt.Errorf("%s ended with %v after SIGTERM\n%s", n.name, n.process.cmd.ProcessState, n.process.tail())
	}
	return err
}

// flaws looks for what must not be in a log.
func (n *node) flaws(secrets []string) []string {
	text, err := os.ReadFile(n.dir + ".log")
	if err != nil {
		return []string{err.Error()}
	}
	var flaws []string
	for _, s := range append(secrets, "panic:", "DATA RACE") {
		at := strings.Index(string(text), s)
		if at >= 0 {
			flaws = append(flaws, fmt.Sprintf("the log of %s holds what it must not: …%s", n.name, text[max(0, at-200):min(len(text), at+100)]))
		}
	}
	return flaws
}
