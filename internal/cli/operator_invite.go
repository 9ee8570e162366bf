package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// operatorFlags name an operator.
type operatorFlags struct {
	Server serverFlags `embed:""`
	Name   word        `arg:"" help:"Name of the operator."`
}

type operatorInviteCmd struct {
	Operator operatorFlags `embed:""`
	Role     string        `default:"viewer" enum:"viewer,developer,admin" help:"What they may do: viewer, developer or admin."`
	JSON     bool          `name:"json" help:"Print JSON."`
}

// Help explains the roles.
func (operatorInviteCmd) Help() string {
	return "A viewer looks, a developer makes and changes keys, an admin does everything. The link is for one person, works once, and ends after a day.\n\nExamples:\n\n" +
		"\tgrantd operator invite ada@example.com --role developer\n"
}

// Run adds the operator.
func (c *operatorInviteCmd) Run(ctx context.Context, a *app) error {
	invited, err := c.Operator.Server.client(a).InviteOperator(ctx, admin.NewOperator{
		Name: string(c.Operator.Name), Role: store.Role(c.Role),
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, invited)
	}
	fmt.Fprintf(a.stdout, "invited %s as %s\n", clean(invited.Name), clean(string(invited.Role)))
	printLink(a.stdout, invited)
	return nil
}

func printLink(w io.Writer, invited admin.InvitedOperator) {
	fmt.Fprintf(w, "\n  %s\n\nThe link is shown only now. It works once, until %s; give it to nobody else.\n",
		clean(invited.Link), printTime(invited.LinkExpiresAt))
}
