package admin

import (
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

// directory is what the scopes of all APIs of each mode mean.
type directory map[store.Mode]*scope.Index[string]

func newDirectory(apis []store.API) directory {
	d := directory{store.Live: scope.NewIndex[string](), store.Test: scope.NewIndex[string]()}
	for _, api := range readCatalogues(apis) {
		// What overlaps was refused before; it would grant nothing.
		_ = d[api.record.Mode].Add(api.catalogue, api.record.Audience)
	}
	return d
}

// defines says whether a key of the mode can be granted this.
func (d directory) defines(mode store.Mode, grant string) bool {
	return d[mode].CheckGrant(grant) == nil
}

// check refuses grants that mean nothing to a key of the mode, but for those that
// stand for nothing new.
func (d directory) check(mode store.Mode, grants []string, excused func(grant string) bool) error {
	for i, grant := range grants {
		err := d[mode].CheckGrant(grant)
		if err == nil || excused(grant) {
			continue
		}
		return grantProblem(i, d.otherMode(mode, grant, err))
	}
	return nil
}

// otherMode says so when it is the mode alone that stands in the way.
func (d directory) otherMode(mode store.Mode, grant string, err error) error {
	other := store.Test
	if mode == store.Test {
		other = store.Live
	}
	if !d.defines(other, grant) {
		return err
	}
	return fmt.Errorf("scope %s is of a %s API, and the key is a %s key", grant, other, mode)
}

func grantProblem(i int, err error) error {
	const hint = "grant what the catalogue of an API of the key's mode has: a scope, a template as it stands, or one with values in place of parameters"
	_, known := errors.AsType[*scope.Error](err)
	if known {
		return invalid(at("scopes", i), err.Error(), hint)
	}
	return invalid(at("scopes", i), err.Error(), "choose the mode of the key, live or test, by that of the APIs it is for")
}

// checkCount looks at how many scopes a key is granted. A key that only
// introspects needs none of its own.
func checkCount(scopes []string, mayHaveNone bool) error {
	if len(scopes) == 0 && !mayHaveNone {
		return invalid("scopes", "the key is granted no scopes and could get no token", "name at least one scope of an API")
	}
	if len(scopes) > maxGrantedScopes {
		return invalid("scopes", fmt.Sprintf("the key is granted more than %d scopes", maxGrantedScopes), "grant a template instead of its values")
	}
	return nil
}

func never(string) bool { return false }
