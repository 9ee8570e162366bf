// Command go-oidc verifies access tokens with github.com/coreos/go-oidc, whose
// verifier of ID tokens takes any JWT for the audience it is given.
package main

import (
	"context"
	"log"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/grantd/grantd/test/interop/go/report"
)

func main() {
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	if err != nil {
		log.Fatal(err)
	}
	// The metadata names no algorithms of ID tokens, and then RS256 alone is allowed.
	verifier := provider.Verifier(&oidc.Config{ClientID: os.Getenv("AUDIENCE"), SupportedSigningAlgs: []string{os.Getenv("ALGORITHM")}})
	report.Verify(func(token string) (report.Claims, error) {
		var claims report.Claims
		verified, err := verifier.Verify(ctx, token)
		if err == nil {
			err = verified.Claims(&claims)
		}
		return claims, err
	})
}
