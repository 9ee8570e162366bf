package cli

import (
	"context"

	"github.com/grantd/grantd/internal/admin"
)

type revokeKeyCmd struct {
	Key    keyFlags    `embed:""`
	Revoke revokeFlags `embed:""`
}

// Help shows examples.
func (revokeKeyCmd) Help() string {
	return "Ends access tokens and refresh tokens. The key itself goes on and gets new ones; grantd key disable stops that, too.\n\nExamples:\n\n" +
		"\tgrantd revoke key 5clTR_MdVrrkgxw2\n" +
		"\tgrantd revoke key 5clTR_MdVrrkgxw2 --before 2026-01-31T18:00:00Z\n"
}

// Run ends the tokens of the key.
func (c *revokeKeyCmd) Run(ctx context.Context, a *app) error {
	id := string(c.Key.ID)
	return c.Revoke.revokeBefore(ctx, a, "of key "+id,
		func(ctx context.Context, in admin.TokenRevocation) (admin.RevokedTokens, error) {
			return c.Key.Server.client(a).RevokeKeyTokens(ctx, id, in)
		})
}
