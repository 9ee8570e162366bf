package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/store"
)

// CreateKey adds a key: a new pair of id and secret, or an imported one.
func (u *UseCases) CreateKey(ctx context.Context, actor string, in NewKey) (CreatedKey, error) {
	record, err := in.record()
	if err != nil {
		return CreatedKey{}, err
	}
	at := u.now()
	end, err := parseEnd(at, "secret_expires_at", in.SecretExpiresAt, "secret_expires_in", in.SecretExpiresIn)
	if err != nil {
		return CreatedKey{}, err
	}
	if len(in.ResourceServerOf) > 0 {
		// From the look at the resource servers of an API to the write.
		u.apis.Lock()
		defer u.apis.Unlock()
	}
	serves, err := u.servedAPIs(ctx, in.ResourceServerOf)
	if err != nil {
		return CreatedKey{}, err
	}
	// A key that only introspects needs no scope of its own.
	if len(record.Scopes) > 0 || len(serves) == 0 || in.API != "" {
		err = u.checkScopes(ctx, record.Scopes, in.API)
	}
	if err != nil {
		return CreatedKey{}, err
	}
	if record.ID == "" {
		record.ID = clientauth.NewID()
	}
	secret, text := u.newSecret(record.ID, in.ClientSecret, in.ClientSecretHash)
	secret.Name, secret.CreatedAt, secret.ExpiresAt = firstSecretName, at, end
	record.Secrets = []store.Secret{secret}
	record.CreatedAt, record.UpdatedAt = at, at
	mutations := []store.Mutation{store.CreateClient{Client: record}}
	for _, api := range serves {
		mutations = append(mutations, store.AddResourceServer{APIID: api.ID, ClientID: record.ID})
	}
	err = u.write(ctx, actor, at, mutations...)
	if errors.Is(err, store.ErrConflict) {
		return CreatedKey{}, conflict("client_id", fmt.Sprintf("there is a key %s already", quoted(record.ID)),
			"delete it first, or import under another client_id")
	}
	if err != nil {
		return CreatedKey{}, err
	}
	return CreatedKey{Key: keyFrom(record, at), ClientSecret: text}, nil
}

// checkScopes refuses scopes that cannot be granted.
func (u *UseCases) checkScopes(ctx context.Context, scopes []string, api string) error {
	apis, err := u.grantableAPIs(ctx, api)
	if err != nil {
		return err
	}
	return checkGrants(scopes, apis)
}

// grantableAPIs returns the APIs whose scopes a new key may be granted.
func (u *UseCases) grantableAPIs(ctx context.Context, name string) ([]store.API, error) {
	if name != "" {
		api, err := u.findAPI(ctx, name)
		if err != nil {
			return nil, err
		}
		return []store.API{api}, nil
	}
	apis, err := u.Store.APIs(ctx)
	if err != nil {
		return nil, storeProblem(err)
	}
	if len(apis) == 0 {
		return nil, invalid("scopes", "there is no API yet whose scopes could be granted", "create an API with its scopes first")
	}
	return apis, nil
}
