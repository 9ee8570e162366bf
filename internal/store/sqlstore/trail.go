package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/store"
)

const selectAuditRows = `
SELECT seq, at, actor, event, kind, id, previous, hash
FROM audit_rows
WHERE seq > $1
ORDER BY seq
LIMIT $2`

// AuditRows implements [store.Trail].
func (s *Store) AuditRows(ctx context.Context, after int64, limit int) ([]store.AuditRow, error) {
	rows, err := list(ctx, s, "select_audit_rows", selectAuditRows, scanAuditRow, after, max(limit, 0))
	if err != nil {
		return nil, failed(fmt.Sprintf("read the audit trail after row %d", after), err)
	}
	return rows, nil
}

func scanAuditRow(row scanner) (store.AuditRow, error) {
	var r store.AuditRow
	var at int64
	var previous, hash []byte
	err := row.Scan(&r.Seq, &at, &r.Actor, &r.Event, &r.Kind, &r.ID, &previous, &hash)
	if err != nil {
		return store.AuditRow{}, err
	}
	r.At = fromMillis(at)
	return r, errors.Join(fill(r.Previous[:], previous), fill(r.Hash[:], hash))
}
