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
	routes    *scope.Routes
	// leftOut says that its scopes are not in the index.
	leftOut bool
}

// MayIntrospect reports whether the key is a resource server of the API.
func (a *API) MayIntrospect(clientID string) bool {
	_, found := slices.BinarySearch(a.ResourceServers, clientID)
	return found
}

// Routes says which scopes a request to the API needs; never nil.
func (a *API) Routes() *scope.Routes { return a.routes }

// newAPI compiles the record of an API, or takes over from the one with its id
// before, which may be nil. The errors say what of it cannot be used.
func newAPI(record store.API, before *API) (*API, []error) {
	// An API that was deleted and made again is another one.
	record.NotBefore = later(record.CreatedAt, record.NotBefore)
	if before != nil {
		// What was revoked stays revoked, whatever history the store has now.
		record.NotBefore = later(record.NotBefore, before.NotBefore)
	}
	api := &API{API: record}
	if before != nil && sameScopes(&record, &before.API) {
		api.catalogue, api.routes = before.catalogue, before.routes
		return api, nil
	}
	var faults []error
	types := make(map[string]string, len(record.Parameters))
	for _, p := range record.Parameters {
		types[p.Name] = p.Type
	}
	catalogue, err := scope.ParseCatalogue(record.Scopes, types)
	if err != nil {
		faults = append(faults, err)
	} else {
		api.catalogue = catalogue
		api.routes, err = scope.ParseRoutes(routesOf(&record), catalogue)
		if err != nil {
			faults = append(faults, err)
		}
	}
	if api.routes == nil {
		api.routes = &scope.Routes{}
	}
	return api, faults
}

func sameScopes(a, b *store.API) bool {
	sameRoute := func(x, y store.Route) bool {
		return x.Method == y.Method && x.Path == y.Path && slices.Equal(x.Scopes, y.Scopes)
	}
	return slices.Equal(a.Scopes, b.Scopes) && slices.Equal(a.Parameters, b.Parameters) &&
		slices.EqualFunc(a.Routes, b.Routes, sameRoute)
}

func routesOf(record *store.API) []scope.Route {
	routes := make([]scope.Route, 0, len(record.Routes))
	for _, r := range record.Routes {
		routes = append(routes, scope.Route{Method: r.Method, Path: r.Path, Scopes: r.Scopes})
	}
	return routes
}
