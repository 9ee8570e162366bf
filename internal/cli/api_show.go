package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/manifest"
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
		idle = manifest.FormatDuration(api.RefreshTokenIdleLifetime.Duration())
	}
	fields := [][2]string{
		{"audience", api.Audience},
		{"id", api.ID},
		{"mode", string(api.Mode)},
		{"scopes", strings.Join(api.Scopes, " ")},
	}
	for _, name := range slices.Sorted(maps.Keys(api.Parameters)) {
		fields = append(fields, [2]string{"parameter", name + "=" + api.Parameters[name]})
	}
	for _, route := range api.Routes {
		fields = append(fields, [2]string{"route", fmt.Sprintf("%s %s needs %s", route.Method, route.Path, strings.Join(route.Scopes, " "))})
	}
	fields = append(fields, [][2]string{
		{"token format", string(api.TokenFormat)},
		{"algorithm", api.Algorithm},
		{"typ", api.Type},
		{"access token lifetime", manifest.FormatDuration(api.AccessTokenLifetime.Duration())},
		{"refresh token lifetime", manifest.FormatDuration(api.RefreshTokenLifetime.Duration())},
		{"refresh token idle limit", idle},
		{"resource servers", cmp.Or(join(api.ResourceServers), "none")},
		{"created", printTime(api.CreatedAt)},
	}...)
	if !api.TokensNotBefore.IsZero() {
		fields = append(fields, [2]string{"tokens not before", printInstant(api.TokensNotBefore)})
	}
	printFields(a.stdout, fields)
}
