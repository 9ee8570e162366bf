package main

import (
	"context"
	"fmt"
	"time"
)

// window compares the database before and after a load, and what the server
// asked of it during the load with an idle time of the same length.
type window struct {
	duration     time.Duration
	requests     int
	idle, loaded counters
	before       database
	after        database
}

// statementsPerToken is what the load added to the idle time's statements, for
// each of its requests.
func (w window) statementsPerToken() float64 {
	return max(0, w.loaded.total()-w.idle.total()) / float64(w.requests)
}

// growth returns what the load added, in rows when they could be counted, else
// in bytes.
func (w window) growth() (int64, string) {
	if w.before.rows >= 0 {
		return w.after.rows - w.before.rows, "rows"
	}
	return w.after.size - w.before.size, "bytes"
}

func watch(ctx context.Context, g *grantd, request []byte, connections int, duration time.Duration) (window, error) {
	w := window{duration: duration}
	var err error
	w.before, err = readDatabase(ctx, g.data)
	if err != nil {
		return w, err
	}
	w.idle, err = g.during(ctx, func() error {
		select {
		case <-ctx.Done():
		case <-time.After(duration):
		}
		return ctx.Err()
	})
	if err != nil {
		return w, err
	}
	w.loaded, err = g.during(ctx, func() error {
		r, err := load{address: g.address, request: request, connections: connections, duration: duration}.run(ctx)
		w.requests = r.requests()
		if err == nil && (r.bad > 0 || w.requests == 0) {
			err = fmt.Errorf("%d of %d answers were not 2xx while the statements were counted", r.bad, w.requests)
		}
		return err
	})
	if err != nil {
		return w, err
	}
	w.after, err = readDatabase(ctx, g.data)
	return w, err
}

// during returns the statements the server ran while f did.
func (g *grantd) during(ctx context.Context, f func() error) (counters, error) {
	before, err := g.statements(ctx)
	if err != nil {
		return nil, err
	}
	err = f()
	if err != nil {
		return nil, err
	}
	after, err := g.statements(ctx)
	return after.since(before), err
}
