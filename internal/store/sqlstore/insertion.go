package sqlstore

import (
	"context"
	"slices"

	"github.com/grantd/grantd/internal/store"
)

// insertion is a mutation that is nothing but INSERT … ON CONFLICT DO NOTHING, so
// that many of them can be sent at once.
type insertion struct {
	statements []statement
	// explain says why the statement at an index has inserted nothing.
	explain func(ctx context.Context, s *session, at int) error
}

func (i *insertion) apply(ctx context.Context, s *session, _ store.Origin) error {
	inserted, err := s.together(ctx, i.statements)
	if err != nil {
		return err
	}
	return i.check(ctx, s, inserted)
}

// check explains the first statement that has inserted nothing.
func (i *insertion) check(ctx context.Context, s *session, inserted []int) error {
	at := slices.Index(inserted, 0)
	if at < 0 {
		return nil
	}
	return i.explain(ctx, s, at)
}

// insertions returns how many of the steps, from the first on, are insertions that
// can be sent at once.
func insertions(steps []step) int {
	statements := 0
	for i, step := range steps {
		if step.insertion == nil || statements > maxStatements {
			return i
		}
		statements += len(step.insertion.statements)
	}
	return len(steps)
}

// insertAll applies steps that are insertions in one message. When one of them is
// refused, it returns its index; those after it are undone with it.
func (s *session) insertAll(ctx context.Context, steps []step) (int, error) {
	var all []statement
	for _, step := range steps {
		all = append(all, step.insertion.statements...)
	}
	inserted, err := s.together(ctx, all)
	if err != nil {
		return 0, err
	}
	for i, step := range steps {
		n := len(step.insertion.statements)
		err = step.insertion.check(ctx, s, inserted[:n])
		if err != nil {
			return i, err
		}
		inserted = inserted[n:]
	}
	return 0, nil
}
