package cli

import (
	"context"
	"fmt"
)

type signingKeyRevokeCmd struct {
	Server  serverFlags  `embed:""`
	KeyID   word         `arg:"" name:"kid" help:"Id of the signing key."`
	Consent consentFlags `embed:""`
	JSON    bool         `name:"json" help:"Print JSON."`
}

// Help shows an example.
func (signingKeyRevokeCmd) Help() string {
	return "For a key that was stolen: it is not published any more, and nothing it signed is valid. When it is the one that signs, a new one does from now on. " +
		"Asks first, unless --yes is given.\n\nExamples:\n\n" +
		"\tgrantd signing-key revoke CPdnNgzOoPsGgfgT\n"
}

// Run revokes the signing key.
func (c *signingKeyRevokeCmd) Run(ctx context.Context, a *app) error {
	kid := string(c.KeyID)
	err := c.Consent.confirm(a, "this ends every token that signing key "+kid+" has signed")
	if err != nil {
		return err
	}
	revoked, err := c.Server.client(a).RevokeSigningKey(ctx, kid)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, revoked)
	}
	fmt.Fprintf(a.stdout, "revoked signing key %s (%s)\n%s\n", clean(revoked.ID), clean(revoked.Algorithm), clean(revoked.Effect))
	return nil
}
