package mirror

import (
	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

// API is a resource server as a token request sees it. It never changes.
type API struct {
	store.API
	catalogue *scope.Catalogue
}

// directory is the set of APIs; a change publishes another one.
type directory struct {
	list       []*API
	byAudience map[string]*API
}

func newDirectory(records []store.API) (*directory, error) {
	d := &directory{byAudience: make(map[string]*API, len(records))}
	for _, record := range records {
		catalogue, err := scope.ParseCatalogue(record.Scopes)
		if err != nil {
			return nil, err
		}
		api := &API{API: record, catalogue: catalogue}
		d.list = append(d.list, api)
		d.byAudience[record.Audience] = api
	}
	return d, nil
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
