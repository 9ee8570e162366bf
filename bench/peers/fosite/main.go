// The peer github.com/ory/fosite, composed with the client credentials grant and
// introspection only. -hasher and -store choose between the rows of the benchmark.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"log"
	"net/http"

	"github.com/ory/fosite"
	"github.com/ory/fosite/compose"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/storage"
	"github.com/ory/fosite/token/jwt"

	"github.com/grantd/grantd/bench/peers/serve"
)

const issuer = "https://auth.bench.example"

func main() {
	hasher := flag.String("hasher", "sha256", "how the client secret is kept: bcrypt, which is fosite's default, or sha256")
	database := flag.String("sqlite", "", "the file of a new SQLite database for the tokens; empty means fosite's memory store")
	flag.Parse()

	memory := storage.NewMemoryStore()
	var store fosite.Storage = memory
	if *database != "" {
		rows, err := openRows(*database, memory)
		if err != nil {
			log.Fatal(err)
		}
		defer rows.Close()
		store = rows
	}

	key := serve.Key()
	getKey := func(context.Context) (any, error) { return key, nil }
	jwtConfig, opaqueConfig := newConfig(*hasher), newConfig(*hasher)
	hmac := compose.NewOAuth2HMACStrategy(opaqueConfig)
	jwts := &oauth2.DefaultJWTStrategy{
		Signer:          &jwt.DefaultSigner{GetPrivateKey: getKey},
		HMACSHAStrategy: hmac,
		Config:          jwtConfig,
	}
	secret, err := jwtConfig.GetSecretsHasher(context.Background()).Hash(context.Background(), []byte(serve.ClientSecret))
	if err != nil {
		log.Fatal(err)
	}
	memory.Clients[serve.ClientID] = &fosite.DefaultClient{
		ID: serve.ClientID, Secret: secret,
		GrantTypes: fosite.Arguments{"client_credentials"},
		Scopes:     fosite.Arguments{serve.Scope},
	}

	mux := http.NewServeMux()
	mount(mux, "/jwt", compose.Compose(jwtConfig, store, jwts,
		compose.OAuth2ClientCredentialsGrantFactory, compose.OAuth2TokenIntrospectionFactory))
	mount(mux, "/opaque", compose.Compose(opaqueConfig, store, hmac,
		compose.OAuth2ClientCredentialsGrantFactory, compose.OAuth2TokenIntrospectionFactory))
	serve.Run(mux)
}

// newConfig leaves everything else at fosite's defaults. A provider adds its handlers to
// its configuration, so two cannot share one.
func newConfig(hasher string) *fosite.Config {
	config := &fosite.Config{
		AccessTokenLifespan: serve.TokenLifetime,
		AccessTokenIssuer:   issuer,
		JWTScopeClaimKey:    jwt.JWTScopeFieldString,
		GlobalSecret:        make([]byte, 32),
	}
	_, err := rand.Read(config.GlobalSecret)
	if err != nil {
		log.Fatal(err)
	}
	if hasher == "sha256" {
		config.ClientSecretsHasher = sha256Hasher{}
	}
	return config
}

// sha256Hasher is a fosite.Hasher that is enough for a random secret.
type sha256Hasher struct{}

func (sha256Hasher) Hash(_ context.Context, secret []byte) ([]byte, error) {
	sum := serve.SecretOf(string(secret))
	return sum[:], nil
}

func (sha256Hasher) Compare(_ context.Context, hash, secret []byte) error {
	if len(hash) != len(serve.Secret{}) || !serve.Secret(hash).Is(string(secret)) {
		return errors.New("another secret")
	}
	return nil
}

// mount follows the example of fosite's README for the two endpoints.
func mount(mux *http.ServeMux, path string, provider fosite.OAuth2Provider) {
	mux.HandleFunc("POST "+path+"/token", func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		session := &oauth2.JWTSession{JWTClaims: &jwt.JWTClaims{Subject: serve.ClientID}, Subject: serve.ClientID}
		request, err := provider.NewAccessRequest(ctx, r, session)
		if err != nil {
			provider.WriteAccessError(ctx, w, request, err)
			return
		}
		// The grant has checked that the client may have these.
		for _, scope := range request.GetRequestedScopes() {
			request.GrantScope(scope)
		}
		response, err := provider.NewAccessResponse(ctx, request)
		if err != nil {
			provider.WriteAccessError(ctx, w, request, err)
			return
		}
		provider.WriteAccessResponse(ctx, w, request, response)
	})
	mux.HandleFunc("POST "+path+"/introspect", func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		answer, err := provider.NewIntrospectionRequest(ctx, r, &oauth2.JWTSession{})
		if err != nil {
			provider.WriteIntrospectionError(ctx, w, err)
			return
		}
		provider.WriteIntrospectionResponse(ctx, w, answer)
	})
}
