package sqlstore

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// usesAtOnce bounds how many uses are noted in one operation, so that other
// writes do not wait long behind it.
const usesAtOnce = 500

// RecordUses implements [store.Upkeep].
func (s *Store) RecordUses(ctx context.Context, uses []store.SecretUse) error {
	const doing = "note when secrets were used"
	err := s.enter()
	if err != nil {
		return failed(doing, err)
	}
	defer s.leave()

	for chunk := range slices.Chunk(ownUses(uses), usesAtOnce) {
		err = s.writer.submit(ctx, work{doing: doing, apply: func(_ context.Context, session *session) error {
			session.recordUses(chunk)
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// ownUses copies what the writer may look at after the caller has given up. Uses
// of keys that no text names are left out. The rest is put in order: nodes that
// note the uses of the same secrets, each in an order of its own, would wait for
// each other in a circle.
func ownUses(uses []store.SecretUse) []store.SecretUse {
	own := make([]store.SecretUse, 0, len(uses))
	for _, use := range uses {
		if isText(use.ClientID) {
			use.Hash, use.From = blob(use.Hash), textOf(use.From)
			own = append(own, use)
		}
	}
	slices.SortFunc(own, func(a, b store.SecretUse) int {
		return cmp.Or(strings.Compare(a.ClientID, b.ClientID), bytes.Compare(a.Hash, b.Hash), a.At.Compare(b.At))
	})
	return own
}

//nolint:gosec // G101: a statement, not a credential.
const updateSecretUse = `
UPDATE client_secrets
SET last_used_at = $1, last_used_from = $2
WHERE client_id = $3 AND hash = $4 AND last_used_at < $1`

func (s *session) recordUses(uses []store.SecretUse) {
	for _, use := range uses {
		s.queue("update_secret_use", updateSecretUse, use.At.UnixMilli(), use.From, use.ClientID, use.Hash)
	}
}

// Expire implements [store.Upkeep].
func (s *Store) Expire(ctx context.Context, before time.Time, limit int) (int, error) {
	const doing = "remove what has ended"
	err := s.enter()
	if err != nil {
		return 0, failed(doing, err)
	}
	defer s.leave()

	removed := 0
	err = s.writer.submit(ctx, work{doing: doing, apply: func(ctx context.Context, session *session) error {
		var err error
		removed, err = session.expire(ctx, bucket(before), max(limit, 0))
		if err != nil {
			return err
		}
		answers, err := session.cutOnce(ctx, before, max(limit, 0))
		removed += answers
		return err
	}})
	if err != nil {
		return 0, err
	}
	return removed, nil
}

// Rows that have ended lie at the beginning of their table, so removing them
// means finding the first that stays and cutting there.
const (
	selectRevocationBound = `
SELECT bucket, id FROM revocations WHERE bucket < $1 ORDER BY bucket, id LIMIT 1 OFFSET $2`

	deleteRevocationsBelow = `
DELETE FROM revocations WHERE (bucket, id) < ($1, $2)`

	selectFamilyBound = `
SELECT bucket, id FROM refresh_families WHERE bucket < $1 ORDER BY bucket, id LIMIT 1 OFFSET $2`

	deleteFamiliesBelow = `
DELETE FROM refresh_families WHERE (bucket, id) < ($1, $2)`

	selectOldestChange = `
SELECT change_seq, coalesce((SELECT min(seq) FROM changes), change_seq) FROM heads WHERE id = 1`

	deleteChangesBelow = `
DELETE FROM changes WHERE seq < $1`
)

func (s *session) expire(ctx context.Context, end int64, limit int) (int, error) {
	revocations, err := s.cut(
		ctx, end, limit, "select_revocation_bound", selectRevocationBound, "delete_revocations", deleteRevocationsBelow,
	)
	if err != nil {
		return 0, err
	}
	families, err := s.cut(
		ctx, end, limit, "select_family_bound", selectFamilyBound, "delete_families", deleteFamiliesBelow,
	)
	if err != nil {
		return 0, err
	}
	changes, err := s.cutChanges(ctx, limit)
	return revocations + families + changes, err
}

// cut removes at most limit rows whose bucket is below the end, from the
// beginning of the table on.
func (s *session) cut(
	ctx context.Context, end int64, limit int, findName, find, deleteName, deleteBelow string,
) (int, error) {
	bound, id := end, []byte{}
	err := s.row(ctx, findName, find, []any{end, limit}, &bound, &id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	return s.affects(ctx, deleteName, deleteBelow, bound, id)
}

// cutChanges removes at most limit of the oldest changes.
func (s *session) cutChanges(ctx context.Context, limit int) (int, error) {
	var head, oldest int64
	err := s.row(ctx, "select_oldest_change", selectOldestChange, nil, &head, &oldest)
	if err != nil {
		return 0, err
	}
	below := min(head-store.KeptChanges+1, oldest+int64(limit))
	if below <= oldest {
		return 0, nil
	}
	return s.affects(ctx, "delete_changes", deleteChangesBelow, below)
}
