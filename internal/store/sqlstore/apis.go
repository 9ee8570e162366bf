package sqlstore

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/store"
)

const selectAPI = `
SELECT id, audience, scopes, token_format, algorithm, typ,
       access_token_lifetime_ms, refresh_token_lifetime_ms, created_at, updated_at
FROM apis
WHERE id = $1`

// API implements [store.APIs].
func (s *Store) API(ctx context.Context, id string) (store.API, error) {
	api, err := one(ctx, s, "select_api", selectAPI, scanAPI, id)
	if err != nil {
		return store.API{}, failed(fmt.Sprintf("read API %q", id), err)
	}
	return api, nil
}

const selectAPIs = `
SELECT id, audience, scopes, token_format, algorithm, typ,
       access_token_lifetime_ms, refresh_token_lifetime_ms, created_at, updated_at
FROM apis
ORDER BY created_at, id`

// APIs implements [store.APIs].
func (s *Store) APIs(ctx context.Context) ([]store.API, error) {
	apis, err := list(ctx, s, "select_apis", selectAPIs, scanAPI)
	if err != nil {
		return nil, failed("read the APIs", err)
	}
	return apis, nil
}

func scanAPI(row scanner) (store.API, error) {
	var api store.API
	var scopes string
	var access, refresh, created, updated int64
	err := row.Scan(
		&api.ID, &api.Audience, &scopes, &api.TokenFormat, &api.Algorithm, &api.Type,
		&access, &refresh, &created, &updated,
	)
	if err != nil {
		return store.API{}, err
	}
	api.Scopes = splitList[string](scopes)
	api.AccessTokenLifetime, api.RefreshTokenLifetime = lifetime(access), lifetime(refresh)
	api.CreatedAt, api.UpdatedAt = fromMillis(created), fromMillis(updated)
	return api, nil
}

const insertAPI = `
INSERT INTO apis (id, audience, scopes, token_format, algorithm, typ,
                  access_token_lifetime_ms, refresh_token_lifetime_ms, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING`

const countAPI = `
SELECT count(*) FROM apis WHERE id = $1`

const insertAPIScope = `
INSERT INTO api_scopes (definition, api_id)
VALUES ($1, $2)
ON CONFLICT DO NOTHING`

func createAPI(api store.API) (func(context.Context, *session, store.Origin) error, error) {
	scopes, err := joinList("scopes", api.Scopes)
	if err != nil {
		return nil, err
	}
	definitions := splitList[string](scopes)
	apply := func(ctx context.Context, s *session, _ store.Origin) error {
		inserted, err := s.did(
			ctx, "insert_api", insertAPI, api.ID, api.Audience, scopes,
			string(api.TokenFormat), api.Algorithm, api.Type,
			api.AccessTokenLifetime.Milliseconds(), api.RefreshTokenLifetime.Milliseconds(),
			api.CreatedAt.UnixMilli(), api.UpdatedAt.UnixMilli(),
		)
		if err != nil {
			return err
		}
		if !inserted {
			return s.explainAPIConflict(ctx, api)
		}
		return s.insertAPIScopes(ctx, api.ID, definitions)
	}
	return apply, nil
}

// explainAPIConflict finds out which of the two unique columns stood in the way.
func (s *session) explainAPIConflict(ctx context.Context, api store.API) error {
	var sameID int
	err := s.row(ctx, "count_api", countAPI, []any{api.ID}, &sameID)
	if err != nil {
		return err
	}
	if sameID > 0 {
		return refuse(store.ErrConflict, "id", api.ID)
	}
	return refuse(store.ErrConflict, "audience", api.Audience)
}

func (s *session) insertAPIScopes(ctx context.Context, id string, definitions []string) error {
	for _, definition := range definitions {
		inserted, err := s.did(ctx, "insert_api_scope", insertAPIScope, definition, id)
		if err != nil {
			return err
		}
		if !inserted {
			return refuse(store.ErrConflict, "scope", definition)
		}
	}
	return nil
}
