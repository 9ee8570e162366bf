package admin

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	// From the look at the scopes and resource servers of the APIs to the write.
	if len(in.ResourceServerOf) > 0 {
		u.apis.Lock()
		defer u.apis.Unlock()
	} else {
		u.apis.RLock()
		defer u.apis.RUnlock()
	}
	serves, err := u.servedAPIs(ctx, in.ResourceServerOf)
	if err != nil {
		return CreatedKey{}, err
	}
	// A key that only introspects needs no scope of its own.
	if len(in.Scopes) > 0 || len(serves) == 0 || in.API != "" {
		err = u.checkScopes(ctx, record.Mode, in.Scopes, in.API)
	}
	if err != nil {
		return CreatedKey{}, err
	}
	if record.ID == "" {
		record.ID = clientauth.NewID()
	}
	text := ""
	if !signs(record) {
		secret, shown := u.newSecret(record.ID, in.ClientSecret, in.ClientSecretHash)
		secret.Name, secret.CreatedAt, secret.ExpiresAt = firstSecretName, at, end
		record.Secrets, text = []store.Secret{secret}, shown
	}
	record.CreatedAt, record.UpdatedAt = at, at
	mutations := []store.Mutation{store.CreateClient{Client: record}}
	for _, api := range serves {
		mutations = append(mutations, store.AddResourceServer{APIID: api.ID, ClientID: record.ID})
	}
	created := CreatedKey{Key: keyFrom(record, at), ClientSecret: text}
	err = u.writeAnswered(ctx, actor, at, created, mutations...)
	if errors.Is(err, store.ErrConflict) {
		return CreatedKey{}, conflict("client_id", fmt.Sprintf("there is a key %s already", quoted(record.ID)),
			"delete it first, or import under another client_id")
	}
	if err != nil {
		return CreatedKey{}, err
	}
	return created, nil
}

// Draft is the key as it would be made, by what is asked for alone: without its id and its
// secret. The error is what CreateKey would say.
func (in NewKey) Draft() (Key, error) {
	record, err := in.record()
	if err != nil {
		return Key{}, err
	}
	return keyFrom(record, time.Time{}), nil
}

// checkScopes refuses scopes that a new key cannot be granted.
func (u *UseCases) checkScopes(ctx context.Context, mode store.Mode, scopes []string, api string) error {
	apis, err := u.grantableAPIs(ctx, mode, api)
	if err != nil {
		return err
	}
	err = checkCount(scopes, false)
	if err != nil {
		return err
	}
	if api == "" {
		return newDirectory(apis).check(mode, scopes, never)
	}
	for _, one := range readCatalogues(apis) {
		for i, grant := range scopes {
			err = one.catalogue.CheckGrant(grant)
			if err != nil {
				return grantProblem(i, err)
			}
		}
	}
	return nil
}

// grantableAPIs returns the APIs whose scopes a new key may be granted.
func (u *UseCases) grantableAPIs(ctx context.Context, mode store.Mode, name string) ([]store.API, error) {
	if name != "" {
		api, err := u.findAPI(ctx, name)
		if err != nil {
			return nil, err
		}
		if api.Mode != mode {
			return nil, invalid("mode", fmt.Sprintf("%s is a %s API, and the key would be a %s key", api.Audience, api.Mode, mode),
				fmt.Sprintf("make it a %s key", api.Mode))
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
