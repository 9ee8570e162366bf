package cli

import (
	"cmp"
	"context"
	"strings"

	"github.com/grantd/grantd/internal/admin"
)

// apiFlags name one API of a running server.
type apiFlags struct {
	Server serverFlags `embed:""`
	API    word        `arg:"" name:"api" help:"Audience or id of the API."`
}

type apiShowCmd struct {
	API  apiFlags `embed:""`
	JSON bool     `name:"json" help:"Print JSON."`
}

// Run shows the API.
func (c *apiShowCmd) Run(ctx context.Context, a *app) error {
	api, err := c.API.Server.client(a).ShowAPI(ctx, string(c.API.API))
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
	idle := "none"
	if api.RefreshTokenIdleLifetime > 0 {
		idle = printDuration(api.RefreshTokenIdleLifetime.Duration())
	}
	fields := [][2]string{
		{"audience", api.Audience},
		{"id", api.ID},
		{"scopes", strings.Join(api.Scopes, " ")},
		{"token format", string(api.TokenFormat)},
		{"algorithm", api.Algorithm},
		{"typ", api.Type},
		{"access token lifetime", printDuration(api.AccessTokenLifetime.Duration())},
		{"refresh token lifetime", printDuration(api.RefreshTokenLifetime.Duration())},
		{"refresh token idle limit", idle},
		{"resource servers", cmp.Or(join(api.ResourceServers), "none")},
		{"created", printTime(api.CreatedAt)},
	}
	if !api.TokensNotBefore.IsZero() {
		fields = append(fields, [2]string{"tokens not before", printInstant(api.TokensNotBefore)})
	}
	printFields(a.stdout, fields)
}
