package cli

import (
	"context"
	"fmt"
)

type apiResourceServerRemoveCmd struct {
	Flags resourceServerFlags `embed:""`
}

// Run removes the resource server.
func (c *apiResourceServerRemoveCmd) Run(ctx context.Context, a *app) error {
	err := c.Flags.API.Server.client(a).RemoveResourceServer(ctx, string(c.Flags.API.API), string(c.Flags.ClientID))
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "key %s may no longer introspect tokens for %s\n", clean(string(c.Flags.ClientID)), clean(string(c.Flags.API.API)))
	return nil
}
