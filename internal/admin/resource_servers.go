package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grantd/grantd/internal/store"
)

const maxResourceServers = 100

// AddResourceServer lets a key introspect the tokens of the API with this id or
// audience, and returns the API.
func (u *UseCases) AddResourceServer(ctx context.Context, actor, idOrAudience, clientID string) (API, error) {
	u.apis.Lock()
	defer u.apis.Unlock()
	api, err := u.findAPI(ctx, idOrAudience)
	if err != nil {
		return API{}, err
	}
	if slices.Contains(api.ResourceServers, clientID) {
		return apiFrom(api), nil
	}
	if len(api.ResourceServers) >= maxResourceServers {
		return API{}, tooManyResourceServers(api)
	}
	err = u.write(ctx, actor, u.now(), store.AddResourceServer{APIID: api.ID, ClientID: clientID})
	if err != nil {
		return API{}, keyProblem(clientID, err)
	}
	api.ResourceServers = append(api.ResourceServers, clientID)
	slices.Sort(api.ResourceServers)
	return apiFrom(api), nil
}

// RemoveResourceServer takes that back.
func (u *UseCases) RemoveResourceServer(ctx context.Context, actor, idOrAudience, clientID string) error {
	api, err := u.findAPI(ctx, idOrAudience)
	if err != nil {
		return err
	}
	err = u.write(ctx, actor, u.now(), store.RemoveResourceServer{APIID: api.ID, ClientID: clientID})
	if errors.Is(err, store.ErrNotFound) {
		return notFound("resource server", clientID, "show the API to see its resource servers")
	}
	return err
}

// addResourceServers returns what must be written beside a new API. The keys
// must be there.
func (u *UseCases) addResourceServers(ctx context.Context, apiID string, clientIDs []string) ([]store.Mutation, error) {
	mutations := make([]store.Mutation, 0, len(clientIDs))
	for _, clientID := range clientIDs {
		_, err := u.Store.Client(ctx, clientID)
		if errors.Is(err, store.ErrNotFound) {
			return nil, invalid("resource_servers", fmt.Sprintf("there is no key %s", quoted(clientID)), "create the key first, or leave it out")
		}
		if err != nil {
			return nil, storeProblem(err)
		}
		mutations = append(mutations, store.AddResourceServer{APIID: apiID, ClientID: clientID})
	}
	return mutations, nil
}

// servedAPIs returns the APIs that a new key is a resource server of, each once.
func (u *UseCases) servedAPIs(ctx context.Context, names []string) ([]store.API, error) {
	const most = 100
	if len(names) > most {
		return nil, invalid("resource_server_of", fmt.Sprintf("the key is a resource server of more than %d APIs", most), "use a key for each service")
	}
	var apis []store.API
	for _, name := range names {
		api, err := u.findAPI(ctx, name)
		if err != nil {
			return nil, err
		}
		if len(api.ResourceServers) >= maxResourceServers {
			return nil, tooManyResourceServers(api)
		}
		if !slices.ContainsFunc(apis, func(a store.API) bool { return a.ID == api.ID }) {
			apis = append(apis, api)
		}
	}
	return apis, nil
}

func tooManyResourceServers(api store.API) error {
	return conflict("", fmt.Sprintf("the API has %d resource servers already, which is the most there can be", len(api.ResourceServers)),
		"remove one that is not used any more")
}
