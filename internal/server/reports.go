package server

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/telemetry"
)

// silentFor is after which time a node that says nothing is forgotten.
const silentFor = 24 * time.Hour

// reports tell all nodes how this one is: each has what the others say in the store.
type reports struct {
	store interface {
		ReportNode(ctx context.Context, r store.NodeReport, silentSince time.Time) error
		RemoveNode(ctx context.Context, node store.NodeID) error
	}
	// figures are those of token requests.
	figures func() (telemetry.Figures, error)
	// about is what there is to say beside the figures.
	about func() store.NodeReport
	now   func() time.Time

	// before are the figures of the last report, which was at.
	before telemetry.Figures
	at     time.Time
}

func (s *Server) reports() *reports {
	describe := s.describe()
	name, _ := os.Hostname() // without one, the id is all there is
	return &reports{
		store:   s.Store,
		figures: func() (telemetry.Figures, error) { return s.metrics.Figures(tokenPath) },
		about: func() store.NodeReport {
			n := describe()
			return store.NodeReport{Node: s.node, Name: name, Version: n.Version, StartedAt: n.Started, Staleness: n.Staleness, Keys: n.Keys}
		},
		now: s.Now,
		at:  s.Now(),
	}
}

// Report writes down how this node is, and what it did since the last report that could
// be written. No request waits for it.
func (r *reports) Report(ctx context.Context) error {
	now := r.now()
	all, err := r.figures()
	if err != nil {
		return err
	}
	since, report := all.Since(r.before), r.about()
	report.ReportedAt, report.Period = now, now.Sub(r.at)
	report.Tokens, report.Failures = int64(since.OK), int64(since.Failed) //nolint:gosec // G115: never so many
	report.Mean, report.P99 = since.Mean(), since.AtMost(.99)
	err = r.store.ReportNode(ctx, report, now.Add(-silentFor))
	if err != nil {
		return fmt.Errorf("report how this node is: %w", err)
	}
	r.before, r.at = all, now
	return nil
}

// Leave takes back what this node has said: it has ended, and is not silent.
func (r *reports) Leave(ctx context.Context) error {
	err := r.store.RemoveNode(ctx, r.about().Node)
	if err != nil {
		return fmt.Errorf("take back how this node is: %w", err)
	}
	return nil
}

// leave bounds how long a store that hangs holds up the end.
func (u *upkeep) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	u.duty(ctx, reportNode, u.Reports.Leave)
}
