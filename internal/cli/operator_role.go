package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

type operatorRoleCmd struct {
	Operator operatorFlags `embed:""`
	Role     string        `arg:"" enum:"viewer,developer,admin" help:"What they may do: viewer, developer or admin."`
}

// Run changes the role.
func (c *operatorRoleCmd) Run(ctx context.Context, a *app) error {
	changed, err := c.Operator.Server.client(a).SetOperatorRole(ctx, string(c.Operator.Name), admin.OperatorChange{Role: store.Role(c.Role)})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "operator %s is %s now\n", clean(changed.Name), clean(string(changed.Role)))
	return nil
}
