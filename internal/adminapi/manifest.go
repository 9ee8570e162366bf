package adminapi

import (
	"errors"
	"net/http"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/web"
)

// maxManifest is the most that a manifest may have.
const maxManifest = 8 << 20

func export(c *call, _, _ none) (admin.Manifest, error) { return c.api.UseCases.Export(c.ctx) }

// apply makes what a manifest says, as far as the caller could do it key by key: all of
// it, or nothing.
func apply(c *call, _ none, in admin.Apply) (admin.Plan, error) {
	return c.api.UseCases.ApplyIf(c.ctx, c.actor(), in, func(plan admin.Plan, keys []admin.TouchedKey) error {
		for _, change := range plan.Changes {
			if change.Kind == admin.KindAPI && change.Name == c.api.Audience {
				return ownAPI()
			}
			if change.Kind == admin.KindKey && change.Action == admin.ActionDelete && change.Name == c.caller.key.ClientID {
				return forbidden("prune", "the manifest would delete the key that applies it", "name the calling key in the manifest as it is, or leave prune out")
			}
		}
		for _, key := range keys {
			err := c.mayApply(key)
			if err != nil {
				return at(key.Path, err)
			}
		}
		return nil
	})
}

// mayApply has the rules of PATCH for a key that is there, and those of POST for another.
func (c *call) mayApply(key admin.TouchedKey) error {
	if key.Old.ClientID != "" {
		err := c.mayChange(key.Old)
		if err != nil {
			return err
		}
	}
	err := c.caller.holds(key.New.Scopes, "scopes")
	if err == nil {
		err = c.caller.within(key.New)
	}
	return err
}

// at says where in a manifest a refusal belongs.
func at(path string, err error) error {
	p, ok := errors.AsType[*web.Problem](err)
	if !ok {
		return err
	}
	moved := *p
	moved.Field = path
	if p.Field != "" {
		moved.Field += "." + p.Field
	}
	return &moved
}

func manifestRoutes() []*Route {
	return []*Route{
		route(http.MethodGet, "/admin/v1/export", admin.ScopeManifestRead, "Show all APIs and keys as a manifest, without secrets.", export).forProvider(),
		route(http.MethodPost, "/admin/v1/apply", admin.ScopeManifestWrite, "Make the APIs and keys as a manifest says: all of it, or nothing.", apply).forProvider().upTo(maxManifest),
	}
}
