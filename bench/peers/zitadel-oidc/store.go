package main

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/grantd/grantd/bench/peers/serve"
)

// The format of a token is a matter of its client, so there are two.
const (
	jwtClient    = serve.ClientID + "-jwt"
	opaqueClient = serve.ClientID + "-opaque"
)

// store keeps clients and tokens in maps, as the library's example does. What the client
// credentials grant and introspection do not reach is left out: the embedded nil would
// panic.
type store struct {
	op.Storage
	key     *key
	clients map[string]*client

	mu     sync.RWMutex
	tokens map[string]*token
}

type token struct {
	client  string
	scopes  []string
	expires time.Time
}

func newStore() *store {
	return &store{
		key: &key{serve.Key()},
		clients: map[string]*client{
			jwtClient:    {id: jwtClient, secret: serve.SecretOf(serve.ClientSecret), format: op.AccessTokenTypeJWT},
			opaqueClient: {id: opaqueClient, secret: serve.SecretOf(serve.ClientSecret), format: op.AccessTokenTypeBearer},
		},
		tokens: map[string]*token{},
	}
}

func (s *store) Health(context.Context) error { return nil }

func (s *store) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

func (s *store) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

func (s *store) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s.key}}, nil }

func (s *store) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	c, found := s.clients[id]
	if !found {
		return nil, errors.New("no such client")
	}
	return c, nil
}

func (s *store) AuthorizeClientIDSecret(ctx context.Context, id, secret string) error {
	_, err := s.ClientCredentials(ctx, id, secret)
	return err
}

func (s *store) ClientCredentials(_ context.Context, id, secret string) (op.Client, error) {
	c, found := s.clients[id]
	if !found || !c.secret.Is(secret) {
		return nil, errors.New("no such client, or another secret")
	}
	return c, nil
}

func (s *store) ClientCredentialsTokenRequest(_ context.Context, id string, scopes []string) (op.TokenRequest, error) {
	// The library leaves the check of the scope to its user.
	if slices.ContainsFunc(scopes, func(scope string) bool { return scope != serve.Scope }) {
		return nil, oidc.ErrInvalidScope()
	}
	return &oidc.JWTTokenRequest{Subject: id, Audience: oidc.Audience{id}, Scopes: scopes}, nil
}

func (s *store) CreateAccessToken(_ context.Context, request op.TokenRequest) (string, time.Time, error) {
	id, expires := uuid.NewString(), time.Now().Add(serve.TokenLifetime)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[id] = &token{client: request.GetSubject(), scopes: request.GetScopes(), expires: expires}
	return id, expires, nil
}

func (s *store) GetPrivateClaimsFromScopes(_ context.Context, _, _ string, scopes []string) (map[string]any, error) {
	return map[string]any{"scope": oidc.SpaceDelimitedArray(scopes)}, nil
}

func (s *store) SetIntrospectionFromToken(_ context.Context, answer *oidc.IntrospectionResponse, id, subject, _ string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, found := s.tokens[id]
	if !found || t.expires.Before(time.Now()) {
		return errors.New("no such token")
	}
	answer.Subject, answer.ClientID, answer.Scope = subject, t.client, t.scopes
	answer.Expiration = oidc.FromTime(t.expires)
	return nil
}

type key struct{ private *ecdsa.PrivateKey }

func (k *key) ID() string                                  { return "bench" }
func (k *key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k *key) Key() any                                    { return k.private }

type publicKey struct{ *key }

func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return &k.private.PublicKey }

// client answers what the grant asks a client; the embedded nil is as in store.
type client struct {
	op.Client
	id     string
	secret serve.Secret
	format op.AccessTokenType
}

func (c *client) GetID() string               { return c.id }
func (c *client) AuthMethod() oidc.AuthMethod { return oidc.AuthMethodBasic }
func (c *client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeClientCredentials}
}
func (c *client) AccessTokenType() op.AccessTokenType { return c.format }
func (c *client) ClockSkew() time.Duration            { return 0 }
func (c *client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func(scopes []string) []string { return scopes }
}
