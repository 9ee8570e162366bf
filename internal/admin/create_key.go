package admin

import (
	"context"
	"crypto/rand"
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
	apis, err := u.grantableAPIs(ctx, in.API)
	if err != nil {
		return CreatedKey{}, err
	}
	err = checkGrants(record.Scopes, apis)
	if err != nil {
		return CreatedKey{}, err
	}
	secret := in.ClientSecret
	if record.ID == "" {
		record.ID, secret = clientauth.NewID(), clientauth.NewSecret()
	}
	at := u.now()
	hash := u.Pepper.Hash(record.ID, secret)
	record.Secrets = []store.Secret{{ID: rand.Text(), Hash: hash[:], CreatedAt: at}}
	record.CreatedAt, record.UpdatedAt = at, at
	err = u.write(ctx, actor, at, store.CreateClient{Client: record})
	if errors.Is(err, store.ErrConflict) {
		return CreatedKey{}, conflict("client_id", fmt.Sprintf("there is a key %s already", quoted(record.ID)),
			"delete it first, or import under another client_id")
	}
	if err != nil {
		return CreatedKey{}, err
	}
	return CreatedKey{Key: keyFrom(record), ClientSecret: secret}, nil
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
