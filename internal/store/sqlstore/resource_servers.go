package sqlstore

import (
	"context"

	"github.com/grantd/grantd/internal/store"
)

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
