package admin

import (
	"context"
	"net/http"
	"slices"

	"github.com/grantd/grantd/internal/web"
)

// CreateAdminKey adds a key that may call the Admin API, with at least one of its scopes,
// and makes the record of that API first if it is not there, or lacks a scope.
func (u *UseCases) CreateAdminKey(ctx context.Context, actor string, in NewKey) (CreatedKey, error) {
	if !slices.ContainsFunc(in.Scopes, isAdminScope) {
		return CreatedKey{}, invalid("scopes", "the key has no scope of the Admin API", "name at least one, such as "+ScopeKeysRead)
	}
	err := u.ensureAdminAPI(ctx, actor)
	if err != nil {
		return CreatedKey{}, err
	}
	return u.CreateKey(ctx, actor, in)
}

func isAdminScope(scope string) bool { return slices.Contains(Scopes(), scope) }

func (u *UseCases) ensureAdminAPI(ctx context.Context, actor string) error {
	apis, err := u.Store.APIs(ctx)
	if err != nil {
		return storeProblem(err)
	}
	for _, api := range apis {
		if api.Audience != u.AdminAudience {
			continue
		}
		missing := without(Scopes(), api.Scopes)
		if len(missing) == 0 {
			return nil
		}
		scopes := slices.Concat(api.Scopes, missing)
		_, err = u.UpdateAPI(ctx, actor, api.ID, APIChange{Scopes: &scopes})
		return err
	}
	_, err = u.CreateAPI(ctx, actor, NewAPI{Audience: u.AdminAudience, Scopes: Scopes(), AccessTokenLifetime: adminTokenLifetime})
	return err
}

// adminTokenLifetime is short: such a token can make keys.
const adminTokenLifetime Seconds = 15 * 60

func (r routes) mountAdminKeys() {
	const list = "/admin/v1/admin-keys"
	r.resource(list, methods{
		http.MethodPost: web.Call(r.p, list, http.StatusCreated, func(ctx context.Context, c web.CallInfo, in NewKey) (CreatedKey, error) {
			return r.u.CreateAdminKey(ctx, c.Actor, in)
		}),
	})
}

// CreateAdminKey adds a key that may call the Admin API.
func (c *Client) CreateAdminKey(ctx context.Context, in NewKey) (CreatedKey, error) {
	return exchange[CreatedKey](ctx, c, http.MethodPost, "admin-keys", in)
}
