// Command zitadel gets tokens with github.com/zitadel/oidc, which finds the endpoints
// by the issuer.
package main

import (
	"context"
	"os"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/grantd/grantd/test/interop/go/report"
)

func main() { report.Print(answer(context.Background(), os.Args[1])) }

func answer(ctx context.Context, feature string) (any, error) {
	if feature == "introspect" {
		return introspect(ctx)
	}
	party, err := relyingParty(ctx, feature)
	if err != nil {
		return nil, err
	}
	first, err := rp.ClientCredentials(ctx, party, nil)
	if err == nil && feature == "revoke" {
		err = rp.RevokeToken(ctx, party, first.AccessToken, "access_token")
	}
	if err != nil || feature != "refresh" {
		return report.Of(first, first), err
	}
	last, err := rp.RefreshTokens[*oidc.IDTokenClaims](ctx, party, first.RefreshToken, "", "")
	if err != nil {
		return nil, err
	}
	return report.Of(last.Token, first), nil
}
