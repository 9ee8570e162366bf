package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/manifest"
)

type apiListCmd struct {
	Server serverFlags `embed:""`
	JSON   bool        `name:"json" help:"Print JSON."`
}

// Run lists the APIs.
func (c *apiListCmd) Run(ctx context.Context, a *app) error {
	apis, err := all(ctx, c.Server.client(a).ListAPIs)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, apis)
	}
	if len(apis) == 0 {
		fmt.Fprintln(a.stdout, "There is no API yet. Create one with: grantd api create --audience URI --scope SCOPE")
		return nil
	}
	rows := [][]string{{"AUDIENCE", "MODE", "FORMAT", "ALG", "LIFETIME", "SCOPES"}}
	for _, api := range apis {
		rows = append(rows, []string{
			api.Audience, string(api.Mode), string(api.TokenFormat), api.Algorithm, manifest.FormatDuration(api.AccessTokenLifetime.Duration()), printList(api.Scopes),
		})
	}
	printTable(a.stdout, rows)
	return nil
}

// all reads a list page by page.
func all[T any](ctx context.Context, page func(context.Context, admin.Range) (admin.Page[T], error)) ([]T, error) {
	const pageSize = 200
	items := []T{}
	r := admin.Range{Limit: pageSize}
	for {
		p, err := page(ctx, r)
		if err != nil {
			return nil, err
		}
		items = append(items, p.Items...)
		if p.Next == "" {
			return items, nil
		}
		r.After = p.Next
	}
}
