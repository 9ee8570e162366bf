package sqlstore

import (
	"cmp"
	"context"

	"github.com/grantd/grantd/internal/store"
)

const insertAPI = `
INSERT INTO apis (id, audience, mode, scopes, parameters, routes, token_format, algorithm, typ,
                  access_token_lifetime_ms, refresh_token_lifetime_ms, refresh_token_idle_lifetime_ms,
                  not_before, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT DO NOTHING`

const countAPI = `
SELECT count(*) FROM apis WHERE id = $1`

const insertAPIScope = `
INSERT INTO api_scopes (mode, definition, api_id)
VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING`

// apiColumns are the columns of an API that are checked and made ready before a
// mutation is applied.
type apiColumns struct{ scopes, parameters, routes string }

func apiColumnsOf(api store.API) (apiColumns, error) {
	err := cmp.Or(
		checkMode(api.Mode),
		checkText("id", api.ID),
		checkText("audience", api.Audience),
		checkText("token format", string(api.TokenFormat)),
		checkText("algorithm", api.Algorithm),
		checkText("type", api.Type),
	)
	if err != nil {
		return apiColumns{}, err
	}
	var c apiColumns
	c.scopes, err = joinList("scopes", api.Scopes)
	if err != nil {
		return apiColumns{}, err
	}
	c.parameters, err = parametersColumn(api.Parameters)
	if err != nil {
		return apiColumns{}, err
	}
	c.routes, err = routesColumn(api.Routes)
	return c, err
}

// definitions are the writer's own copy of the scopes.
func (c apiColumns) definitions() []string { return splitList[string](c.scopes) }

func createAPI(api store.API) (func(context.Context, *session, store.Origin) error, error) {
	columns, err := apiColumnsOf(api)
	if err != nil {
		return nil, err
	}
	apply := func(ctx context.Context, s *session, _ store.Origin) error {
		inserted, err := s.did(
			ctx, "insert_api", insertAPI, api.ID, api.Audience,
			string(api.Mode), columns.scopes, columns.parameters, columns.routes,
			string(api.TokenFormat), api.Algorithm, api.Type,
			api.AccessTokenLifetime.Milliseconds(), api.RefreshTokenLifetime.Milliseconds(),
			api.RefreshTokenIdleLifetime.Milliseconds(),
			api.NotBefore.UnixMilli(), api.CreatedAt.UnixMilli(), api.UpdatedAt.UnixMilli(),
		)
		if err != nil {
			return err
		}
		if !inserted {
			return s.explainAPIConflict(ctx, api)
		}
		return s.insertAPIScopes(ctx, api, columns.definitions())
	}
	return apply, nil
}

// explainAPIConflict finds out which of the two unique columns stood in the way.
func (s *session) explainAPIConflict(ctx context.Context, api store.API) error {
	sameID, err := s.exists(ctx, "count_api", countAPI, api.ID)
	if err != nil {
		return err
	}
	if sameID {
		return refuse(store.ErrConflict, "id", api.ID)
	}
	return refuse(store.ErrConflict, "audience", api.Audience)
}

func (s *session) insertAPIScopes(ctx context.Context, api store.API, definitions []string) error {
	for _, definition := range definitions {
		inserted, err := s.did(ctx, "insert_api_scope", insertAPIScope, string(api.Mode), definition, api.ID)
		if err != nil {
			return err
		}
		if !inserted {
			return refuse(store.ErrConflict, "scope", definition)
		}
	}
	return nil
}

// What keeps the audience unique stands in the statement, because an UPDATE has no
// ON CONFLICT.
const updateAPIRow = `
UPDATE apis
SET audience = $2, mode = $3, scopes = $4, parameters = $5, routes = $6,
    token_format = $7, algorithm = $8, typ = $9, access_token_lifetime_ms = $10,
    refresh_token_lifetime_ms = $11, refresh_token_idle_lifetime_ms = $12,
    updated_at = CASE WHEN updated_at = $14 AND updated_at >= $13 THEN updated_at + 1 ELSE $13 END
WHERE id = $1 AND ($14 = -62135596800000 OR updated_at = $14)
  AND NOT EXISTS (SELECT 1 FROM apis WHERE audience = $2 AND id <> $1)`

const countAudience = `
SELECT count(*) FROM apis WHERE audience = $1 AND id <> $2`

const deleteAPIScopes = `
DELETE FROM api_scopes WHERE api_id = $1`

func updateAPI(m store.UpdateAPI) (func(context.Context, *session, store.Origin) error, error) {
	api := m.API
	columns, err := apiColumnsOf(api)
	if err != nil {
		return nil, err
	}
	apply := func(ctx context.Context, s *session, by store.Origin) error {
		updated, err := s.did(
			ctx, "update_api", updateAPIRow, api.ID, api.Audience,
			string(api.Mode), columns.scopes, columns.parameters, columns.routes,
			string(api.TokenFormat), api.Algorithm, api.Type,
			api.AccessTokenLifetime.Milliseconds(), api.RefreshTokenLifetime.Milliseconds(),
			api.RefreshTokenIdleLifetime.Milliseconds(), by.At.UnixMilli(), m.Seen.UnixMilli(),
		)
		if err != nil {
			return err
		}
		if !updated {
			return s.explainAPIUpdate(ctx, m)
		}
		err = s.exec(ctx, "delete_api_scopes", deleteAPIScopes, api.ID)
		if err != nil {
			return err
		}
		return s.insertAPIScopes(ctx, api, columns.definitions())
	}
	return apply, nil
}

// explainAPIUpdate finds out why no row was updated.
func (s *session) explainAPIUpdate(ctx context.Context, m store.UpdateAPI) error {
	api := m.API
	there, err := s.exists(ctx, "count_api", countAPI, api.ID)
	if err != nil {
		return err
	}
	if !there {
		return refuse(store.ErrNotFound, "", "")
	}
	taken, err := s.exists(ctx, "count_audience", countAudience, api.Audience, api.ID)
	if err != nil {
		return err
	}
	if taken || m.Seen.IsZero() {
		return refuse(store.ErrConflict, "audience", api.Audience)
	}
	return refuse(store.ErrChanged, "", "")
}

const deleteResourceServers = `
DELETE FROM api_resource_servers WHERE api_id = $1`

const deleteAPIRow = `
DELETE FROM apis WHERE id = $1`

const updateAPIUpdated = `
UPDATE apis SET updated_at = $1 WHERE id = $2`

// deleteAPI takes hold of the API before what belongs to it, see deleteClient.
func deleteAPI(m store.DeleteAPI) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, by store.Origin) error {
		err := s.must(ctx, "update_api_updated", updateAPIUpdated, by.At.UnixMilli(), m.ID)
		if err != nil {
			return err
		}
		err = s.exec(ctx, "delete_api_scopes", deleteAPIScopes, m.ID)
		if err != nil {
			return err
		}
		err = s.exec(ctx, "delete_resource_servers", deleteResourceServers, m.ID)
		if err != nil {
			return err
		}
		return s.must(ctx, "delete_api", deleteAPIRow, m.ID)
	}
}

const updateAPINotBefore = `
UPDATE apis
SET not_before = CASE WHEN not_before < $1 THEN $1 ELSE not_before END
WHERE id = $2`

func revokeAPITokens(m store.RevokeAPITokens) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		return s.must(ctx, "update_api_not_before", updateAPINotBefore, m.Before.UnixMilli(), m.ID)
	}
}
