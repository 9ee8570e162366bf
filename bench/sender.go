package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// sender is one connection.
type sender struct {
	dialer    *dialer
	conn      wire
	script    script
	left      *atomic.Int64
	pace      pace
	body      []byte
	bad       int
	latencies []time.Duration
	statuses  map[int]int
}

// open connects.
func (s *sender) open(ctx context.Context) error {
	conn, err := s.dialer.dial(ctx)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", s.dialer.address, err)
	}
	s.conn = conn
	return nil
}

func (s *sender) close() {
	if s.conn != nil {
		s.conn.close()
	}
	s.conn = nil
}

// run sends on the open connection until ctx ends. What is under way then is waited
// for.
func (s *sender) run(ctx context.Context) error {
	for ctx.Err() == nil && s.left.Add(-1) >= 0 {
		if s.conn == nil {
			// The time that a server takes to accept again is the server's.
			err := s.open(context.WithoutCancel(ctx))
			if err != nil {
				return err
			}
		}
		due := s.pace.wait(ctx)
		if ctx.Err() != nil {
			return nil
		}
		closes, err := s.exchange(due)
		if err != nil {
			return fmt.Errorf("request %d on this connection to %s: %w", len(s.latencies)+1, s.dialer.address, err)
		}
		if closes {
			s.close()
		}
	}
	return nil
}

// exchange sends one request, which is late if the time it was due has passed, and
// reads its answer.
func (s *sender) exchange(due time.Time) (bool, error) {
	request := s.script.next()
	a, body, err := s.conn.exchange(request, s.body)
	if err != nil {
		return true, err
	}
	s.latencies = append(s.latencies, time.Since(due))
	s.statuses[a.status]++
	s.body = body
	if a.status < 200 || a.status > 299 || !s.script.heard(body) {
		s.bad++
	}
	return a.closes, nil
}

// pace says when the requests of a connection are due; the zero value says at once.
type pace struct {
	next     time.Time
	interval time.Duration
}

// paceOf spreads the requests of a load evenly over time and connections.
func (l load) paceOf(connection int, start time.Time) pace {
	if l.rate <= 0 {
		return pace{}
	}
	interval := time.Duration(float64(l.connections) / l.rate * float64(time.Second))
	return pace{next: start.Add(interval * time.Duration(connection) / time.Duration(l.connections)), interval: interval}
}

// wait waits until the next request is due, and returns the time from which its
// answer takes: when it was due if the connection was busy then, else now, since a
// timer that fires late is not the server's fault.
func (p *pace) wait(ctx context.Context) time.Time {
	if p.interval == 0 {
		return time.Now()
	}
	due := p.next
	p.next = p.next.Add(p.interval)
	left := time.Until(due)
	if left <= 0 {
		return due
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return time.Now()
}
