package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Rotate implements [store.Families].
func (s *Store) Rotate(ctx context.Context, r store.Rotation) (store.Rotated, error) {
	const doing = "rotate a refresh token"
	err := checkText("actor", r.By.Actor)
	if err != nil {
		return store.Rotated{}, fmt.Errorf("%s: %w", doing, err)
	}
	err = s.enter()
	if err != nil {
		return store.Rotated{}, failed(doing, err)
	}
	defer s.leave()

	var rotated store.Rotated
	err = s.writer.submit(ctx, work{doing: doing, apply: func(ctx context.Context, session *session) error {
		var err error
		rotated, err = session.rotate(ctx, r)
		return err
	}})
	if err != nil {
		return store.Rotated{}, err
	}
	return rotated, nil
}

// rotate takes the usual way, one statement, before it looks for a reason why
// that one had nothing to do.
func (s *session) rotate(ctx context.Context, r store.Rotation) (store.Rotated, error) {
	renewed, err := s.renew(ctx, r)
	if err != nil {
		return store.Rotated{}, err
	}
	if renewed {
		return store.Rotated{Outcome: store.Renewed, At: fromMillis(r.By.At.UnixMilli())}, nil
	}
	revoked, err := s.exists(ctx, "count_revocation", countRevocation, bucket(r.ExpiresAt), r.Family[:])
	if err != nil {
		return store.Rotated{}, err
	}
	if revoked {
		return store.Rotated{Outcome: store.Revoked}, nil
	}
	madeAt, repeated, err := s.repeats(ctx, r)
	if err != nil {
		return store.Rotated{}, err
	}
	if repeated {
		return store.Rotated{Outcome: store.Repeated, At: madeAt}, nil
	}
	return s.reuse(ctx, r)
}

const insertFamily = `
INSERT INTO refresh_families (bucket, id, generation, rotated_at)
SELECT CAST($1 AS BIGINT), $2, 1, CAST($3 AS BIGINT)
WHERE NOT EXISTS (SELECT 1 FROM revocations WHERE bucket = $1 AND id = $2)
ON CONFLICT DO NOTHING`

const updateFamily = `
UPDATE refresh_families
SET generation = generation + 1, rotated_at = $1
WHERE bucket = $2 AND id = $3 AND generation = $4
  AND NOT EXISTS (SELECT 1 FROM revocations WHERE bucket = $2 AND id = $3)`

// renew makes the next generation if it may.
func (s *session) renew(ctx context.Context, r store.Rotation) (bool, error) {
	at, end := r.By.At.UnixMilli(), bucket(r.ExpiresAt)
	if r.Generation == 0 {
		return s.did(ctx, "insert_family", insertFamily, end, r.Family[:], at)
	}
	return s.did(ctx, "update_family", updateFamily, at, end, r.Family[:], r.Generation)
}

const countRevocation = `
SELECT count(*) FROM revocations WHERE bucket = $1 AND id = $2`

const selectFamily = `
SELECT generation, rotated_at FROM refresh_families WHERE bucket = $1 AND id = $2`

// repeats says whether the generation that is presented is one behind and may
// still be presented again, and when the last one was made.
func (s *session) repeats(ctx context.Context, r store.Rotation) (time.Time, bool, error) {
	var last, rotated int64
	err := s.row(ctx, "select_family", selectFamily, []any{bucket(r.ExpiresAt), r.Family[:]}, &last, &rotated)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, err
	}
	// Clocks of nodes differ; one that is far ahead must not hold the door open.
	age := r.By.At.Sub(fromMillis(rotated))
	repeats := r.Generation == last-1 && age <= r.Grace && age >= -store.ClockSkew
	return fromMillis(rotated), repeats, nil
}

// reuse revokes the family of a token that was presented when it should not exist
// any more: either its owner or somebody else has a copy.
func (s *session) reuse(ctx context.Context, r store.Rotation) (store.Rotated, error) {
	revocation := store.Revocation{ID: r.Family, ExpiresAt: r.ExpiresAt}
	revoked, err := s.revoke(ctx, revocation)
	if err != nil {
		return store.Rotated{}, err
	}
	if !revoked {
		// Another node has done it since this one looked.
		return store.Rotated{Outcome: store.Revoked}, nil
	}
	s.note(r.By, []step{{
		kind: store.KindRevocation, id: revocation.String(), event: store.EventFamilyReused,
	}}, new(store.Position))
	return store.Rotated{Outcome: store.Reused}, nil
}
