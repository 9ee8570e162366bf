package mirror

import (
	"slices"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

// API is a resource server as a token request sees it. It never changes.
type API struct {
	store.API
	catalogue *scope.Catalogue
}

// MayIntrospect reports whether the key is a resource server of the API.
func (a *API) MayIntrospect(clientID string) bool {
	_, found := slices.BinarySearch(a.ResourceServers, clientID)
	return found
}

// directory is the set of APIs; a change publishes another one.
type directory struct {
	list       []*API
	byAudience map[string]*API
}

// newDirectory makes the directory that comes after another one, which may be
// nil.
func newDirectory(records []store.API, before *directory) (*directory, error) {
	d := &directory{byAudience: make(map[string]*API, len(records))}
	for _, record := range records {
		catalogue, err := scope.ParseCatalogue(record.Scopes)
		if err != nil {
			return nil, err
		}
		api := &API{API: record, catalogue: catalogue}
		if before != nil {
			old := before.byID(record.ID)
			if old != nil {
				// What was revoked stays revoked, whatever history the store has now.
				api.NotBefore = later(api.NotBefore, old.NotBefore)
			}
		}
		d.list = append(d.list, api)
		d.byAudience[record.Audience] = api
	}
	return d, nil
}

func (d *directory) byID(id string) *API {
	for _, api := range d.list {
		if api.ID == id {
			return api
		}
	}
	return nil
}

// servedBy returns the first API that the key is a resource server of, or nil.
func (d *directory) servedBy(clientID string) *API {
	for _, api := range d.list {
		if api.MayIntrospect(clientID) {
			return api
		}
	}
	return nil
}

// names reports whether the key is a resource server of one of the APIs.
func (d *directory) names(clientID string) bool {
	return slices.ContainsFunc(d.list, func(api *API) bool { return api.MayIntrospect(clientID) })
}

// owner returns the API whose catalogue holds the concrete scope, or nil. A
// scope belongs to one API at most.
func (d *directory) owner(scope string) *API {
	for _, api := range d.list {
		_, found := api.catalogue.Find(scope)
		if found {
			return api
		}
	}
	return nil
}
