package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
)

// revokeFlags are what the commands share that end all tokens before an instant.
type revokeFlags struct {
	Before instant `placeholder:"TIME" help:"End only those issued before this time, such as 2026-01-31T18:00:00Z. Without it, all there are now."`
	JSON   bool    `name:"json" help:"Print JSON."`
}

// revokeBefore ends tokens and says which.
func (f revokeFlags) revokeBefore(
	ctx context.Context, a *app, whose string,
	revoke func(context.Context, admin.TokenRevocation) (admin.RevokedTokens, error),
) error {
	revoked, err := revoke(ctx, admin.TokenRevocation{Before: f.Before.given()})
	if err != nil {
		return err
	}
	if f.JSON {
		return printJSON(a.stdout, revoked)
	}
	fmt.Fprintf(a.stdout, "every token %s that was issued before %s has ended\n", clean(whose), printInstant(revoked.TokensNotBefore))
	printReach(a)
	return nil
}

// printReach says who does not hear of a revocation. Somebody whose token leaked
// needs to know.
func printReach(a *app) {
	fmt.Fprintln(a.stdout, "An API that introspects notices at once; one that only verifies the signature of a JWT takes it until it expires.")
}
