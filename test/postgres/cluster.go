package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// Options say what a cluster is like. The zero value is right for most tests.
type Options struct {
	// Release is one of the constants; empty is Release15.
	Release string
	// Settings are further settings of the server, name=value.
	Settings []string
	// Durable waits for the disk. Without it a crash of the machine may lose data,
	// a crash of PostgreSQL never does.
	Durable bool
}

// Cluster is one cluster. Its superuser is grantd. On the loopback interface nobody
// needs a password but members of the role [Guarded], if there is one.
type Cluster struct {
	// Port is where it listens, on 127.0.0.1.
	Port int

	dir      string
	binaries string
	settings []string
	account  *account
	server   *server
}

// Superuser is who owns a cluster.
const Superuser = "grantd"

// New makes a cluster and starts it. The caller ends it with [Cluster.Remove].
func New(o Options) (*Cluster, error) {
	if o.Release == "" {
		o.Release = Release15
	}
	c := &Cluster{}
	err := c.make(o)
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return nil, errors.Join(err, c.Remove())
	}
	return c, nil
}

func (c *Cluster) make(o Options) error {
	var err error
	c.binaries, err = binaries(o.Release)
	if err != nil {
		return err
	}
	c.account, err = unprivileged()
	if err != nil {
		return err
	}
	// The path of a Unix socket has room for 100 bytes; names of tests are longer.
	c.dir, err = os.MkdirTemp("", "pg")
	if err != nil {
		return err
	}
	err = c.bringBinaries()
	if err != nil {
		return err
	}
	err = c.account.own(c.dir)
	if err != nil {
		return err
	}
	c.Port, err = freePort()
	if err != nil {
		return err
	}
	c.settings = []string{
		"port=" + strconv.Itoa(c.Port), "listen_addresses=127.0.0.1", "unix_socket_directories=" + c.dir,
		"max_connections=200", "shared_buffers=64MB", "log_min_messages=fatal", "log_min_error_statement=fatal", "jit=off",
		// Tests meet deadlocks on purpose.
		"deadlock_timeout=100ms",
	}
	if !o.Durable {
		c.settings = append(c.settings, "fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
	}
	c.settings = append(c.settings, o.Settings...)
	err = c.initialize()
	if err != nil {
		return err
	}
	return c.secure()
}

// bringBinaries copies the programs when they lie where the account cannot get.
func (c *Cluster) bringBinaries() error {
	if c.account.reaches(c.binaries) {
		return nil
	}
	whole := filepath.Join(c.dir, "programs")
	err := os.CopyFS(whole, os.DirFS(filepath.Dir(c.binaries)))
	if err != nil {
		return fmt.Errorf("copy PostgreSQL: %w", err)
	}
	c.binaries = filepath.Join(whole, "bin")
	return nil
}

func (c *Cluster) initialize() error {
	cmd := exec.Command(
		filepath.Join(c.binaries, "initdb"), "--pgdata", c.data(), "--username", Superuser, "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions",
	)
	cmd.Dir = c.dir
	cmd.SysProcAttr = c.account.child(syscall.SIGKILL)
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, output)
	}
	return nil
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// Start starts the cluster again after [Cluster.Stop] or [Cluster.Kill].
func (c *Cluster) Start() error {
	args := []string{"-D", c.data()}
	for _, setting := range c.settings {
		args = append(args, "-c", setting)
	}
	var err error
	c.server, err = launch(
		c.account, syscall.SIGQUIT, filepath.Join(c.dir, "log"), c.ready, filepath.Join(c.binaries, "postgres"), args...,
	)
	return err
}

// ready looks into the file in which PostgreSQL says how far it is.
func (c *Cluster) ready() bool {
	content, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	lines := bytes.Split(content, []byte("\n"))
	return err == nil && len(lines) > 7 && bytes.HasPrefix(lines[7], []byte("ready"))
}

// Stop ends the cluster as an operator would, without waiting for its clients.
func (c *Cluster) Stop() error { return c.server.signal(syscall.SIGINT) }

// Crash ends the cluster at once, as kill -9 of all its processes would.
func (c *Cluster) Crash() error { return c.server.signal(syscall.SIGQUIT) }

// Remove ends the cluster and removes it.
func (c *Cluster) Remove() error {
	var err error
	if c.server != nil {
		err = c.server.signal(syscall.SIGQUIT)
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}

// URL is where a database of the cluster is, for a user.
func (c *Cluster) URL(user, database string) string { return address(c.Port, user, database) }

func address(port int, user, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User(user), Host: fmt.Sprintf("127.0.0.1:%d", port), Path: "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}
