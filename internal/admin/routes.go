package admin

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/web"
)

// Routes serves the use-cases as JSON calls under /admin/v1/.
func Routes(u *UseCases, p *web.Plumbing) http.Handler {
	mux := http.NewServeMux()
	resource(mux, p, "/admin/v1/apis", map[string]http.Handler{
		http.MethodGet: web.Call(p, "/admin/v1/apis", http.StatusOK, u.listAPIs),
		http.MethodPost: web.Call(p, "/admin/v1/apis", http.StatusCreated, func(ctx context.Context, c web.CallInfo, in NewAPI) (API, error) {
			return u.CreateAPI(ctx, c.Actor, in)
		}),
	})
	resource(mux, p, "/admin/v1/apis/{id}", map[string]http.Handler{
		http.MethodGet: web.Call(p, "/admin/v1/apis/{id}", http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (API, error) {
			return u.ShowAPI(ctx, c.Path("id"))
		}),
	})
	resource(mux, p, "/admin/v1/keys", map[string]http.Handler{
		http.MethodGet: web.Call(p, "/admin/v1/keys", http.StatusOK, u.listKeys),
		http.MethodPost: web.Call(p, "/admin/v1/keys", http.StatusCreated, func(ctx context.Context, c web.CallInfo, in NewKey) (CreatedKey, error) {
			return u.CreateKey(ctx, c.Actor, in)
		}),
	})
	resource(mux, p, "/admin/v1/keys/{id}", map[string]http.Handler{
		http.MethodGet: web.Call(p, "/admin/v1/keys/{id}", http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (Key, error) {
			return u.ShowKey(ctx, c.Path("id"))
		}),
		http.MethodDelete: web.Call(p, "/admin/v1/keys/{id}", http.StatusNoContent, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (web.NoBody, error) {
			return web.NoBody{}, u.DeleteKey(ctx, c.Actor, c.Path("id"))
		}),
	})
	for verb, disabled := range map[string]bool{"disable": true, "enable": false} {
		route := "/admin/v1/keys/{id}/" + verb
		resource(mux, p, route, map[string]http.Handler{
			http.MethodPost: web.Call(p, route, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (Key, error) {
				return u.SetKeyDisabled(ctx, c.Actor, c.Path("id"), disabled)
			}),
		})
	}
	resource(mux, p, "/admin/v1/audit", map[string]http.Handler{
		http.MethodGet: web.Call(p, "/admin/v1/audit", http.StatusOK, u.listAudit),
	})
	resource(mux, p, "/admin/v1/audit/verify", map[string]http.Handler{
		http.MethodGet: web.Call(p, "/admin/v1/audit/verify", http.StatusOK, func(ctx context.Context, _ web.CallInfo, _ web.NoBody) (AuditVerdict, error) {
			return u.VerifyAudit(ctx)
		}),
	})
	mux.Handle("/", web.ServeProblem(p, "/admin/v1/", web.Problem{
		Status: http.StatusNotFound,
		Detail: "there is no such call",
		Hint:   "the calls are under /admin/v1/apis, /admin/v1/keys and /admin/v1/audit",
	}, nil))
	return mux
}

// resource mounts the methods of one path; the others are answered with 405.
func resource(mux *http.ServeMux, p *web.Plumbing, path string, methods map[string]http.Handler) {
	allow := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	for method, handler := range methods {
		mux.Handle(method+" "+path, handler)
	}
	mux.Handle(path, web.ServeProblem(p, path, web.Problem{
		Status: http.StatusMethodNotAllowed,
		Detail: "this call does not take this method",
		Hint:   "use " + allow,
	}, map[string]string{"Allow": allow}))
}

func (u *UseCases) listAPIs(ctx context.Context, c web.CallInfo, _ web.NoBody) (Page[API], error) {
	r, err := parseRange(c.Query)
	if err != nil {
		return Page[API]{}, err
	}
	return u.ListAPIs(ctx, r)
}

func (u *UseCases) listAudit(ctx context.Context, c web.CallInfo, _ web.NoBody) (Page[AuditRow], error) {
	r, err := parseRange(c.Query)
	if err != nil {
		return Page[AuditRow]{}, err
	}
	return u.ListAudit(ctx, r)
}

func (u *UseCases) listKeys(ctx context.Context, c web.CallInfo, _ web.NoBody) (Page[Key], error) {
	r, err := parseRange(c.Query)
	if err != nil {
		return Page[Key]{}, err
	}
	return u.ListKeys(ctx, r)
}
