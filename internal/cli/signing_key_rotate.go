package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
)

type signingKeyRotateCmd struct {
	Server serverFlags `embed:""`
	Alg    string      `placeholder:"ALG" words:"ES256,RS256,PS256,EdDSA" help:"Algorithm whose key is replaced: ES256, RS256, PS256 or EdDSA. Needed only when APIs sign with several."`
	Now    bool        `help:"Sign with the new key at once, before verifiers have heard of it."`
	JSON   bool        `name:"json" help:"Print JSON."`
}

// Help says what happens when.
func (signingKeyRotateCmd) Help() string {
	return "The new key is published now, and signs once every cached key set holds it. The old one stays published until the last token it signed has expired. " +
		"With --now a verifier that keeps its key set, and does not ask again for a kid it does not know, refuses new tokens for a while.\n\nExamples:\n\n" +
		"\tgrantd signing-key rotate\n" +
		"\tgrantd signing-key rotate --alg RS256\n"
}

// Run makes the new key.
func (c *signingKeyRotateCmd) Run(ctx context.Context, a *app) error {
	key, err := c.Server.client(a).RotateSigningKey(ctx, admin.SigningKeyRotation{Algorithm: c.Alg, Now: c.Now})
	if refusedField(err) == "now" {
		return fault.Hint(err, "wait until it does; with --now yet another one signs at once")
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, key)
	}
	fmt.Fprintf(a.stdout, "created signing key %s (%s)\n", clean(key.ID), clean(key.Algorithm))
	if c.Now {
		fmt.Fprintln(a.stdout, "It signs from now on.")
		return nil
	}
	fmt.Fprintf(a.stdout, "It is published now and signs from %s on (%s).\n", printTime(key.ActivatesAt), relative(a.now(), key.ActivatesAt))
	return nil
}
