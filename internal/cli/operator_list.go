package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
)

type operatorListCmd struct {
	Server serverFlags `embed:""`
	JSON   bool        `name:"json" help:"Print JSON."`
}

// Run lists the operators.
func (c *operatorListCmd) Run(ctx context.Context, a *app) error {
	page, err := c.Server.client(a).ListOperators(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, page.Items)
	}
	if len(page.Items) == 0 {
		fmt.Fprintln(a.stdout, "There is no operator yet. The server prints a link for the first one when it starts; or see grantd operator invite --help")
		return nil
	}
	rows := [][]string{{"NAME", "ROLE", "SIGNS IN WITH", "LAST SIGN-IN", "CREATED"}}
	for _, o := range page.Items {
		rows = append(rows, []string{o.Name, string(o.Role), signsInWith(o), optionalTime(o.LastSignInAt), printTime(o.CreatedAt)})
	}
	printTable(a.stdout, rows)
	return nil
}

func signsInWith(o admin.Operator) string {
	switch {
	case o.Passkeys > 0 && o.Password:
		return "passkey, password"
	case o.Passkeys > 0:
		return "passkey"
	case o.Password:
		return "password"
	case !o.LinkExpiresAt.IsZero():
		return "invited"
	}
	return "nothing: reset"
}
