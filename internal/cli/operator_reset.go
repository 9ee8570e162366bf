package cli

import (
	"context"
	"fmt"
)

type operatorResetCmd struct {
	Operator operatorFlags `embed:""`
	JSON     bool          `name:"json" help:"Print JSON."`
}

// Help says when to use it.
func (operatorResetCmd) Help() string {
	return "For someone who has lost what they sign in with: passkeys and password are removed, all sessions end, and a new link is printed."
}

// Run resets the operator.
func (c *operatorResetCmd) Run(ctx context.Context, a *app) error {
	invited, err := c.Operator.Server.client(a).ResetOperator(ctx, string(c.Operator.Name))
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, invited)
	}
	fmt.Fprintf(a.stdout, "reset operator %s, who is signed out everywhere\n", clean(invited.Name))
	printLink(a.stdout, invited)
	return nil
}
