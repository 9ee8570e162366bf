package cli

import (
	"context"
	"fmt"
)

// resourceServerFlags name an API and a key of a resource server.
type resourceServerFlags struct {
	API      apiFlags `embed:""`
	ClientID word     `arg:"" name:"client-id" help:"Client id of the key."`
}

type apiResourceServerAddCmd struct {
	Flags resourceServerFlags `embed:""`
	JSON  bool                `name:"json" help:"Print JSON."`
}

// Help says what a resource server may do.
func (apiResourceServerAddCmd) Help() string {
	return "A resource server asks at the introspection endpoint whether a token for the API is active, with a key of its own.\n\nExamples:\n\n" +
		"\tgrantd api resource-server add https://api.example.com 5clTR_MdVrrkgxw2\n"
}

// Run adds the resource server.
func (c *apiResourceServerAddCmd) Run(ctx context.Context, a *app) error {
	api, err := c.Flags.API.Server.client(a).AddResourceServer(ctx, string(c.Flags.API.API), string(c.Flags.ClientID))
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, api)
	}
	fmt.Fprintf(a.stdout, "key %s may introspect tokens for %s\n", clean(string(c.Flags.ClientID)), clean(api.Audience))
	return nil
}
