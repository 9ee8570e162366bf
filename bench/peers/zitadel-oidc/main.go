// The peer github.com/zitadel/oidc, its package op, for the client credentials grant.
package main

import (
	"crypto/rand"
	"log"
	"log/slog"
	"os"

	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/grantd/grantd/bench/peers/serve"
)

func main() {
	config := &op.Config{}
	_, err := rand.Read(config.CryptoKey[:])
	if err != nil {
		log.Fatal(err)
	}
	provider, err := op.NewProvider(config, newStore(), op.StaticIssuer("http://auth.bench.example"),
		// The benchmark speaks plain HTTP.
		op.WithAllowInsecure(),
		op.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))))
	if err != nil {
		log.Fatal(err)
	}
	serve.Run(provider)
}
