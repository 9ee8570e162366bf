package cli

import "context"

type revokeAllCmd struct {
	Server  serverFlags  `embed:""`
	Revoke  revokeFlags  `embed:""`
	Consent consentFlags `embed:""`
}

// Help shows examples.
func (revokeAllCmd) Help() string {
	return "Every program has to get a new token with its secret, all at once. Asks first, unless --yes is given.\n\nExamples:\n\n" +
		"\tgrantd revoke all\n" +
		"\tgrantd revoke all --before 2026-01-31T18:00:00Z --yes\n"
}

// Run ends the tokens of every key.
func (c *revokeAllCmd) Run(ctx context.Context, a *app) error {
	err := c.Consent.confirm(a, "this ends the tokens of all keys")
	if err != nil {
		return err
	}
	return c.Revoke.revokeBefore(ctx, a, "of all keys", c.Server.client(a).RevokeAllTokens)
}
