package adminapi

import (
	"net/http"

	"github.com/grantd/grantd/internal/admin"
)

// apiQuery is the query of the list of APIs.
type apiQuery struct {
	After string `query:"after"`
	Limit int    `query:"limit" max:"200"`
}

func listAPIs(c *call, q apiQuery, _ none) (admin.Page[admin.API], error) {
	const usual = 50
	if q.Limit == 0 {
		q.Limit = usual
	}
	page, err := c.api.UseCases.ListAPIs(c.ctx, admin.Range(q))
	for i := range page.Items {
		c.hideServers(&page.Items[i])
	}
	return page, err
}

// hideServers keeps the ids of keys that are not its own from a key with an owner.
func (c *call) hideServers(api *admin.API) {
	if c.caller.key.Owner != "" {
		api.ResourceServers = []string{}
	}
}

func showAPI(c *call, _, _ none) (admin.API, error) {
	api, err := c.api.UseCases.ShowAPI(c.ctx, c.path("id"))
	c.etag = api.Version
	c.hideServers(&api)
	return api, err
}

func createAPI(c *call, _ none, in admin.NewAPI) (admin.API, error) {
	if in.Audience == c.api.Audience {
		return admin.API{}, ownAPI()
	}
	api, err := c.api.UseCases.CreateAPI(c.ctx, c.actor(), in)
	c.etag = api.Version
	return api, err
}

// other returns an API that is not the Admin API itself.
func (c *call) other(idOrAudience string) (admin.API, error) {
	api, err := c.api.UseCases.ShowAPI(c.ctx, idOrAudience)
	if err == nil && api.Audience == c.api.Audience {
		err = ownAPI()
	}
	return api, err
}

func ownAPI() error {
	return forbidden("", "the Admin API cannot be changed through itself", "let an operator do it on the machine")
}

func updateAPI(c *call, _ none, in admin.APIChange) (admin.API, error) {
	api, err := c.other(c.path("id"))
	if err == nil {
		api, err = c.api.UseCases.UpdateAPIIf(c.ctx, c.actor(), api.ID, in, c.version)
	}
	c.etag = api.Version
	return api, err
}

func deleteAPI(c *call, _, _ none) (none, error) {
	api, err := c.other(c.path("id"))
	if err != nil {
		return none{}, err
	}
	return none{}, c.api.UseCases.DeleteAPI(c.ctx, c.actor(), api.ID)
}

func addServer(c *call, _, _ none) (admin.API, error) {
	api, err := c.other(c.path("id"))
	if err == nil {
		api, err = c.api.UseCases.AddResourceServer(c.ctx, c.actor(), api.ID, c.path("client_id"))
	}
	c.etag = api.Version
	return api, err
}

func removeServer(c *call, _, _ none) (none, error) {
	api, err := c.other(c.path("id"))
	if err != nil {
		return none{}, err
	}
	return none{}, c.api.UseCases.RemoveResourceServer(c.ctx, c.actor(), api.ID, c.path("client_id"))
}

func revokeAPITokens(c *call, _ none, in admin.TokenRevocation) (admin.RevokedTokens, error) {
	return c.api.UseCases.RevokeAPITokens(c.ctx, c.actor(), c.path("id"), in)
}

func apiRoutes() []*Route {
	const list, one = "/admin/v1/apis", "/admin/v1/apis/{id}"
	const read, write = admin.ScopeAPIsRead, admin.ScopeAPIsWrite
	return []*Route{
		route(http.MethodGet, list, read, "List the APIs.", listAPIs),
		route(http.MethodPost, list, write, "Create an API with its scopes.", createAPI).forProvider().creates(),
		route(http.MethodGet, one, read, "Show an API.", showAPI),
		route(http.MethodPatch, one, write, "Change an API: members that are left out stay as they are, lists are replaced.", updateAPI).forProvider().ifMatch(),
		route(http.MethodDelete, one, write, "Delete an API.", deleteAPI).forProvider(),
		route(http.MethodPut, one+"/resource-servers/{client_id}", write, "Let a key introspect the tokens of an API.", addServer).forProvider(),
		route(http.MethodDelete, one+"/resource-servers/{client_id}", write, "Take that back.", removeServer).forProvider(),
		route(http.MethodPost, one+"/revoke-tokens", admin.ScopeTokensRevoke, "End the tokens for an API.", revokeAPITokens).forProvider(),
	}
}

// Routes is all that can be done.
func (a *API) Routes() []*Route {
	all := append(keyRoutes(), apiRoutes()...)
	all = append(all, restRoutes()...)
	all = append(all, manifestRoutes()...)
	return append(all, streamRoutes()...)
}
