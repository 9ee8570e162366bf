// Command go-jose verifies access tokens with github.com/go-jose/go-jose, which reads a
// key set and leaves fetching it to others.
package main

import (
	"os"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/grantd/grantd/test/interop/go/report"
)

func main() {
	var keys jose.JSONWebKeySet
	algorithms := []jose.SignatureAlgorithm{jose.SignatureAlgorithm(os.Getenv("ALGORITHM"))}
	report.Verify(func(text string) (claims report.Claims, err error) {
		token, err := jwt.ParseSigned(text, algorithms)
		if err != nil {
			return claims, err
		}
		if len(keys.Key(token.Headers[0].KeyID)) == 0 {
			keys = jose.JSONWebKeySet{}
			err = report.Fetch(os.Getenv("JWKS_URI"), &keys)
			if err != nil {
				return claims, err
			}
		}
		var registered jwt.Claims
		err = token.Claims(keys, &registered, &claims)
		if err != nil {
			return claims, err
		}
		want := jwt.Expected{Issuer: os.Getenv("ISSUER"), AnyAudience: jwt.Audience{os.Getenv("AUDIENCE")}, Time: time.Now()}
		return claims, registered.ValidateWithLeeway(want, 0)
	})
}
