package console

import (
	"context"
	"net/http"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// overview is the dashboard. Each part of it is a bounded look at an index.
type overview struct {
	Here Node
	Flow flow
	// Chart, Total and the rest are of the last day, all keys together.
	Chart    chart
	Total    admin.UsageNumbers
	Reasons  []reason
	Failures []string

	Attention needs
	Recent    []admin.AuditRow
	Newest    []admin.Key
}

// flow is what all nodes that are not silent did in their last minute.
type flow struct {
	Nodes                   int
	TokensAMinute, FailedIn float64
	// Mean is over all their requests, P99 that of the slowest node.
	Mean, P99 float64
}

// reason is how often something was refused.
type reason struct {
	Text  string
	Count uint64
}

// needs are what somebody should look after.
type needs struct {
	Forks  int64
	Stale  []admin.Node
	Ending []admin.NotedSecret
	Weak   []admin.NotedSecret
	Unused []admin.Key
}

// Any says that there is something.
func (n needs) Any() bool {
	return n.Forks > 0 || len(n.Stale)+len(n.Ending)+len(n.Weak)+len(n.Unused) > 0
}

const (
	attention  = 5
	endingSoon = 14 * 24 * time.Hour
)

func (v *visit) dashboard() error {
	ctx, u := v.r.Context(), v.c.UseCases
	shown := overview{Here: v.c.Node()}
	nodes, err := u.ListNodes(ctx)
	if err == nil {
		shown.Flow = flowOf(nodes.Items)
		err = v.lastDay(ctx, &shown)
	}
	if err == nil {
		shown.Attention, err = v.attention(ctx, shown.Here, nodes.Items)
	}
	if err != nil {
		return err
	}
	newest, err := u.SearchKeys(ctx, admin.KeySearch{Sort: admin.SortNewest, Limit: attention})
	if err != nil {
		return err
	}
	recent, err := u.SearchAudit(ctx, admin.AuditSearch{Limit: attention})
	if err != nil {
		return err
	}
	shown.Newest, shown.Recent = newest.Items, recent.Items
	return v.render(http.StatusOK, "dashboard", "Dashboard", "dashboard", shown)
}

func flowOf(nodes []admin.Node) flow {
	var f flow
	var requests, took float64
	for _, n := range nodes {
		if n.Stale {
			continue
		}
		f.Nodes++
		f.TokensAMinute += 60 * n.TokensPerSecond
		f.FailedIn += 60 * n.FailuresPerSecond
		requests += n.TokensPerSecond + n.FailuresPerSecond
		took += n.MeanSeconds * (n.TokensPerSecond + n.FailuresPerSecond)
		f.P99 = max(f.P99, n.P99Seconds)
	}
	if requests > 0 {
		f.Mean = took / requests
	}
	return f
}

// lastDay fills in what the count of all keys together says.
func (v *visit) lastDay(ctx context.Context, shown *overview) error {
	now := v.c.Now().UTC()
	day := admin.UsageRange{From: now.Add(-23 * time.Hour), To: now.Add(time.Second)}
	all, err := v.c.UseCases.UsageOfAll(ctx, day)
	if err != nil {
		return err
	}
	shown.Chart, shown.Total, shown.Reasons = newChart(all, day, false), all.Total, reasons(all.Total.Failures)
	for _, f := range all.RecentFailures[:min(attention, len(all.RecentFailures))] {
		shown.Failures = append(shown.Failures, failureSentence(f, now))
	}
	return nil
}

func reasons(f admin.UsageFailures) []reason {
	all := []reason{
		{"wrong secret", f.WrongSecret},
		{"scope not granted", f.ScopeRefused},
		{"too many requests", f.RateLimited},
		{"against the rules of the key", f.PolicyRefused},
		{"key disabled", f.Disabled},
		{"grant not allowed", f.GrantNotAllowed},
		{"another reason", f.Other},
	}
	var those []reason
	for _, one := range all {
		if one.Count > 0 {
			those = append(those, one)
		}
	}
	return those
}

func (v *visit) attention(ctx context.Context, here Node, nodes []admin.Node) (needs, error) {
	u, n := v.c.UseCases, needs{Forks: here.Forks}
	for _, one := range nodes {
		if one.Stale && len(n.Stale) < attention {
			n.Stale = append(n.Stale, one)
		}
	}
	var err error
	n.Ending, err = u.EndingSecrets(ctx, endingSoon, attention)
	if err != nil {
		return n, err
	}
	n.Weak, err = u.WeakSecrets(ctx, attention)
	if err != nil {
		return n, err
	}
	unused, err := u.SearchKeys(ctx, admin.KeySearch{
		UnusedFor: admin.Seconds(unusedDays * 24 * time.Hour / time.Second), State: admin.StateEnabled, Limit: attention,
	})
	n.Unused = unused.Items
	return n, err
}
