package sqlstore

import (
	"context"

	"github.com/grantd/grantd/internal/store"
)

const insertAPI = `
INSERT INTO apis (id, audience, scopes, token_format, algorithm, typ,
                  access_token_lifetime_ms, refresh_token_lifetime_ms, refresh_token_idle_lifetime_ms,
                  not_before, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
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
			api.RefreshTokenIdleLifetime.Milliseconds(),
			api.NotBefore.UnixMilli(), api.CreatedAt.UnixMilli(), api.UpdatedAt.UnixMilli(),
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
	sameID, err := s.exists(ctx, "count_api", countAPI, api.ID)
	if err != nil {
		return err
	}
	if sameID {
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

const updateAPINotBefore = `
UPDATE apis
SET not_before = CASE WHEN not_before < $1 THEN $1 ELSE not_before END
WHERE id = $2`

func revokeAPITokens(m store.RevokeAPITokens) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		return s.must(ctx, "update_api_not_before", updateAPINotBefore, m.Before.UnixMilli(), m.ID)
	}
}

const insertResourceServer = `
INSERT INTO api_resource_servers (api_id, client_id)
VALUES ($1, $2)
ON CONFLICT DO NOTHING`

func addResourceServer(m store.AddResourceServer) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		haveAPI, err := s.exists(ctx, "count_api", countAPI, m.APIID)
		if err != nil {
			return err
		}
		haveClient, err := s.exists(ctx, "count_client", countClient, m.ClientID)
		if err != nil {
			return err
		}
		if !haveAPI || !haveClient {
			return refuse(store.ErrNotFound, "", "")
		}
		return s.exec(ctx, "insert_resource_server", insertResourceServer, m.APIID, m.ClientID)
	}
}

const deleteResourceServer = `
DELETE FROM api_resource_servers WHERE api_id = $1 AND client_id = $2`

func removeResourceServer(m store.RemoveResourceServer) func(context.Context, *session, store.Origin) error {
	return func(ctx context.Context, s *session, _ store.Origin) error {
		return s.must(ctx, "delete_resource_server", deleteResourceServer, m.APIID, m.ClientID)
	}
}
