package server

import (
	"context"
	"net/http"
	"time"

	"github.com/grantd/grantd/internal/adminapi"
	"github.com/grantd/grantd/internal/console"
	"github.com/grantd/grantd/internal/store"
)

const adminAPIPath = "/admin/v1"

// adminAudience is the audience of the Admin API.
func (s *Server) adminAudience() string { return s.issuer + "/admin" }

// adminAPI makes the Admin API of the admin listener.
func (s *Server) adminAPI() (http.Handler, error) {
	own, describe := s.ownStore(), s.describe()
	api := &adminapi.API{
		UseCases: s.usecases,
		Plumbing: s.plumbing,
		Audience: s.adminAudience(),
		Once:     own,
		Feed:     own,
		Health:   func() adminapi.Health { return s.nodeHealth(describe) },
		Draining: s.ending,
		Now:      s.Now,
	}
	return api.Handler()
}

func (s *Server) nodeHealth(describe func() console.Node) adminapi.Health {
	h := adminapi.Health{Status: "ok", Version: describe().Version}
	stale := s.mirror.Staleness()
	if stale > s.Config.MaxStaleness {
		h.Status = "stale"
	}
	if lastHeard(stale) != neverHeard {
		h.StalenessSeconds = stale.Seconds()
	}
	return h
}

// KeptAnswer implements [store.Once].
func (o ownStore) KeptAnswer(ctx context.Context, id [32]byte, at time.Time) (store.KeepAnswer, error) {
	err := o.ready()
	if err != nil {
		return store.KeepAnswer{}, err
	}
	return o.Store.KeptAnswer(ctx, id, at)
}
