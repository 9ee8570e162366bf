package cli

import (
	"context"
	"fmt"
)

type keyDisableCmd struct {
	Key keyFlags `embed:""`
}

// Run disables the key.
func (c *keyDisableCmd) Run(ctx context.Context, a *app) error {
	key, err := c.Key.Server.client(a).SetKeyDisabled(ctx, string(c.Key.ID), true)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "disabled key %s (%s)\n", clean(key.ClientID), clean(key.Name))
	return nil
}
