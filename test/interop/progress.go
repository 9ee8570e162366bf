package main

import (
	"fmt"
	"io"
	"sync"
)

// progress prints a line when the last cell of a row has its result.
type progress struct {
	mu   sync.Mutex
	out  io.Writer
	left map[*row]int
	red  map[*row]int
	all  map[*row]int
}

func newProgress(out io.Writer, cells []cell) *progress {
	p := &progress{out: out, left: map[*row]int{}, red: map[*row]int{}, all: map[*row]int{}}
	for _, c := range cells {
		p.left[c.row]++
		p.all[c.row]++
	}
	return p
}

func (p *progress) done(r result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left[r.row]--
	if r.red() != nil {
		p.red[r.row]++
	}
	if p.left[r.row] == 0 {
		fmt.Fprintf(p.out, "%-45s %2d as declared, %d not\n", r.row.ecosystem+"/"+r.row.slug, p.all[r.row]-p.red[r.row], p.red[r.row])
	}
}
