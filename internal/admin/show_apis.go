package admin

import (
	"context"
	"slices"

	"github.com/grantd/grantd/internal/store"
)

// ShowAPI returns the API with this id or audience.
func (u *UseCases) ShowAPI(ctx context.Context, idOrAudience string) (API, error) {
	record, err := u.findAPI(ctx, idOrAudience)
	if err != nil {
		return API{}, err
	}
	return apiFrom(record), nil
}

func (u *UseCases) findAPI(ctx context.Context, idOrAudience string) (store.API, error) {
	all, err := u.Store.APIs(ctx)
	if err != nil {
		return store.API{}, storeProblem(err)
	}
	i, err := findAmong(all, idOrAudience)
	if err != nil {
		return store.API{}, err
	}
	return all[i], nil
}

func findAmong(all []store.API, idOrAudience string) (int, error) {
	i := slices.IndexFunc(all, func(a store.API) bool { return a.ID == idOrAudience || a.Audience == idOrAudience })
	if i < 0 {
		return 0, notFound("API", idOrAudience, "list the APIs to see their ids and audiences")
	}
	return i, nil
}

// ListAPIs returns a part of the list of APIs, oldest first.
func (u *UseCases) ListAPIs(ctx context.Context, r Range) (Page[API], error) {
	all, err := u.Store.APIs(ctx)
	if err != nil {
		return Page[API]{}, storeProblem(err)
	}
	if r.After != "" {
		i := slices.IndexFunc(all, func(a store.API) bool { return a.ID == r.After })
		if i < 0 {
			return Page[API]{}, badQuery("after", "the list does not go on from there", "begin again without after")
		}
		all = all[i+1:]
	}
	all = all[:min(len(all), r.Limit+1)]
	items := make([]API, 0, len(all))
	for _, record := range all {
		items = append(items, apiFrom(record))
	}
	return cut(items, r.Limit, func(a API) string { return a.ID }), nil
}
