package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// One statement decides who gets the lease, so that of two who ask at once the
// second sees what the first one got.
const acquireLease = `
INSERT INTO leases (name, holder, fence, expires_at)
VALUES ($1, $2, 1, $3)
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, fence = leases.fence + 1, expires_at = excluded.expires_at
WHERE leases.holder = excluded.holder OR leases.expires_at <= $4
RETURNING fence`

// AcquireLease implements [store.Leases].
func (s *Store) AcquireLease(ctx context.Context, r store.LeaseRequest) (store.Lease, error) {
	doing := fmt.Sprintf("acquire the lease %q", r.Name)
	err := checkText("lease", r.Name)
	if err != nil {
		return store.Lease{}, fmt.Errorf("%s: %w", doing, err)
	}
	lease := store.Lease{Name: r.Name}
	err = s.submit(ctx, doing, func(ctx context.Context, session *session) error {
		err := session.row(ctx, "acquire_lease", acquireLease,
			[]any{r.Name, r.Holder[:], r.Until.UnixMilli(), r.At.UnixMilli()}, &lease.Fence)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%s: %w", doing, store.ErrNotHolder)
		}
		return err
	})
	if err != nil {
		return store.Lease{}, err
	}
	return lease, nil
}

const renewLease = `
UPDATE leases
SET expires_at = CASE WHEN expires_at < $1 THEN $1 ELSE expires_at END
WHERE name = $2 AND fence = $3`

// RenewLease implements [store.Leases].
func (s *Store) RenewLease(ctx context.Context, l store.Lease, until time.Time) error {
	doing := fmt.Sprintf("renew the lease %q", l.Name)
	return s.submit(ctx, doing, func(ctx context.Context, session *session) error {
		return session.holds(ctx, l, "renew_lease", renewLease, until.UnixMilli())
	})
}

const releaseLease = `
UPDATE leases SET expires_at = $1 WHERE name = $2 AND fence = $3`

// ReleaseLease implements [store.Leases].
func (s *Store) ReleaseLease(ctx context.Context, l store.Lease) error {
	doing := fmt.Sprintf("release the lease %q", l.Name)
	err := s.submit(ctx, doing, func(ctx context.Context, session *session) error {
		return session.holds(ctx, l, "release_lease", releaseLease, time.Time{}.UnixMilli())
	})
	if errors.Is(err, store.ErrNotHolder) {
		return nil
	}
	return err
}

// The row is written and not only read: whoever takes the lease over waits for the
// end of the transaction, so that nothing of it is written afterwards.
const guardByLease = `
UPDATE leases SET fence = $1 WHERE name = $2 AND fence = $3`

// WriteUnder implements [store.Leases].
func (s *Store) WriteUnder(ctx context.Context, l store.Lease, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	return s.write(ctx, by, mutations, func(ctx context.Context, session *session) error {
		return session.guard(ctx, l)
	})
}

func (s *session) guard(ctx context.Context, l store.Lease) error {
	return s.holds(ctx, l, "guard_by_lease", guardByLease, l.Fence)
}

// holds runs a statement that has something to do as long as the lease is the last
// one of its name.
func (s *session) holds(ctx context.Context, l store.Lease, name, query string, value int64) error {
	did, err := false, error(nil)
	if isText(l.Name) {
		did, err = s.did(ctx, name, query, value, l.Name, l.Fence)
	}
	if err == nil && !did {
		return fmt.Errorf("lease %q: %w", l.Name, store.ErrNotHolder)
	}
	return err
}

// epochFences is more than a lost history can have given.
const epochFences = 1 << 32

const endLeases = `
UPDATE leases SET fence = fence + $1, expires_at = $2`

func startEpoch(m store.StartEpoch) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		err := s.exec(ctx, "end_leases", endLeases, int64(epochFences), time.Time{}.UnixMilli())
		if err != nil || m.Before.IsZero() {
			return err
		}
		return s.exec(ctx, "update_not_before", updateNotBefore, m.Before.UnixMilli())
	}
}
