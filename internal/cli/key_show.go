package cli

import (
	"context"

	"github.com/grantd/grantd/internal/admin"
)

// keyFlags name one key of a running server.
type keyFlags struct {
	Server serverFlags `embed:""`
	ID     identifier  `arg:"" name:"client-id" help:"Client id of the key."`
}

type keyShowCmd struct {
	Key  keyFlags `embed:""`
	JSON bool     `name:"json" help:"Print JSON."`
}

// Run shows the key.
func (c *keyShowCmd) Run(ctx context.Context, a *app) error {
	key, err := c.Key.Server.client(a).ShowKey(ctx, string(c.Key.ID))
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, key)
	}
	lifetime := "as the API says"
	if key.AccessTokenLifetime > 0 {
		lifetime = key.AccessTokenLifetime.Duration().String()
	}
	printFields(a.stdout, [][2]string{
		{"client_id", key.ClientID},
		{"name", key.Name},
		{"state", state(key)},
		{"scopes", join(key.Scopes)},
		{"grant types", join(key.GrantTypes)},
		{"authenticates by", join(key.AuthMethods)},
		{"access token lifetime", lifetime},
		{"created", printTime(key.CreatedAt)},
		{"changed", printTime(key.UpdatedAt)},
	})
	return nil
}

func state(key admin.Key) string {
	if key.Disabled {
		return "disabled"
	}
	return "enabled"
}
