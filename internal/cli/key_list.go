package cli

import (
	"cmp"
	"context"
	"fmt"
)

type keyListCmd struct {
	Server serverFlags `embed:""`
	JSON   bool        `name:"json" help:"Print JSON."`
}

// Run lists the keys.
func (c *keyListCmd) Run(ctx context.Context, a *app) error {
	keys, err := all(ctx, c.Server.client(a).ListKeys)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, keys)
	}
	if len(keys) == 0 {
		fmt.Fprintln(a.stdout, "There is no key yet. Create one with: grantd key create --name NAME --scope SCOPE")
		return nil
	}
	rows := [][]string{{"CLIENT ID", "NAME", "MODE", "STATE", "CREATED", "SCOPES"}}
	for _, key := range keys {
		rows = append(rows, []string{key.ClientID, key.Name, string(key.Mode), state(key), printTime(key.CreatedAt), cmp.Or(printList(key.Scopes), "none")})
	}
	printTable(a.stdout, rows)
	return nil
}
