package cli

import (
	"context"
	"fmt"
)

type keyDeleteCmd struct {
	Key keyFlags `embed:""`
}

// Run deletes the key.
func (c *keyDeleteCmd) Run(ctx context.Context, a *app) error {
	err := c.Key.Server.client(a).DeleteKey(ctx, string(c.Key.ID))
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "deleted key %s\n", clean(string(c.Key.ID)))
	return nil
}
