package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

func nodeReportTests() []test {
	return []test{
		{"Nodes returns what was reported, those that began first in front", nodesRead},
		{"a report takes the place of the one before it", nodeReportsAgain},
		{"those that have said nothing since the instant are removed", nodesSilent},
		{"a removed node is gone, and one that never was is no error", nodeRemoved},
		{"a name or a version that is no text is ErrInvalid", nodeReportInvalid},
		{"reports leave no audit row and no change", nodeReportsLeaveNothing},
	}
}

func newReport(by byte, started time.Time) store.NodeReport {
	return store.NodeReport{
		Node: node(by), Name: "node <" + string(rune('a'+by)) + ">", Version: "v1.2.3", StartedAt: started, ReportedAt: now,
		Staleness: 187 * time.Millisecond, Keys: 1_000_000, Period: time.Minute, Tokens: 123, Failures: 4,
		Mean: 345 * time.Microsecond, P99: 2 * time.Millisecond,
	}
}

// report stores what must be stored.
func (e *env) report(reports ...store.NodeReport) {
	e.Helper()
	for _, r := range reports {
		fails(e, "report", e.store.ReportNode(e.ctx, r, now.Add(-time.Hour)), nil)
	}
}

// reported checks what the nodes have said.
func (e *env) reported(want ...store.NodeReport) {
	e.Helper()
	got, err := e.store.Nodes(e.ctx)
	fails(e, "nodes", err, nil)
	same(e, "nodes", got, want)
}

func nodesRead(e *env) {
	e.reported()
	old, two, one := newReport(3, now.Add(-time.Hour)), newReport(2, now), newReport(1, now)
	e.report(two, one, old)
	e.reopen()
	e.reported(old, one, two)
}

func nodeReportsAgain(e *env) {
	first := newReport(1, now)
	e.report(first, newReport(2, now))
	next := store.NodeReport{Node: first.Node, Name: "", Version: "", StartedAt: first.StartedAt, ReportedAt: now.Add(time.Minute)}
	e.report(next)
	e.reported(next, newReport(2, now))
}

func nodesSilent(e *env) {
	silent, edge, fresh := newReport(1, now), newReport(2, now), newReport(3, now)
	silent.ReportedAt, edge.ReportedAt = now.Add(-time.Minute-time.Millisecond), now.Add(-time.Minute)
	e.report(silent, edge)
	fails(e, "report", e.store.ReportNode(e.ctx, fresh, now.Add(-time.Minute)), nil)
	e.reported(edge, fresh)
}

func nodeRemoved(e *env) {
	e.report(newReport(1, now), newReport(2, now))
	for range 2 {
		fails(e, "remove", e.store.RemoveNode(e.ctx, node(1)), nil)
		e.reported(newReport(2, now))
	}
}

func nodeReportInvalid(e *env) {
	name, version := newReport(1, now), newReport(1, now)
	name.Name, version.Version = "a\x00", "\xff"
	for _, r := range []store.NodeReport{name, version} {
		fails(e, "report", e.store.ReportNode(e.ctx, r, now), store.ErrInvalid)
	}
	e.reported()
}

func nodeReportsLeaveNothing(e *env) {
	e.write(createClient("c"))
	before, rows := e.head(), len(e.auditRows())
	e.report(newReport(1, now))
	fails(e, "remove", e.store.RemoveNode(e.ctx, node(1)), nil)
	same(e, "head", e.head(), before)
	same(e, "audit rows", len(e.auditRows()), rows)
}
