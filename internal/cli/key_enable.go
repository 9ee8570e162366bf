package cli

import (
	"context"
	"fmt"
)

type keyEnableCmd struct {
	Key keyFlags `embed:""`
}

// Run enables the key.
func (c *keyEnableCmd) Run(ctx context.Context, a *app) error {
	key, err := c.Key.Server.client(a).SetKeyDisabled(ctx, string(c.Key.ID), false)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "enabled key %s (%s)\n", clean(key.ClientID), clean(key.Name))
	return nil
}
