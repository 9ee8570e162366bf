package main

import (
	"io"
	"testing"
	"time"
)

func TestFlagsOfARun(t *testing.T) {
	tests := []struct {
		name            string
		args            []string
		duration        time.Duration
		keys            int
		peers, document string
		plot            string
		bad             bool
	}{
		{name: "all of it", duration: time.Second, keys: 1_000_000, peers: "bench/peers", document: "docs/performance.md", plot: "docs/performance.svg"},
		{name: "a quick look", args: []string{"-short"}, duration: 300 * time.Millisecond, keys: 200_000},
		{name: "a quick look with something of its own", args: []string{"-short", "-duration", "2s", "-document", "x.md"}, duration: 2 * time.Second, keys: 200_000, document: "x.md", plot: "x.svg"},
		{name: "some rows are not the whole", args: []string{"-only", "opaque"}, duration: time.Second, keys: 1_000_000, peers: "bench/peers"},
		{name: "no rounds", args: []string{"-rounds", "0"}, bad: true},
		{name: "no expression", args: []string{"-only", "("}, bad: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := parseRun(test.args, io.Discard)
			if (err != nil) != test.bad {
				t.Fatalf("got %v", err)
			}
			if test.bad {
				return
			}
			if r.duration != test.duration || r.keys != test.keys || r.peers != test.peers || r.document != test.document || r.plot != test.plot {
				t.Errorf("got %s, %d keys, peers %q, document %q, plot %q", r.duration, r.keys, r.peers, r.document, r.plot)
			}
		})
	}
}
