package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/grantd/grantd/internal/store"
)

// An API and its resource servers come from one statement, so they are of one
// moment; an API with several of them is in several rows.
const selectAPI = `
SELECT a.id, a.audience, a.mode, a.scopes, a.parameters, a.routes, a.token_format, a.algorithm, a.typ,
       a.access_token_lifetime_ms, a.refresh_token_lifetime_ms, a.refresh_token_idle_lifetime_ms,
       a.not_before, a.created_at, a.updated_at, r.client_id
FROM apis AS a
LEFT JOIN api_resource_servers AS r ON r.api_id = a.id
WHERE a.id = $1
ORDER BY r.client_id`

// API implements [store.APIs].
func (s *Store) API(ctx context.Context, id string) (store.API, error) {
	var found apiRows
	err := each(ctx, s, "select_api", selectAPI, found.begin, id)
	if err == nil && len(found.apis) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return store.API{}, failed(fmt.Sprintf("read API %q", id), err)
	}
	return found.apis[0], nil
}

const selectAPIs = `
SELECT a.id, a.audience, a.mode, a.scopes, a.parameters, a.routes, a.token_format, a.algorithm, a.typ,
       a.access_token_lifetime_ms, a.refresh_token_lifetime_ms, a.refresh_token_idle_lifetime_ms,
       a.not_before, a.created_at, a.updated_at, r.client_id
FROM apis AS a
LEFT JOIN api_resource_servers AS r ON r.api_id = a.id
ORDER BY a.created_at, a.id, r.client_id`

// APIs implements [store.APIs].
func (s *Store) APIs(ctx context.Context) ([]store.API, error) {
	var found apiRows
	err := each(ctx, s, "select_apis", selectAPIs, found.begin)
	if err != nil {
		return nil, failed("read the APIs", err)
	}
	return found.apis, nil
}

// apiRows gathers APIs from rows of an API and one of its resource servers.
type apiRows struct{ apis []store.API }

func (r *apiRows) begin() func(scanner) error {
	r.apis = nil
	return r.scan
}

func (r *apiRows) scan(row scanner) error {
	var api store.API
	var scopes, parameters, routes string
	var access, refresh, idle, notBefore, created, updated int64
	var resourceServer sql.NullString
	err := row.Scan(
		&api.ID, &api.Audience, &api.Mode, &scopes, &parameters, &routes,
		&api.TokenFormat, &api.Algorithm, &api.Type,
		&access, &refresh, &idle, &notBefore, &created, &updated, &resourceServer,
	)
	if err != nil {
		return err
	}
	if len(r.apis) == 0 || r.apis[len(r.apis)-1].ID != api.ID {
		api.Scopes = splitList[string](scopes)
		api.Parameters, err = parametersOf(parameters)
		if err != nil {
			return fmt.Errorf("API %q: %w", api.ID, err)
		}
		api.Routes, err = routesOf(routes)
		if err != nil {
			return fmt.Errorf("API %q: %w", api.ID, err)
		}
		api.AccessTokenLifetime = lifetime(access)
		api.RefreshTokenLifetime, api.RefreshTokenIdleLifetime = lifetime(refresh), lifetime(idle)
		api.NotBefore = fromMillis(notBefore)
		api.CreatedAt, api.UpdatedAt = fromMillis(created), fromMillis(updated)
		r.apis = append(r.apis, api)
	}
	if resourceServer.Valid {
		last := &r.apis[len(r.apis)-1]
		last.ResourceServers = append(last.ResourceServers, resourceServer.String)
	}
	return nil
}
