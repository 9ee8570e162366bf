package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// As with revocations, what is old lies at the beginning.
const (
	selectUsageBound = `
SELECT start, client_id FROM usage_counts
WHERE span = $1 AND start < $2
ORDER BY start, client_id
LIMIT 1 OFFSET $3`

	deleteUsageBelow = `
DELETE FROM usage_counts WHERE span = $1 AND (start, client_id) < ($2, $3)`
)

// ExpireUsage implements [store.Usage].
func (s *Store) ExpireUsage(ctx context.Context, span store.UsageSpan, before time.Time, limit int) (int, error) {
	removed := 0
	err := s.submit(ctx, "remove old counts of usage", func(ctx context.Context, session *session) error {
		start, id := before.UnixMilli(), ""
		err := session.row(ctx, "select_usage_bound", selectUsageBound, []any{hours(span), start, max(limit, 0)}, &start, &id)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		removed, err = session.affects(ctx, "delete_usage_counts", deleteUsageBelow, hours(span), start, id)
		return err
	})
	if err != nil {
		return 0, err
	}
	return removed, nil
}
