package cli

import (
	"context"

	"github.com/grantd/grantd/internal/admin"
)

type revokeAPICmd struct {
	API    apiFlags    `embed:""`
	Revoke revokeFlags `embed:""`
}

// Help shows examples.
func (revokeAPICmd) Help() string {
	return "Ends access tokens and refresh tokens for the API; its keys go on and get new ones.\n\nExamples:\n\n" +
		"\tgrantd revoke api https://api.example.com\n" +
		"\tgrantd revoke api https://api.example.com --before 2026-01-31T18:00:00Z\n"
}

// Run ends the tokens of the API.
func (c *revokeAPICmd) Run(ctx context.Context, a *app) error {
	api := string(c.API.API)
	return c.Revoke.revokeBefore(ctx, a, "for API "+api,
		func(ctx context.Context, in admin.TokenRevocation) (admin.RevokedTokens, error) {
			return c.API.Server.client(a).RevokeAPITokens(ctx, api, in)
		})
}
