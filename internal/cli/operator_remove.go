package cli

import (
	"context"
	"fmt"
)

type operatorRemoveCmd struct {
	Operator operatorFlags `embed:""`
}

// Run removes the operator.
func (c *operatorRemoveCmd) Run(ctx context.Context, a *app) error {
	err := c.Operator.Server.client(a).RemoveOperator(ctx, string(c.Operator.Name))
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "removed operator %s, who is signed out everywhere\n", clean(string(c.Operator.Name)))
	return nil
}
