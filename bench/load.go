package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The generator never runs longer than this, whatever it is asked for.
const (
	maxDuration    = 10 * time.Minute
	maxRequests    = 50_000_000
	maxConnections = 4096
)

// load is one run of the generator: requests one after the other on each of a
// number of connections, which are kept open.
type load struct {
	// address is host:port; the host must be a loopback one.
	address     string
	scripts     scripts
	connections int
	duration    time.Duration
	// requests ends the run early; zero means only time does.
	requests int64
}

// result is what a run saw.
type result struct {
	elapsed time.Duration
	// bad counts the answers other than 2xx, and those that the script did not
	// want.
	bad int
	// latencies are sorted; there is one for every answer.
	latencies []time.Duration
}

func (r result) requests() int { return len(r.latencies) }

func (r result) rate() float64 {
	if r.elapsed <= 0 {
		return 0
	}
	return float64(r.requests()) / r.elapsed.Seconds()
}

// loopback returns the address with its host as a loopback IP address, or an
// error: this generator is no weapon.
func loopback(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("%s is not a loopback address; the generator sends to this machine only", address)
	}
	return net.JoinHostPort(ip.String(), port), nil
}

// run sends until the time or the number of requests is reached, or ctx ends.
func (l load) run(ctx context.Context) (result, error) {
	address, err := loopback(l.address)
	if err != nil {
		return result{}, err
	}
	if l.connections < 1 || l.connections > maxConnections || l.duration <= 0 || l.duration > maxDuration {
		return result{}, fmt.Errorf("%d connections for %s: at least 1 and at most %d for at most %s",
			l.connections, l.duration, maxConnections, maxDuration)
	}
	left := atomic.Int64{}
	left.Store(maxRequests)
	if l.requests > 0 {
		left.Store(min(l.requests, maxRequests))
	}
	start := time.Now()
	ctx, cancel := context.WithDeadline(ctx, start.Add(l.duration))
	defer cancel()

	senders := make([]sender, l.connections)
	errs := make([]error, l.connections)
	var running sync.WaitGroup
	for i := range senders {
		senders[i] = sender{address: address, script: l.scripts(i), left: &left}
		running.Go(func() { errs[i] = senders[i].run(ctx) })
	}
	running.Wait()
	total := result{elapsed: time.Since(start)}
	for i := range senders {
		total.bad += senders[i].bad
		total.latencies = append(total.latencies, senders[i].latencies...)
	}
	slices.Sort(total.latencies)
	return total, errors.Join(errs...)
}

// sender is one connection.
type sender struct {
	address   string
	script    script
	left      *atomic.Int64
	body      []byte
	bad       int
	latencies []time.Duration
}

// patience is how long one answer may take after the run has ended.
const patience = 10 * time.Second

func (s *sender) run(ctx context.Context) error {
	var conn net.Conn
	var reader *bufio.Reader
	defer func() {
		if conn != nil {
			conn.Close()
		}
	}()
	for ctx.Err() == nil && s.left.Add(-1) >= 0 {
		if conn == nil {
			fresh, err := s.dial(ctx)
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return err
			}
			conn, reader = fresh, bufio.NewReader(fresh)
		}
		closes, err := s.exchange(conn, reader)
		if err != nil {
			return fmt.Errorf("request %d on this connection to %s: %w", len(s.latencies)+1, s.address, err)
		}
		if closes {
			conn.Close()
			conn = nil
		}
	}
	return nil
}

func (s *sender) dial(ctx context.Context) (net.Conn, error) {
	dialer := net.Dialer{}
	conn, err := dialer.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, err
	}
	end, _ := ctx.Deadline()
	return conn, conn.SetDeadline(end.Add(patience))
}

// exchange sends one request and reads its answer.
func (s *sender) exchange(conn net.Conn, reader *bufio.Reader) (bool, error) {
	request := s.script.next()
	start := time.Now()
	_, err := conn.Write(request)
	if err != nil {
		return true, err
	}
	a, body, err := readAnswer(reader, s.body)
	if err != nil {
		return true, err
	}
	s.latencies = append(s.latencies, time.Since(start))
	s.body = body
	if a.status < 200 || a.status > 299 || !s.script.heard(body) {
		s.bad++
	}
	return a.closes, nil
}
