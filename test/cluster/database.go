package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/grantd/grantd/test/postgres"
)

// database is one PostgreSQL on a host of its own.
type database struct {
	host    *host
	url     string
	cluster *postgres.Cluster
}

// everyone lets all hosts in.
const everyone = "host all all 0.0.0.0/0 trust\nlocal all all trust\n"

func newDatabase(h *host, dir string) (*database, error) {
	rules := filepath.Join(dir, "pg_hba.conf")
	err := os.WriteFile(rules, []byte(everyone), 0o644)
	if err != nil {
		return nil, err
	}
	d := &database{host: h}
	err = h.on(func() error {
		d.cluster, err = postgres.New(postgres.Options{Settings: []string{
			"listen_addresses=" + h.ip, "hba_file=" + rules,
			"shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_utility=on",
		}})
		return err
	})
	if err != nil {
		return nil, err
	}
	d.url = fmt.Sprintf("postgres://%s@%s:%d/postgres?sslmode=disable", postgres.Superuser, h.ip, d.cluster.Port)
	return d, nil
}

func (d *database) data() string {
	return filepath.Join(filepath.Dir(d.cluster.CertificateFile()), "data")
}

// start starts it again.
func (d *database) start() error { return d.host.on(d.cluster.Start) }

// processes are the postmaster and all of its children.
func (d *database) processes() ([]int, error) { return serverProcesses(d.data()) }

// serverProcesses finds the processes of a PostgreSQL server by its data directory.
func serverProcesses(data string) ([]int, error) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(first)
	if err != nil {
		return nil, fmt.Errorf("read postmaster.pid: %w", err)
	}
	pids := []int{postmaster}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it is gone
		}
		// The name of the program may hold anything but ends with the last parenthesis.
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if len(fields) > 1 && fields[1] == first {
			pids = append(pids, pid)
		}
	}
	return pids, err
}

// signalAll sends a signal to all processes of a server, the postmaster first, so
// that it begins no others.
func signalAll(data string, s syscall.Signal) error {
	pids, err := serverProcesses(data)
	if err != nil {
		return err
	}
	for _, pid := range pids {
		err = syscall.Kill(pid, s)
		if err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// kill ends all processes at once, none of which can do anything about it.
func (d *database) kill() error {
	err := signalAll(d.data(), syscall.SIGKILL)
	if err == nil {
		err = d.cluster.Crash() // gathers it
	}
	// What it says there, that it is ready, is not true any more.
	return errors.Join(err, os.Remove(filepath.Join(d.data(), "postmaster.pid")))
}

// query asks PostgreSQL itself, through psql.
func query(url, text string) (string, error) {
	cmd := exec.Command("psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text)
	cmd.Env = append(environment(), "PGCONNECT_TIMEOUT=2")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("psql: %w\n%s", err, out)
	}
	return strings.TrimSpace(string(out)), nil
}
