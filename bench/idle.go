package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// idleConnections is what connections cost that were used once and are kept open.
type idleConnections struct {
	count int
	// ours and limits are what they add to the resident memory of grantd, and of the
	// form limit server, in bytes.
	ours, limits int64
}

const (
	manyConnections = 10_000
	// otherFiles is how many files a process has open beside its connections.
	otherFiles = 100
)

// measureIdle opens many connections to a server that has done nothing yet, and to a
// limit server of the same kind.
func (r runner) measureIdle(ctx context.Context, folder, data string, t tenants, e examples) (idleConnections, error) {
	result := idleConnections{count: manyConnections}
	limit := syscall.Rlimit{}
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	if err != nil {
		return result, err
	}
	result.count = min(result.count, int(min(limit.Cur, 1<<20))-otherFiles)
	running, err := startLimits(ctx, folder, []imitation{{limitForm, form, e.jwt, ""}})
	defer running.stop()
	if err != nil {
		return result, err
	}
	g, err := startGrantd(ctx, r.program, data)
	if err != nil {
		return result, err
	}
	request := postRequest(g.address, t.jwt)
	result.ours, err = addedByIdle(ctx, g.address, g.pid(), result.count, request)
	if err == nil {
		result.limits, err = addedByIdle(ctx, running.host(limitForm), running[limitForm].pid(), result.count, request)
	}
	return result, errors.Join(err, g.stop())
}

// addedByIdle is how much more memory a process holds while so many connections are
// open, each of which has brought one request.
func addedByIdle(ctx context.Context, address string, pid, count int, request []byte) (int64, error) {
	address, err := loopback(address)
	if err != nil {
		return 0, err
	}
	err = rest(ctx, idleFor)
	if err != nil {
		return 0, err
	}
	before, _, err := resident(pid)
	if err != nil {
		return 0, err
	}
	dial := newDialer(address, plain, nil, time.Minute)
	buffer := make([]byte, 0, 1<<10)
	for range count {
		conn, err := dial.dial(ctx)
		if err != nil {
			return 0, err
		}
		defer conn.close()
		var a answer
		a, buffer, err = conn.exchange(request, buffer)
		if err != nil || a.status != 200 || a.closes {
			return 0, fmt.Errorf("answer %d of a connection that is to be idle: %w", a.status, err)
		}
	}
	err = rest(ctx, idleFor)
	if err != nil {
		return 0, err
	}
	after, _, err := resident(pid)
	return after - before, err
}
