package admin

import (
	"context"
	"net/http"

	"github.com/grantd/grantd/internal/web"
)

// ListOperators returns the people who use the console.
func (c *Client) ListOperators(ctx context.Context) (Page[Operator], error) {
	return exchange[Page[Operator]](ctx, c, http.MethodGet, "operators", nil)
}

// InviteOperator adds an operator.
func (c *Client) InviteOperator(ctx context.Context, in NewOperator) (InvitedOperator, error) {
	return exchange[InvitedOperator](ctx, c, http.MethodPost, "operators", in)
}

// SetOperatorRole changes what an operator may do.
func (c *Client) SetOperatorRole(ctx context.Context, name string, in OperatorChange) (Operator, error) {
	return exchange[Operator](ctx, c, http.MethodPatch, "operators/"+segment(name), in)
}

// RemoveOperator removes an operator.
func (c *Client) RemoveOperator(ctx context.Context, name string) error {
	_, err := exchange[web.NoBody](ctx, c, http.MethodDelete, "operators/"+segment(name), nil)
	return err
}

// ResetOperator takes away what an operator signs in with.
func (c *Client) ResetOperator(ctx context.Context, name string) (InvitedOperator, error) {
	return exchange[InvitedOperator](ctx, c, http.MethodPost, "operators/"+segment(name)+"/reset", nil)
}
