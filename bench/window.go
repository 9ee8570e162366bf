package main

import (
	"context"
	"fmt"
	"time"
)

// window compares the database before and after a load, and what the server
// asked of it during the load with an idle time of the same length.
type window struct {
	// unit is what the load was made of, such as a token.
	unit         string
	duration     time.Duration
	requests     int
	idle, loaded counters
	before       database
	after        database
}

// statementsEach is what the load added to the idle time's statements, for
// each of its requests.
func (w window) statementsEach() float64 {
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

// watch counts what the scripts cost the database.
func watch(ctx context.Context, g *grantd, unit string, what scripts, connections int, duration time.Duration) (window, error) {
	w := window{unit: unit, duration: duration}
	var err error
	w.before, err = readDatabase(ctx, g.data)
	if err != nil {
		return w, err
	}
	w.idle, err = g.during(ctx, func() error {
		return rest(ctx, duration)
	})
	if err != nil {
		return w, err
	}
	w.loaded, err = g.during(ctx, func() error {
		r, err := load{address: g.address, scripts: what, connections: connections, duration: duration}.run(ctx)
		w.requests = r.requests()
		if err == nil && (r.bad > 0 || w.requests == 0) {
			err = fmt.Errorf("%d of %d answers were not as they should be while the statements were counted", r.bad, w.requests)
		}
		return err
	})
	if err != nil {
		return w, err
	}
	w.after, err = readDatabase(ctx, g.data)
	return w, err
}

// rest waits.
func rest(ctx context.Context, duration time.Duration) error {
	select {
	case <-ctx.Done():
	case <-time.After(duration):
	}
	return ctx.Err()
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
