// Command golang-jwt verifies access tokens with github.com/golang-jwt/jwt, for which
// github.com/MicahParks/keyfunc keeps the key set.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"

	"github.com/grantd/grantd/test/interop/go/report"
)

type claims struct {
	jwt.RegisteredClaims
	Scope string `json:"scope"`
}

func main() {
	// By default an unknown kid has the key set read again once in five minutes, which a
	// forged token can use up.
	keys, err := keyfunc.NewDefaultOverrideCtx(context.Background(), []string{os.Getenv("JWKS_URI")},
		keyfunc.Override{RefreshUnknownKID: rate.NewLimiter(rate.Every(time.Second), 1)})
	if err != nil {
		log.Fatal(err)
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{os.Getenv("ALGORITHM")}), jwt.WithIssuer(os.Getenv("ISSUER")),
		jwt.WithAudience(os.Getenv("AUDIENCE")), jwt.WithExpirationRequired())
	report.Verify(func(token string) (report.Claims, error) {
		var c claims
		_, err := parser.ParseWithClaims(token, &c, keys.Keyfunc)
		return report.Claims{Subject: c.Subject, Scope: c.Scope}, err
	})
}
