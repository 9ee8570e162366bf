package admin

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Node is a node of this server, as it has told of itself once a minute.
type Node struct {
	// ID is of one run of the process.
	ID string `json:"id"`
	// Name is that of the machine.
	Name       string    `json:"name,omitempty"`
	Version    string    `json:"version,omitempty"`
	StartedAt  time.Time `json:"started_at"`
	ReportedAt time.Time `json:"reported_at"`
	// Stale says that it has told nothing for three minutes.
	Stale bool `json:"stale"`
	// This says that it is the node that answers.
	This bool `json:"this"`
	// StalenessSeconds is how old what it knew may have been.
	StalenessSeconds float64 `json:"staleness_seconds"`
	// Keys is how many keys it knew.
	Keys int64 `json:"keys"`
	// TokensPerSecond and FailuresPerSecond are token requests that got one and that did
	// not, in the minute before it told.
	TokensPerSecond   float64 `json:"tokens_per_second"`
	FailuresPerSecond float64 `json:"failures_per_second"`
	// MeanSeconds is how long token requests of that minute took; zero without any.
	MeanSeconds float64 `json:"mean_seconds"`
	// P99Seconds is what 99 of 100 did not exceed, as near as its histogram knows.
	P99Seconds float64 `json:"p99_seconds"`
}

// staleAfter is for how long a node may say nothing: it does so every minute, and a
// minute may be missed.
const staleAfter = 3 * time.Minute

// ListNodes returns the nodes that have told of themselves in the last day and have not
// ended since, those that began first in front.
func (u *UseCases) ListNodes(ctx context.Context) (Page[Node], error) {
	reports, err := u.Store.Nodes(ctx)
	if err != nil {
		return Page[Node]{}, storeProblem(err)
	}
	now := u.now()
	page := Page[Node]{Items: make([]Node, 0, len(reports))}
	for _, r := range reports {
		page.Items = append(page.Items, nodeFrom(r, now, r.Node == u.Node))
	}
	return page, nil
}

func nodeFrom(r store.NodeReport, now time.Time, this bool) Node {
	n := Node{
		ID: hex.EncodeToString(r.Node[:]), Name: r.Name, Version: r.Version, StartedAt: r.StartedAt, ReportedAt: r.ReportedAt,
		Stale: now.Sub(r.ReportedAt) >= staleAfter, This: this, StalenessSeconds: r.Staleness.Seconds(), Keys: r.Keys,
		MeanSeconds: r.Mean.Seconds(), P99Seconds: r.P99.Seconds(),
	}
	if r.Period > 0 {
		n.TokensPerSecond = float64(r.Tokens) / r.Period.Seconds()
		n.FailuresPerSecond = float64(r.Failures) / r.Period.Seconds()
	}
	return n
}
