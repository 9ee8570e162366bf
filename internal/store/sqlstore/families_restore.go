package sqlstore

import (
	"bytes"
	"context"
	"slices"

	"github.com/grantd/grantd/internal/store"
)

// restoreFamily never goes back: of two nodes that restore a family, the one that knows
// the later generation is right.
const restoreFamily = `
INSERT INTO refresh_families (bucket, id, generation, rotated_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (bucket, id) DO UPDATE
SET generation = excluded.generation, rotated_at = excluded.rotated_at
WHERE refresh_families.generation < excluded.generation`

// RestoreFamilies implements [store.Families].
func (s *Store) RestoreFamilies(ctx context.Context, families []store.Family) error {
	const doing = "restore families of refresh tokens"
	err := s.enter()
	if err != nil {
		return failed(doing, err)
	}
	defer s.leave()

	// In order: nodes that restore the same ones would wait for each other in a circle.
	own := slices.SortedFunc(slices.Values(families), func(a, b store.Family) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for chunk := range slices.Chunk(own, usesAtOnce) {
		err = s.writer.submit(ctx, work{doing: doing, apply: func(_ context.Context, session *session) error {
			for _, f := range chunk {
				session.queue(
					"restore_family", restoreFamily, bucket(f.ExpiresAt), f.ID[:], f.Generation, f.RotatedAt.UnixMilli(),
				)
			}
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return nil
}
