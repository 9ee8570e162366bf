package admin

import (
	"context"
	"net/http"

	"github.com/grantd/grantd/internal/web"
)

// OperatorRoutes serves the use-cases about operators under /admin/v1/operators. They are
// for whoever can open the socket: a token cannot make people.
func OperatorRoutes(u *UseCases, p *web.Plumbing) http.Handler {
	r := routes{u, p, http.NewServeMux()}
	const list = "/admin/v1/operators"
	r.resource(list, methods{
		http.MethodGet: web.Call(p, list, http.StatusOK, func(ctx context.Context, _ web.CallInfo, _ web.NoBody) (Page[Operator], error) {
			return u.ListOperators(ctx)
		}),
		http.MethodPost: web.Call(p, list, http.StatusCreated, func(ctx context.Context, c web.CallInfo, in NewOperator) (InvitedOperator, error) {
			return u.InviteOperator(ctx, c.Actor, in)
		}),
	})
	const one = list + "/{name}"
	r.resource(one, methods{
		http.MethodPatch: web.Call(p, one, http.StatusOK, func(ctx context.Context, c web.CallInfo, in OperatorChange) (Operator, error) {
			return u.SetOperatorRole(ctx, c.Actor, c.Path("name"), in.Role)
		}),
		http.MethodDelete: web.Call(p, one, http.StatusNoContent, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (web.NoBody, error) {
			return web.NoBody{}, u.RemoveOperator(ctx, c.Actor, c.Path("name"))
		}),
	})
	const reset = one + "/reset"
	r.resource(reset, methods{
		http.MethodPost: web.Call(p, reset, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (InvitedOperator, error) {
			return u.ResetOperator(ctx, c.Actor, c.Path("name"))
		}),
	})
	return r.mux
}
