package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grantd/grantd/internal/store"
)

// checkGoal refuses a manifest whose parts do not go together, or not with what
// stays.
func (u *UseCases) checkGoal(ctx context.Context, w wanted, have inventory, g goal) error {
	err := checkOverlaps(w.apis, g.kept)
	if err != nil {
		return err
	}
	err = u.checkServers(ctx, w, g)
	if err != nil {
		return err
	}
	was, is := newDirectory(have.apis), newDirectory(g.apis)
	err = checkManifestGrants(w, have, g, was, is)
	if err != nil {
		return err
	}
	if !loses(have.apis, g.apis) {
		return nil
	}
	named := make(map[string]bool, len(w.keys))
	for _, key := range w.keys {
		named[key.record.ID] = true
	}
	return u.eachKey(ctx, func(key store.Client) error {
		if named[key.ID] || g.deleted[key.ID] {
			return nil
		}
		grant, lost := lostGrant(key, was, is)
		if !lost {
			return nil
		}
		return w.lossOf(key, grant, have, g)
	})
}

// checkManifestGrants looks at the scopes of the keys in the manifest.
func checkManifestGrants(w wanted, have inventory, g goal, was, is directory) error {
	serves := map[string]bool{}
	for _, api := range g.apis {
		for _, id := range api.ResourceServers {
			serves[id] = true
		}
	}
	for i, key := range w.keys {
		old, there := have.keys[key.record.ID]
		sent := w.sentKeys[i].Scopes
		// A key that has no scopes may stay so: it may have been a resource server.
		err := checkCount(sent, serves[key.record.ID] || there && len(old.Scopes) == 0)
		if err != nil {
			return within(key.path, err)
		}
		err = is.check(key.record.Mode, sent, func(grant string) bool {
			// What it has and what meant nothing before is not lost now.
			return there && slices.Contains(old.Scopes, grant) && !was.defines(old.Mode, grant)
		})
		if err != nil {
			return within(key.path, err)
		}
	}
	return nil
}

// lossOf says which change of an API takes a grant's definition away from a key
// that stays as it is.
func (w wanted) lossOf(key store.Client, grant string, have inventory, g goal) error {
	const hint = "give the key other scopes first, in the keys of the file or with grantd key update"
	owner := definingAPI(have.apis, key.Mode, grant)
	if slices.ContainsFunc(g.doomed, func(a store.API) bool { return a.Audience == owner }) {
		return conflict("apis", fmt.Sprintf("API %s would be deleted, and key %s (%s) is granted its scope %s", owner, quoted(key.ID), quoted(key.Name), grant), hint)
	}
	for _, api := range w.apis {
		if api.record.Audience == owner {
			return lossProblem(api.path+".scopes", key, grant, hint)
		}
	}
	return lossProblem("apis", key, grant, hint)
}

// definingAPI returns the audience of the API whose catalogue has what a grant is
// about.
func definingAPI(apis []store.API, mode store.Mode, grant string) string {
	for _, api := range readCatalogues(apis) {
		if api.record.Mode == mode && api.catalogue.CheckGrant(grant) == nil {
			return api.record.Audience
		}
	}
	return ""
}

// checkServers refuses a resource server that is no key.
func (u *UseCases) checkServers(ctx context.Context, w wanted, g goal) error {
	known := make(map[string]bool, len(w.keys))
	for _, key := range w.keys {
		known[key.record.ID] = true
	}
	for i, sent := range w.sentAPIs {
		for j, id := range sent.ResourceServers {
			field := at("apis", i) + "." + at("resource_servers", j)
			if g.deleted[id] {
				return invalid(field, fmt.Sprintf("key %s would be deleted", quoted(id)), "add it to the keys of the file, or leave it out here")
			}
			if known[id] {
				continue
			}
			_, err := u.Store.Client(ctx, id)
			if errors.Is(err, store.ErrNotFound) {
				return invalid(field, fmt.Sprintf("there is no key %s", quoted(id)), "add it to the keys of the file, or leave it out")
			}
			if err != nil {
				return storeProblem(err)
			}
			known[id] = true
		}
	}
	return nil
}
