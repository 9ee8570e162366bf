package sqlstore

import (
	"context"
	"crypto/rand"
	"slices"

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
INSERT INTO changes (seq, tag, kind, id, former_owner)
VALUES ($1, $2, $3, $4, $5)`

const insertAuditRow = `
INSERT INTO audit_rows (seq, at, actor, event, kind, id, previous, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

// entry is what one operation leaves in the journal: a change and an audit row for
// each of its steps that has an event.
type entry struct {
	by    store.Origin
	steps []step
	// last is set to the position of the last change.
	last *store.Position
}

// note has the steps of an operation written into the journal, after all that the
// transaction has to do.
func (s *session) note(by store.Origin, steps []step, last *store.Position) {
	told := slices.DeleteFunc(slices.Clone(steps), func(one step) bool { return one.event == "" })
	s.entries = append(s.entries, entry{by: by, steps: told, last: last})
}

// journal writes down what the operations have noted.
func (s *session) journal(ctx context.Context) error {
	n := 0
	for _, e := range s.entries {
		n += len(e.steps)
	}
	if n == 0 {
		return nil
	}
	tags := newTags(n)
	var changeSeq, auditSeq int64
	var hash []byte
	err := s.row(ctx, "advance_heads", advanceHeads, []any{n, tags[n-1][:]}, &changeSeq, &auditSeq, &hash)
	if err != nil {
		return err
	}
	position := store.Position{Seq: changeSeq - int64(n)}
	row := store.AuditRow{Seq: auditSeq - int64(n)}
	err = fill(row.Hash[:], hash)
	if err != nil {
		return err
	}
	for _, e := range s.entries {
		row.At, row.Actor = e.by.At, e.by.Actor
		for _, step := range e.steps {
			position.Seq++
			position.Tag, tags = tags[0], tags[1:]
			s.queueChange(store.Change{Position: position, Kind: step.kind, ID: step.id, FormerOwner: step.former})
			row.Seq++
			row.Event, row.Kind, row.ID = step.event, step.kind, step.id
			row.Previous = row.Hash
			row.Hash = row.Sum()
			s.queueAuditRow(row)
		}
		*e.last = position
	}
	s.queue("set_audit_hash", setAuditHash, row.Hash[:])
	return nil
}

func newTags(n int) [][16]byte {
	tags := make([][16]byte, n)
	for i := range tags {
		_, _ = rand.Read(tags[i][:]) // crypto/rand's Read never fails
	}
	return tags
}

func (s *session) queueChange(c store.Change) {
	s.queue("insert_change", insertChange, c.Seq, c.Tag[:], string(c.Kind), c.ID, c.FormerOwner)
}

func (s *session) queueAuditRow(r store.AuditRow) {
	s.queue(
		"insert_audit_row", insertAuditRow,
		r.Seq, r.At.UnixMilli(), r.Actor, r.Event, string(r.Kind), r.ID, r.Previous[:], r.Hash[:],
	)
}
