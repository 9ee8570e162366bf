package admin

import (
	"maps"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Seconds is a lifetime on the wire.
type Seconds int64

// Duration returns the lifetime as a duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

func seconds(d time.Duration) Seconds { return Seconds(d / time.Second) }

// API is a resource server, as it is shown.
type API struct {
	ID       string `json:"id"`
	Audience string `json:"audience"`
	// Mode is live or test: that of the keys that can get its tokens.
	Mode   store.Mode `json:"mode"`
	Scopes []string   `json:"scopes"`
	// Parameters are the types of the parameters in its scopes, by name; one that
	// is not here is a slug.
	Parameters map[string]string `json:"parameters,omitempty"`
	// Routes say which scopes a request to the API needs.
	Routes               []Route           `json:"routes,omitempty"`
	TokenFormat          store.TokenFormat `json:"token_format"`
	Algorithm            string            `json:"alg"`
	Type                 string            `json:"typ"`
	AccessTokenLifetime  Seconds           `json:"access_token_lifetime"`
	RefreshTokenLifetime Seconds           `json:"refresh_token_lifetime"`
	// RefreshTokenIdleLifetime is absent when there is no such limit.
	RefreshTokenIdleLifetime Seconds `json:"refresh_token_idle_lifetime,omitzero"`
	// ResourceServers are the client ids of the keys that may introspect its tokens.
	ResourceServers []string `json:"resource_servers"`
	// TokensNotBefore is the instant before which every token of it has ended;
	// absent when none was revoked that way.
	TokensNotBefore time.Time `json:"tokens_not_before,omitzero"`
	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
	// Version names the state of what an update can change; see UpdateAPIIf.
	Version string `json:"-"`
}

// Route is one kind of request to an API.
type Route struct {
	// Method is the HTTP method.
	Method string `json:"method"`
	// Path has parameters like those of scopes, such as
	// /accounts/{accountID}/wallets.
	Path string `json:"path"`
	// Scopes are all needed; the path binds their parameters.
	Scopes []string `json:"scopes"`
}

// NewAPI asks for an API. Empty members take their defaults.
type NewAPI struct {
	// Audience is the absolute URI in the aud claim. Required.
	Audience string `json:"audience"`
	// Mode is live, the default, or test.
	Mode store.Mode `json:"mode,omitempty"`
	// Scopes is the catalogue. Required.
	Scopes []string `json:"scopes"`
	// Parameters are the types of the parameters in the scopes, by name: slug, the
	// default, uuid, enum:a|b or pattern:RE2.
	Parameters map[string]string `json:"parameters,omitempty"`
	// Routes say which scopes a request to the API needs; nothing is enforced by
	// them, they answer questions.
	Routes []Route `json:"routes,omitempty"`
	// TokenFormat is jwt, the default, or opaque.
	TokenFormat store.TokenFormat `json:"token_format,omitempty"`
	// Algorithm signs its tokens; the default is ES256.
	Algorithm string `json:"alg,omitempty"`
	// Type is the typ header of its JWTs: at+jwt, the default, or JWT.
	Type string `json:"typ,omitempty"`
	// AccessTokenLifetime is 3600 unless given.
	AccessTokenLifetime Seconds `json:"access_token_lifetime,omitzero"`
	// RefreshTokenLifetime is 30 days unless given.
	RefreshTokenLifetime Seconds `json:"refresh_token_lifetime,omitzero"`
	// RefreshTokenIdleLifetime is within what time a refresh token must be used;
	// without it there is no such limit.
	RefreshTokenIdleLifetime Seconds `json:"refresh_token_idle_lifetime,omitzero"`
	// ResourceServers are the client ids of the keys that may introspect its tokens.
	ResourceServers []string `json:"resource_servers,omitempty"`
}

func apiFrom(a store.API) API {
	return API{
		ID:                       a.ID,
		Audience:                 a.Audience,
		Mode:                     a.Mode,
		Parameters:               parametersFrom(a.Parameters),
		Routes:                   routesFrom(a.Routes),
		Scopes:                   a.Scopes,
		TokenFormat:              a.TokenFormat,
		Algorithm:                a.Algorithm,
		Type:                     a.Type,
		AccessTokenLifetime:      seconds(a.AccessTokenLifetime),
		RefreshTokenLifetime:     seconds(a.RefreshTokenLifetime),
		RefreshTokenIdleLifetime: seconds(a.RefreshTokenIdleLifetime),
		ResourceServers:          a.ResourceServers,
		TokensNotBefore:          a.NotBefore,
		CreatedAt:                a.CreatedAt,
		UpdatedAt:                a.UpdatedAt,
		Version:                  versionOf(apiFields(a)),
	}
}

func parametersFrom(records []store.Parameter) map[string]string {
	if len(records) == 0 {
		return nil
	}
	types := make(map[string]string, len(records))
	for _, record := range records {
		types[record.Name] = record.Type
	}
	return types
}

// parameterRecords returns the types in the order of their names.
func parameterRecords(types map[string]string) []store.Parameter {
	var records []store.Parameter
	for _, name := range slices.Sorted(maps.Keys(types)) {
		records = append(records, store.Parameter{Name: name, Type: types[name]})
	}
	return records
}

func routesFrom(records []store.Route) []Route {
	var routes []Route
	for _, record := range records {
		routes = append(routes, Route(record))
	}
	return routes
}

func routeRecords(routes []Route) []store.Route {
	var records []store.Route
	for _, route := range routes {
		records = append(records, store.Route(route))
	}
	return records
}
