package sqlstore

import (
	"context"
	"math"

	"github.com/grantd/grantd/internal/store"
)

// auditWindow is how many rows are looked at for one page when no index has what is
// asked for.
const auditWindow = 10000

const auditRowsByTime = `
FROM audit_rows
WHERE (at, seq) < ($1, $2) AND (at, seq) >= ($3, $4) AND $5 = '' AND $6 = ''`

const auditRowsOf = `
FROM audit_rows
WHERE kind = $5 AND id = $6 AND (at, seq) < ($1, $2) AND (at, seq) >= ($3, $4)`

const auditFilter = `
  AND ($7 = '' OR actor = $7) AND ($8 = '' OR event = $8) AND ($9 = '' OR kind = $9)`

const (
	auditColumns = `SELECT seq, at, actor, event, kind, id, previous, hash`
	auditOrder   = ` ORDER BY at DESC, seq DESC LIMIT `

	findAuditRows   = auditColumns + auditRowsByTime + auditFilter + auditOrder + `$10`
	findAuditRowsOf = auditColumns + auditRowsOf + auditFilter + auditOrder + `$10`
	endOfAuditRows  = `SELECT at, seq` + auditRowsByTime + auditOrder + `1 OFFSET $7`
	endOfAuditOf    = `SELECT at, seq` + auditRowsOf + auditOrder + `1 OFFSET $7`
)

// FindAuditRows implements [store.Search].
func (s *Store) FindAuditRows(ctx context.Context, q store.AuditQuery) (store.FoundAuditRows, error) {
	found, err := s.findAuditRows(ctx, q)
	if err != nil {
		return store.FoundAuditRows{}, failed("look for rows of the audit trail", err)
	}
	return found, nil
}

func (s *Store) findAuditRows(ctx context.Context, q store.AuditQuery) (store.FoundAuditRows, error) {
	limit := min(max(q.Limit, 0), maxFound)
	if limit == 0 {
		return store.FoundAuditRows{}, nil
	}
	find, endOf, kind, id := findAuditRows, endOfAuditRows, "", ""
	if q.ID != "" {
		find, endOf, kind, id = findAuditRowsOf, endOfAuditOf, string(q.Kind), q.ID
	}
	last := store.AuditPlace{At: math.MinInt64, Seq: math.MinInt64}
	if !q.From.IsZero() {
		last.At = q.From.UnixMilli()
	}
	first := q.After
	if first == (store.AuditPlace{}) {
		first = store.AuditPlace{At: math.MaxInt64, Seq: math.MaxInt64}
	}
	if !q.To.IsZero() && first.At >= q.To.UnixMilli() {
		first = store.AuditPlace{At: q.To.UnixMilli(), Seq: math.MinInt64}
	}
	var end store.AuditPlace
	if q.Actor != "" || q.Event != "" || q.Kind != "" && q.ID == "" {
		ends, err := list(ctx, s, "select_end_of_audit_rows", endOf, func(row scanner) (store.AuditPlace, error) {
			var p store.AuditPlace
			err := row.Scan(&p.At, &p.Seq)
			return p, err
		}, first.At, first.Seq, last.At, last.Seq, kind, id, auditWindow-1)
		if err != nil {
			return store.FoundAuditRows{}, err
		}
		if len(ends) > 0 {
			end, last = ends[0], ends[0]
		}
	}
	rows, err := list(ctx, s, "find_audit_rows", find, scanAuditRow,
		first.At, first.Seq, last.At, last.Seq, kind, id, q.Actor, q.Event, string(q.Kind), limit)
	if err != nil {
		return store.FoundAuditRows{}, err
	}
	if len(rows) == limit {
		end = store.AuditPlace{At: rows[limit-1].At.UnixMilli(), Seq: rows[limit-1].Seq}
	}
	return store.FoundAuditRows{Rows: rows, Next: end}, nil
}
