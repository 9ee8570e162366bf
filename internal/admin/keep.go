package admin

import (
	"context"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Keep makes the mutation that keeps an answer together with the change that it tells of.
type Keep func(answer any) (store.Mutation, error)

type keepKey struct{}

// Keeping has what is made in this context keep its answer, in the same transaction: a
// request that is sent again is then done once, whatever became of its first answer. What
// does not create anything takes no notice. An error that is a [store.ErrDone] says that
// there is an answer already; nothing was changed.
func Keeping(ctx context.Context, keep Keep) context.Context {
	return context.WithValue(ctx, keepKey{}, keep)
}

// writeAnswered is write for what creates something and shows it.
func (u *UseCases) writeAnswered(ctx context.Context, actor string, at time.Time, answer any, mutations ...store.Mutation) error {
	keep, asked := ctx.Value(keepKey{}).(Keep)
	if asked {
		kept, err := keep(answer)
		if err != nil {
			return err
		}
		mutations = append([]store.Mutation{kept}, mutations...)
	}
	return u.write(ctx, actor, at, mutations...)
}
