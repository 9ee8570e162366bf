package main

import (
	"context"
	"crypto/x509"
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
	// rate is how many requests a second fall due, spread over the connections; zero
	// means that each is sent when the one before is answered.
	rate float64
	// protocol is how they are sent, and roots who may have signed the server's
	// certificate.
	protocol protocol
	roots    *x509.CertPool
}

// result is what a run saw.
type result struct {
	elapsed time.Duration
	// bad counts the answers other than 2xx, and those that the script did not
	// want.
	bad int
	// latencies are sorted; there is one for every answer.
	latencies []time.Duration
	// statuses counts the answers by their status.
	statuses map[int]int
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
	dial := newDialer(address, l.protocol, l.roots, l.duration)
	defer dial.close()
	senders := make([]sender, l.connections)
	for i := range senders {
		senders[i] = sender{dialer: dial, script: l.scripts(i), left: &left, statuses: map[int]int{}}
		defer senders[i].close()
	}
	// The time starts when all are connected.
	err = inParallel(senders, func(s *sender) error { return s.open(ctx) })
	if err != nil {
		return result{}, err
	}
	start := time.Now()
	ctx, cancel := context.WithDeadline(ctx, start.Add(l.duration))
	defer cancel()
	for i := range senders {
		senders[i].pace = l.paceOf(i, start)
	}
	err = inParallel(senders, func(s *sender) error { return s.run(ctx) })
	return gather(senders, time.Since(start)), err
}

// inParallel returns one error of those that there were: they are alike.
func inParallel(senders []sender, do func(s *sender) error) error {
	errs := make([]error, len(senders))
	var running sync.WaitGroup
	for i := range senders {
		running.Go(func() { errs[i] = do(&senders[i]) })
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// gather is what all connections saw together.
func gather(senders []sender, elapsed time.Duration) result {
	total := result{elapsed: elapsed, statuses: map[int]int{}}
	for i := range senders {
		total.bad += senders[i].bad
		total.latencies = append(total.latencies, senders[i].latencies...)
		for status, count := range senders[i].statuses {
			total.statuses[status] += count
		}
	}
	slices.Sort(total.latencies)
	return total
}
