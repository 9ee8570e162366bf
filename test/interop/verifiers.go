package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
)

// algorithms are those that tokens can be signed by, and columns of the table of
// verifiers.
var algorithms = []string{"ES256", "RS256", "PS256", "EdDSA"}

// manners are the other columns: what every verifier has to refuse or to follow.
var manners = []struct{ name, shows string }{
	{"tampered", "a token with a changed claim, with a changed signature or without one is refused"},
	{"expired", "a token that lives two seconds is accepted, and refused one second after its end"},
	{"audience", "a good token for another API is refused"},
	{"issuer", "a token of another issuer, signed with the same key, is refused"},
	{"rotation", "the signing key is replaced while the verifier runs; within 35 seconds it accepts a token of the new key, and it still accepts one of the old"},
}

func verifierFeatureNames() []string {
	list := slices.Clone(algorithms)
	for _, m := range manners {
		list = append(list, m.name)
	}
	return list
}

// inquiry is all that is done with one verifier.
type inquiry struct {
	row      *row
	features []string

	mu sync.Mutex
	// hearings are one for each algorithm, and one for the rotation.
	hearings []*hearing
}

// crowd is how many verifiers run at a time: most of them wait most of the time.
// Only as many as there are jobs start at once.
const crowd = 8

// runVerifiers hears the verifiers, and then all again while the keys are rotated.
func (m *matrix) runVerifiers(ctx context.Context, cells []cell, ca *authority, rep *report) error {
	inquiries := inquire(cells)
	if len(inquiries) == 0 {
		return nil
	}
	issuer, err := newIssuer(ca, filepath.Join(filepath.Dir(ca.file), "issuer"))
	if err != nil {
		return err
	}
	h := &hall{matrix: m, issuer: issuer, starting: make(chan struct{}, m.jobs)}
	h.hearAll(ctx, inquiries)
	err = h.rotate(ctx, inquiries)
	if err != nil {
		rep.faults = append(rep.faults, err)
	}
	progress := newProgress(m.out, cells)
	for _, q := range inquiries {
		for _, feature := range q.features {
			r := q.result(feature)
			rep.results = append(rep.results, r)
			progress.done(r)
		}
	}
	err = issuer.close()
	if err != nil {
		rep.faults = append(rep.faults, err)
	}
	return ctx.Err()
}

// inquire gathers the cells of each verifier.
func inquire(cells []cell) []*inquiry {
	var list []*inquiry
	for _, c := range cells {
		if len(list) == 0 || list[len(list)-1].row != c.row {
			list = append(list, &inquiry{row: c.row})
		}
		q := list[len(list)-1]
		q.features = append(q.features, c.feature)
	}
	return list
}

// algorithms returns those that have to be heard for the features wanted.
func (q *inquiry) algorithms() []string {
	var list []string
	for _, name := range algorithms {
		// A manner is shown with every algorithm that works.
		byManner := q.row.states[name].verdict == works &&
			slices.ContainsFunc(q.features, func(f string) bool { return f != "rotation" && !slices.Contains(algorithms, f) })
		if slices.Contains(q.features, name) || byManner {
			list = append(list, name)
		}
	}
	return list
}

func (q *inquiry) add(h *hearing) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.hearings = append(q.hearings, h)
}

// result is the first flaw that any algorithm showed.
func (q *inquiry) result(feature string) result {
	r := result{row: q.row, feature: feature, broken: errUnheard}
	slices.SortStableFunc(q.hearings, func(a, b *hearing) int {
		return slices.Index(algorithms, a.algorithm) - slices.Index(algorithms, b.algorithm)
	})
	for _, h := range q.hearings {
		r.evidence += h.evidence()
		flaw, heard := h.flaws[feature]
		if heard {
			r.broken = nil
		}
		if flaw != nil && r.flaw == nil {
			r.flaw = fmt.Errorf("%s: %w", h.algorithm, flaw)
		}
	}
	return r
}

// errUnheard is no failure that could be declared: the feature was not tried.
var errUnheard = errors.New("it never got so far")
