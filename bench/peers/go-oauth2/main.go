// The peer github.com/go-oauth2/oauth2, as its README and its example have it, for the
// client credentials grant. The library has no introspection endpoint.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"log"
	"net/http"

	"github.com/go-oauth2/oauth2/v4"
	"github.com/go-oauth2/oauth2/v4/generates"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"
	"github.com/go-oauth2/oauth2/v4/store"
	"github.com/golang-jwt/jwt/v5"

	"github.com/grantd/grantd/bench/peers/serve"
)

func main() {
	der, err := x509.MarshalECPrivateKey(serve.Key())
	if err != nil {
		log.Fatal(err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})

	mux := http.NewServeMux()
	mount(mux, "/jwt", generates.NewJWTAccessGenerate("bench", key, jwt.SigningMethodES256))
	mount(mux, "/opaque", generates.NewAccessGenerate())
	serve.Run(mux)
}

func mount(mux *http.ServeMux, path string, generate oauth2.AccessGenerate) {
	manager := manage.NewDefaultManager()
	manager.SetClientTokenCfg(&manage.Config{AccessTokenExp: serve.TokenLifetime})
	manager.MustTokenStorage(store.NewMemoryTokenStore())
	manager.MapAccessGenerate(generate)
	clients := store.NewClientStore()
	err := clients.Set(serve.ClientID, &client{Client: models.Client{ID: serve.ClientID}, secret: serve.SecretOf(serve.ClientSecret)})
	if err != nil {
		log.Fatal(err)
	}
	manager.MapClientStorage(clients)

	s := server.NewDefaultServer(manager)
	s.SetAllowedGrantType(oauth2.ClientCredentials)
	// The library leaves the check of the scope to its user.
	s.SetClientScopeHandler(func(request *oauth2.TokenGenerateRequest) (bool, error) {
		return request.Scope == serve.Scope, nil
	})
	mux.HandleFunc("POST "+path+"/token", func(w http.ResponseWriter, r *http.Request) {
		err := s.HandleTokenRequest(w, r)
		if err != nil {
			log.Print(err)
		}
	})
}

// client keeps the hash of its secret; models.Client would keep the secret itself and
// compare it with ==.
type client struct {
	models.Client
	secret serve.Secret
}

func (c *client) VerifyPassword(secret string) bool { return c.secret.Is(secret) }
