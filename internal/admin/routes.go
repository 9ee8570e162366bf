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
	r := routes{u, p, http.NewServeMux()}
	r.mountAPIs()
	r.mountKeys()
	r.mountSecrets()
	r.mountUsage()
	r.mountTokens()
	r.mountSigningKeys()
	r.mountManifest()
	r.mountAudit()
	r.mountAdminKeys()
	r.mux.Handle("/", web.ServeProblem(p, "/admin/v1/", web.Problem{
		Status: http.StatusNotFound,
		Detail: "there is no such call",
		Hint: "the calls are under /admin/v1/apis, /admin/v1/keys, /admin/v1/unused-keys, /admin/v1/tokens, /admin/v1/revoke-tokens, " +
			"/admin/v1/signing-keys, /admin/v1/apply, /admin/v1/export, /admin/v1/explain and /admin/v1/audit",
	}, nil))
	return r.mux
}

// routes mounts the use-cases, one method for each kind of thing.
type routes struct {
	u   *UseCases
	p   *web.Plumbing
	mux *http.ServeMux
}

// methods are what can be done with a path.
type methods map[string]http.Handler

// resource mounts the methods of one path; the others are answered with 405.
func (r routes) resource(path string, m methods) {
	allow := strings.Join(slices.Sorted(maps.Keys(m)), ", ")
	for method, handler := range m {
		r.mux.Handle(method+" "+path, handler)
	}
	r.mux.Handle(path, web.ServeProblem(r.p, path, web.Problem{
		Status: http.StatusMethodNotAllowed,
		Detail: "this call does not take this method",
		Hint:   "use " + allow,
	}, map[string]string{"Allow": allow}))
}

func (r routes) mountAPIs() {
	const list = "/admin/v1/apis"
	r.resource(list, methods{
		http.MethodGet: web.Call(r.p, list, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (Page[API], error) {
			part, err := parseRange(c.Query)
			if err != nil {
				return Page[API]{}, err
			}
			return r.u.ListAPIs(ctx, part)
		}),
		http.MethodPost: web.Call(r.p, list, http.StatusCreated, func(ctx context.Context, c web.CallInfo, in NewAPI) (API, error) {
			return r.u.CreateAPI(ctx, c.Actor, in)
		}),
	})
	const one = list + "/{id}"
	r.resource(one, methods{
		http.MethodGet: web.Call(r.p, one, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (API, error) {
			return r.u.ShowAPI(ctx, c.Path("id"))
		}),
		http.MethodPatch: web.Call(r.p, one, http.StatusOK, func(ctx context.Context, c web.CallInfo, in APIChange) (API, error) {
			return r.u.UpdateAPI(ctx, c.Actor, c.Path("id"), in)
		}),
		http.MethodDelete: web.Call(r.p, one, http.StatusNoContent, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (web.NoBody, error) {
			return web.NoBody{}, r.u.DeleteAPI(ctx, c.Actor, c.Path("id"))
		}),
	})
	const server = one + "/resource-servers/{client_id}"
	r.resource(server, methods{
		http.MethodPut: web.Call(r.p, server, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (API, error) {
			return r.u.AddResourceServer(ctx, c.Actor, c.Path("id"), c.Path("client_id"))
		}),
		http.MethodDelete: web.Call(r.p, server, http.StatusNoContent, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (web.NoBody, error) {
			return web.NoBody{}, r.u.RemoveResourceServer(ctx, c.Actor, c.Path("id"), c.Path("client_id"))
		}),
	})
}

func (r routes) mountKeys() {
	const list = "/admin/v1/keys"
	r.resource(list, methods{
		http.MethodGet: web.Call(r.p, list, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (Page[Key], error) {
			part, err := parseRange(c.Query)
			if err != nil {
				return Page[Key]{}, err
			}
			return r.u.ListKeys(ctx, part)
		}),
		http.MethodPost: web.Call(r.p, list, http.StatusCreated, func(ctx context.Context, c web.CallInfo, in NewKey) (CreatedKey, error) {
			return r.u.CreateKey(ctx, c.Actor, in)
		}),
	})
	const one = list + "/{id}"
	r.resource(one, methods{
		http.MethodGet: web.Call(r.p, one, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (Key, error) {
			return r.u.ShowKey(ctx, c.Path("id"))
		}),
		http.MethodPatch: web.Call(r.p, one, http.StatusOK, func(ctx context.Context, c web.CallInfo, in KeyChange) (Key, error) {
			return r.u.UpdateKey(ctx, c.Actor, c.Path("id"), in)
		}),
		http.MethodDelete: web.Call(r.p, one, http.StatusNoContent, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (web.NoBody, error) {
			return web.NoBody{}, r.u.DeleteKey(ctx, c.Actor, c.Path("id"))
		}),
	})
	for verb, disabled := range map[string]bool{"disable": true, "enable": false} {
		path := one + "/" + verb
		r.resource(path, methods{
			http.MethodPost: web.Call(r.p, path, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (Key, error) {
				return r.u.SetKeyDisabled(ctx, c.Actor, c.Path("id"), disabled)
			}),
		})
	}
}

func (r routes) mountAudit() {
	const list = "/admin/v1/audit"
	r.resource(list, methods{
		http.MethodGet: web.Call(r.p, list, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (Page[AuditRow], error) {
			part, err := parseRange(c.Query)
			if err != nil {
				return Page[AuditRow]{}, err
			}
			return r.u.ListAudit(ctx, part)
		}),
	})
	const verify = list + "/verify"
	r.resource(verify, methods{
		http.MethodGet: web.Call(r.p, verify, http.StatusOK, func(ctx context.Context, _ web.CallInfo, _ web.NoBody) (AuditVerdict, error) {
			return r.u.VerifyAudit(ctx)
		}),
	})
}
