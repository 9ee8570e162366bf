package sqlstore

import (
	"context"
	"crypto/rand"

	"github.com/grantd/grantd/internal/store"
)

// The heads are read and written by the same statement: where several can write
// at once, the row stays locked from here to the commit, which makes the numbers
// dense and puts them in the order of the commits. That is why the data comes
// first and this last.
const advanceHeads = `
UPDATE heads
SET change_seq = change_seq + $1, change_tag = $2, audit_seq = audit_seq + $1
WHERE id = 1
RETURNING change_seq, audit_seq, audit_hash`

const setAuditHash = `
UPDATE heads SET audit_hash = $1 WHERE id = 1`

const insertChange = `
INSERT INTO changes (seq, tag, kind, id)
VALUES ($1, $2, $3, $4)`

const insertAuditRow = `
INSERT INTO audit_rows (seq, at, actor, event, kind, id, previous, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

// journal leaves a change and an audit row for each step and returns the position
// of the last change.
func (s *session) journal(ctx context.Context, by store.Origin, steps []step) (store.Position, error) {
	tags := make([][16]byte, len(steps))
	for i := range tags {
		_, _ = rand.Read(tags[i][:]) // crypto/rand's Read never fails
	}
	n := int64(len(steps))
	lastTag := tags[n-1]

	var changeSeq, auditSeq int64
	var hash []byte
	err := s.row(ctx, "advance_heads", advanceHeads, []any{n, lastTag[:]}, &changeSeq, &auditSeq, &hash)
	if err != nil {
		return store.Position{}, err
	}
	row := store.AuditRow{Seq: auditSeq - n, At: by.At, Actor: by.Actor}
	err = fill(row.Hash[:], hash)
	if err != nil {
		return store.Position{}, err
	}
	for i, step := range steps {
		seq := changeSeq - n + 1 + int64(i)
		err = s.exec(ctx, "insert_change", insertChange, seq, tags[i][:], string(step.kind), step.id)
		if err != nil {
			return store.Position{}, err
		}
		row.Seq++
		row.Event, row.Kind, row.ID = step.event, step.kind, step.id
		row.Previous = row.Hash
		row.Hash = row.Sum()
		err = s.insertAuditRow(ctx, row)
		if err != nil {
			return store.Position{}, err
		}
	}
	err = s.exec(ctx, "set_audit_hash", setAuditHash, row.Hash[:])
	if err != nil {
		return store.Position{}, err
	}
	return store.Position{Seq: changeSeq, Tag: lastTag}, nil
}

func (s *session) insertAuditRow(ctx context.Context, r store.AuditRow) error {
	return s.exec(
		ctx, "insert_audit_row", insertAuditRow,
		r.Seq, r.At.UnixMilli(), r.Actor, r.Event, string(r.Kind), r.ID, r.Previous[:], r.Hash[:],
	)
}
