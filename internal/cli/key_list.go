package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
)

type keyListCmd struct {
	Server serverFlags `embed:""`
	// UnusedFor lists other things than the rest of the command.
	UnusedFor lifetime `placeholder:"90d" help:"Only keys that nobody has used for so long, the longest unused first."`
	JSON      bool     `name:"json" help:"Print JSON."`
}

// Run lists the keys.
func (c *keyListCmd) Run(ctx context.Context, a *app) error {
	if c.UnusedFor != 0 {
		return c.unused(ctx, a)
	}
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

// unused lists the keys that nobody has used for so long.
func (c *keyListCmd) unused(ctx context.Context, a *app) error {
	keys, err := all(ctx, func(ctx context.Context, r admin.Range) (admin.Page[admin.UnusedKey], error) {
		return c.Server.client(a).ListUnusedKeys(ctx, admin.UnusedRange{UnusedFor: c.UnusedFor.seconds(), Range: r})
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, keys)
	}
	if len(keys) == 0 {
		fmt.Fprintln(a.stdout, "Every key that is that old has been used since then.")
		return nil
	}
	rows := [][]string{{"CLIENT ID", "NAME", "STATE", "CREATED", "LAST USED ON"}}
	for _, key := range keys {
		rows = append(rows, []string{
			key.ClientID, key.Name, state(admin.Key{Disabled: key.Disabled}), printTime(key.CreatedAt), cmp.Or(key.LastUsedOn, "never"),
		})
	}
	printTable(a.stdout, rows)
	return nil
}
