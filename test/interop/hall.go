package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// hall is where verifiers are heard.
type hall struct {
	*matrix
	issuer *issuer
	// starting is held by those that start, which takes a processor.
	starting chan struct{}
}

// hearAll hears each verifier once for each algorithm.
func (h *hall) hearAll(ctx context.Context, inquiries []*inquiry) {
	var all sync.WaitGroup
	room := make(chan struct{}, crowd)
	for _, q := range inquiries {
		for _, algorithm := range q.algorithms() {
			room <- struct{}{}
			all.Go(func() {
				defer func() { <-room }()
				v := h.open(ctx, q, algorithm)
				v.hear(ctx)
				v.close(algorithm)
			})
		}
	}
	all.Wait()
}

// open starts a verifier and shows it a first token. Whether it takes that is
// the flaw of the algorithm.
func (h *hall) open(ctx context.Context, q *inquiry, algorithm string) *hearing {
	h.starting <- struct{}{}
	defer func() { <-h.starting }()
	v := &hearing{
		row: q.row, algorithm: algorithm, issuer: h.issuer, limit: h.limit, patience: h.patience, flaws: map[string]error{},
		topic: topic{algorithm, q.row.verifier.Typ == "JWT", false},
	}
	q.add(v)
	v.flaws[algorithm] = v.start(ctx, h.root)
	if v.flaws[algorithm] == nil {
		v.flaws[algorithm] = v.accepts("a good token", h.issuer.speaker)
	}
	return v
}

// rotate starts every verifier anew, replaces the signing keys once for all of
// them, and looks which can follow.
func (h *hall) rotate(ctx context.Context, inquiries []*inquiry) error {
	rotations := map[*inquiry]*hearing{}
	old := map[*inquiry]string{}
	var used []string
	for _, q := range inquiries {
		if !slices.Contains(q.features, "rotation") {
			continue
		}
		algorithm := q.row.verifier.Algorithms[0]
		used = append(used, algorithm)
		rotations[q] = h.open(ctx, q, algorithm)
		token, err := h.issuer.mint(h.issuer.speaker, rotations[q].topic.scope())
		if err != nil {
			return err
		}
		old[q] = token
	}
	slices.Sort(used)
	for _, algorithm := range slices.Compact(used) {
		_, err := h.issuer.cli("signing-key", "rotate", "--now", "--alg", algorithm)
		if err != nil {
			return err
		}
	}
	var all sync.WaitGroup
	for q, v := range rotations {
		all.Go(func() {
			flaws := map[string]error{}
			if v.flaws[v.algorithm] == nil {
				flaws["rotation"] = v.follows(ctx, old[q])
			}
			// What the hearing before has settled is not asked again.
			v.flaws = flaws
			v.close("rotation")
		})
	}
	all.Wait()
	return nil
}

// follows: a token of the new key is accepted in time, and one of the old key still.
func (v *hearing) follows(ctx context.Context, old string) error {
	deadline := time.After(v.patience)
	for {
		err := v.accepts("a token of the new key", v.issuer.speaker)
		if err == nil {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			return fmt.Errorf("within %s: %w", v.patience, err)
		case <-time.After(time.Second):
		}
	}
	verdict, err := v.ask("a token of the old key", old)
	if err == nil && !verdict.OK {
		err = errors.New("it no longer accepts a token of the old key: " + verdict.Error)
	}
	return err
}
