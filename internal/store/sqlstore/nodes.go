package sqlstore

import (
	"cmp"
	"context"
	"time"

	"github.com/grantd/grantd/internal/store"
)

const (
	upsertNode = `
INSERT INTO nodes (id, name, version, started_at, reported_at, staleness_ms, keys, period_ms, tokens, failures, mean_us, p99_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, version = excluded.version, started_at = excluded.started_at, reported_at = excluded.reported_at,
    staleness_ms = excluded.staleness_ms, keys = excluded.keys, period_ms = excluded.period_ms, tokens = excluded.tokens,
    failures = excluded.failures, mean_us = excluded.mean_us, p99_us = excluded.p99_us`

	deleteSilentNodes = `
DELETE FROM nodes WHERE reported_at < $1`
)

// ReportNode implements [store.Nodes].
func (s *Store) ReportNode(ctx context.Context, r store.NodeReport, silentSince time.Time) error {
	err := cmp.Or(checkText("name", r.Name), checkText("version", r.Version))
	if err != nil {
		return err
	}
	return s.submit(ctx, "store what a node says of itself", func(_ context.Context, session *session) error {
		session.queue("delete_silent_nodes", deleteSilentNodes, silentSince.UnixMilli())
		session.queue("upsert_node", upsertNode, r.Node[:], r.Name, r.Version, r.StartedAt.UnixMilli(), r.ReportedAt.UnixMilli(),
			r.Staleness.Milliseconds(), r.Keys, r.Period.Milliseconds(), r.Tokens, r.Failures, r.Mean.Microseconds(), r.P99.Microseconds())
		return nil
	})
}

const deleteNode = `
DELETE FROM nodes WHERE id = $1`

// RemoveNode implements [store.Nodes].
func (s *Store) RemoveNode(ctx context.Context, node store.NodeID) error {
	return s.submit(ctx, "remove what a node said of itself", func(ctx context.Context, session *session) error {
		return session.exec(ctx, "delete_node", deleteNode, node[:])
	})
}

const selectNodes = `
SELECT id, name, version, started_at, reported_at, staleness_ms, keys, period_ms, tokens, failures, mean_us, p99_us
FROM nodes
ORDER BY started_at, id`

// Nodes implements [store.Nodes].
func (s *Store) Nodes(ctx context.Context) ([]store.NodeReport, error) {
	found, err := list(ctx, s, "select_nodes", selectNodes, scanNode)
	if err != nil {
		return nil, failed("read what the nodes say of themselves", err)
	}
	return found, nil
}

func scanNode(row scanner) (store.NodeReport, error) {
	var r store.NodeReport
	var id []byte
	var started, reported, staleness, period, mean, p99 int64
	err := row.Scan(&id, &r.Name, &r.Version, &started, &reported, &staleness, &r.Keys, &period, &r.Tokens, &r.Failures, &mean, &p99)
	if err != nil {
		return store.NodeReport{}, err
	}
	r.StartedAt, r.ReportedAt = fromMillis(started), fromMillis(reported)
	r.Staleness, r.Period = time.Duration(staleness)*time.Millisecond, time.Duration(period)*time.Millisecond
	r.Mean, r.P99 = time.Duration(mean)*time.Microsecond, time.Duration(p99)*time.Microsecond
	return r, fill(r.Node[:], id)
}
