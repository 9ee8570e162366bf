package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
)

// runClients runs the cells, one at a time in each slot.
func (m *matrix) runClients(ctx context.Context, cells []cell, ca *authority, g *golden, rep *report) error {
	if len(cells) == 0 {
		return nil
	}
	results := make([]result, len(cells))
	todo := make(chan int)
	slots, err := m.openSlots(ca)
	defer closeSlots(slots, rep)
	if err != nil {
		return err
	}
	var workers sync.WaitGroup
	progress := newProgress(m.out, cells)
	for _, s := range slots {
		workers.Go(func() {
			for i := range todo {
				results[i] = m.runCell(ctx, s, cells[i], g)
				progress.done(results[i])
			}
		})
	}
	for i := range cells {
		if ctx.Err() != nil {
			break
		}
		todo <- i
	}
	close(todo)
	workers.Wait()
	rep.results = append(rep.results, results...)
	return ctx.Err()
}

func (m *matrix) openSlots(ca *authority) ([]*slot, error) {
	var slots []*slot
	for i := range m.jobs {
		s, err := newSlot(ca, filepath.Join(filepath.Dir(ca.file), fmt.Sprint("slot", i)))
		if err != nil {
			return slots, err
		}
		slots = append(slots, s)
	}
	return slots, nil
}

func closeSlots(slots []*slot, rep *report) {
	for _, s := range slots {
		err := s.close()
		if err != nil {
			rep.faults = append(rep.faults, err)
		}
	}
}

func (m *matrix) runCell(ctx context.Context, s *slot, c cell, g *golden) result {
	at := slices.IndexFunc(clientFeatures, func(f feature) bool { return f.name == c.feature })
	t, err := s.try(ctx, c.row, clientFeatures[at], m.root, m.limit)
	r := result{row: c.row, feature: c.feature, flaw: err, evidence: t.evidence()}
	if errors.Is(err, errNoAnswer) {
		r.broken = err
	}
	if r.red() == nil {
		// Only a shape that is known to be good is worth keeping.
		r.broken = g.check(c, t.shape())
	}
	return r
}
