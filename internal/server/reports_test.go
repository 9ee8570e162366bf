package server

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/internal/telemetry"
)

// reporting is what a node reports to, with a clock of its own.
type reporting struct {
	*sqlstore.Store
	metrics *telemetry.Metrics
	now     time.Time
}

func (r *reporting) node(id byte) *reports {
	at, now := r.now, func() time.Time { return r.now }
	return &reports{
		store:   r.Store,
		figures: func() (telemetry.Figures, error) { return r.metrics.Figures(tokenPath) },
		about: func() store.NodeReport {
			return store.NodeReport{Node: store.NodeID{id}, Name: "host", Version: "v1", StartedAt: at, Staleness: time.Second, Keys: 3}
		},
		now: now, at: at,
	}
}

// nodes are what node 1 shows of all nodes.
func (r *reporting) nodes(t *testing.T) []admin.Node {
	t.Helper()
	u := &admin.UseCases{Store: r.Store, Node: store.NodeID{1}, Now: func() time.Time { return r.now }}
	page, err := u.ListNodes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func newReporting(t *testing.T) *reporting {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "grantd.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &reporting{db, telemetry.NewMetrics(prometheus.NewRegistry()), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func TestANodeTellsWhatItDidInTheLastMinute(t *testing.T) {
	r := newReporting(t)
	one := r.node(1)
	for minute := range 2 {
		r.now = r.now.Add(time.Minute)
		for range 120 * (minute + 1) {
			r.metrics.Request(tokenPath, 200, "", 200*time.Microsecond)
		}
		for range 6 {
			r.metrics.Request(tokenPath, 401, "invalid_client", 200*time.Microsecond)
		}
		err := one.Report(t.Context())
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []admin.Node{{
		ID: "01000000000000000000000000000000", Name: "host", Version: "v1", StartedAt: r.now.Add(-2 * time.Minute), ReportedAt: r.now,
		This: true, StalenessSeconds: 1, Keys: 3, TokensPerSecond: 4, FailuresPerSecond: .1, MeanSeconds: .0002, P99Seconds: .00025,
	}}
	if diff := cmp.Diff(want, r.nodes(t)); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
}

func TestSilentNodesAreStaleAndThenForgotten(t *testing.T) {
	r := newReporting(t)
	one, two := r.node(1), r.node(2)
	report := func(nodes ...*reports) {
		t.Helper()
		for _, node := range nodes {
			err := node.Report(t.Context())
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	are := func(when string, want ...bool) {
		t.Helper()
		var stale []bool
		for _, n := range r.nodes(t) {
			stale = append(stale, n.Stale)
		}
		if diff := cmp.Diff(want, stale); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	report(one, two)
	r.now = r.now.Add(staleAfterReports - time.Second)
	report(one)
	are("before three minutes are over", false, false)
	r.now = r.now.Add(time.Second)
	are("after three minutes", false, true)
	r.now = r.now.Add(silentFor - staleAfterReports)
	report(one)
	are("after a day", false, true)
	r.now = r.now.Add(time.Second)
	report(one)
	are("after more than a day", false)
	err := one.Leave(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	are("after the end")
}

// mute is a store that takes no report.
type mute struct{ *sqlstore.Store }

func (mute) ReportNode(context.Context, store.NodeReport, time.Time) error {
	return store.ErrUnavailable
}

// staleAfterReports is what the page of nodes says: no report for three minutes.
const staleAfterReports = 3 * time.Minute

func TestAReportThatCouldNotBeWrittenIsPartOfTheNext(t *testing.T) {
	r := newReporting(t)
	one := r.node(1)
	one.store = mute{r.Store}
	r.metrics.Request(tokenPath, 200, "", time.Millisecond)
	r.now = r.now.Add(time.Minute)
	if one.Report(t.Context()) == nil {
		t.Fatal("the store is not away")
	}
	one.store = r.Store
	r.metrics.Request(tokenPath, 200, "", time.Millisecond)
	r.now = r.now.Add(time.Minute)
	err := one.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told, err := r.Nodes(t.Context())
	if err != nil || len(told) != 1 || told[0].Tokens != 2 || told[0].Period != 2*time.Minute {
		t.Errorf("got %+v, %v, want two tokens of two minutes", told, err)
	}
}
