package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"github.com/grantd/grantd/internal/store"
)

const selectHead = `
SELECT change_seq, change_tag FROM heads WHERE id = 1`

// Head implements [store.Feed].
func (s *Store) Head(ctx context.Context) (store.Position, error) {
	head, err := one(ctx, s, "select_head", selectHead, scanHead)
	if err != nil {
		return store.Position{}, failed("read the head of the change feed", err)
	}
	return head, nil
}

func scanHead(row scanner) (store.Position, error) {
	var head store.Position
	var tag []byte
	err := row.Scan(&head.Seq, &tag)
	if err != nil {
		return store.Position{}, err
	}
	return head, fill(head.Tag[:], tag)
}

// The head comes with the changes, from the same moment, because without it a log
// whose end is missing looks like one that has been read to its end. They are cut
// to the limit before they are joined, or a database without statistics reads all.
const selectChanges = `
SELECT h.change_seq, c.seq, c.tag, c.kind, c.id, c.former_owner
FROM heads AS h
LEFT JOIN (
    SELECT seq, tag, kind, id, former_owner
    FROM changes
    WHERE seq >= $1
    ORDER BY seq
    LIMIT $2
) AS c ON 1 = 1
WHERE h.id = 1
ORDER BY c.seq`

// Changes implements [store.Feed].
func (s *Store) Changes(ctx context.Context, after store.Position, limit int) ([]store.Change, error) {
	doing := fmt.Sprintf("read the changes after %d", after.Seq)
	page := changePage{first: 1, want: min(max(limit, 0), math.MaxInt32)}
	if after != (store.Position{}) {
		// The change that the reader has seen last is read again, for its tag.
		page.first = after.Seq
		page.want++
	}
	err := each(ctx, s, "select_changes", selectChanges, page.begin, page.first, page.want)
	if err != nil {
		return nil, failed(doing, err)
	}
	changes, err := page.after(after)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return changes, nil
}

// changePage gathers changes and notices when one is missing.
type changePage struct {
	first   int64 // the number that the first row must have
	want    int   // how many rows were asked for
	next    int64 // the number that the next row must have
	head    int64
	changes []store.Change
	hole    bool
}

func (p *changePage) begin() func(scanner) error {
	p.next, p.head, p.changes, p.hole = p.first, 0, nil, false
	return p.scan
}

func (p *changePage) scan(row scanner) error {
	var seq sql.NullInt64
	var tag []byte
	var kind, id, owner sql.NullString
	err := row.Scan(&p.head, &seq, &tag, &kind, &id, &owner)
	if err != nil || !seq.Valid {
		return err
	}
	p.hole = p.hole || seq.Int64 != p.next
	p.next++
	c := store.Change{Kind: store.Kind(kind.String), ID: id.String, FormerOwner: owner.String}
	c.Seq = seq.Int64
	p.changes = append(p.changes, c)
	return fill(p.changes[len(p.changes)-1].Tag[:], tag)
}

// after returns the changes after the position, or why they do not continue from it.
func (p *changePage) after(position store.Position) ([]store.Change, error) {
	complete := len(p.changes) == p.want || p.next == p.head+1
	switch {
	case len(p.changes) > 0 && p.changes[0].Seq > p.first && p.first > 0:
		// Those that are there begin later.
		return nil, store.ErrGap
	case p.hole, !complete:
		return nil, store.ErrForked
	case position == store.Position{}:
		return p.changes, nil
	case len(p.changes) == 0, p.changes[0].Position != position:
		return nil, store.ErrForked
	}
	return p.changes[1:], nil
}
