package admin

import (
	"context"
	"net/http"

	"github.com/grantd/grantd/internal/web"
)

// maxManifestBytes is the most that the body of one call may hold.
const maxManifestBytes = 8 << 20

func (r routes) mountManifest() {
	const apply, export, explain = "/admin/v1/apply", "/admin/v1/export", "/admin/v1/explain"
	r.resource(apply, methods{
		http.MethodPost: web.CallUpTo(r.p, maxManifestBytes, apply, http.StatusOK, func(ctx context.Context, c web.CallInfo, in Apply) (Plan, error) {
			return r.u.Apply(ctx, c.Actor, in)
		}),
	})
	r.resource(export, methods{
		http.MethodGet: web.Call(r.p, export, http.StatusOK, func(ctx context.Context, _ web.CallInfo, _ web.NoBody) (Manifest, error) {
			return r.u.Export(ctx)
		}),
	})
	r.resource(explain, methods{
		http.MethodPost: web.Call(r.p, explain, http.StatusOK, func(ctx context.Context, _ web.CallInfo, in ExplainQuestion) (Explanation, error) {
			return r.u.Explain(ctx, in)
		}),
	})
}
