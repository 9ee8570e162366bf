package cli

import (
	"context"
	"strings"

	"github.com/grantd/grantd/internal/admin"
)

type apiShowCmd struct {
	Server serverFlags `embed:""`
	API    identifier  `arg:"" name:"api" help:"Audience or id of the API."`
	JSON   bool        `name:"json" help:"Print JSON."`
}

// Run shows the API.
func (c *apiShowCmd) Run(ctx context.Context, a *app) error {
	api, err := c.Server.client(a).ShowAPI(ctx, string(c.API))
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, api)
	}
	printAPI(a, api)
	return nil
}

func printAPI(a *app, api admin.API) {
	printFields(a.stdout, [][2]string{
		{"audience", api.Audience},
		{"id", api.ID},
		{"scopes", strings.Join(api.Scopes, " ")},
		{"token format", string(api.TokenFormat)},
		{"algorithm", api.Algorithm},
		{"typ", api.Type},
		{"access token lifetime", api.AccessTokenLifetime.Duration().String()},
		{"refresh token lifetime", api.RefreshTokenLifetime.Duration().String()},
		{"created", printTime(api.CreatedAt)},
	})
}
