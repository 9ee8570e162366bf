package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

type apiCreateCmd struct {
	Server                   serverFlags       `embed:""`
	Audience                 string            `required:"" placeholder:"URI" help:"Absolute URI that tokens name in their aud claim."`
	Mode                     string            `default:"live" enum:"live,test" help:"Which keys may get its tokens: live or test ones."`
	Scope                    []string          `required:"" sep:"none" placeholder:"SCOPE" help:"Scope of the API. Repeat it, or separate several by spaces."`
	Parameter                map[string]string `mapsep:"none" placeholder:"NAME=TYPE" help:"Type of a parameter of its templates: uuid, slug, enum:a|b or pattern:RE2. Repeat it for several; without it, slug."`
	TokenFormat              string            `default:"jwt" enum:"jwt,opaque" help:"Format of its access tokens: jwt or opaque."`
	Alg                      string            `default:"ES256" enum:"ES256,RS256,PS256,EdDSA" help:"Algorithm that signs them: ES256, RS256, PS256 or EdDSA."`
	Typ                      string            `default:"at+jwt" enum:"at+jwt,JWT" help:"Their typ header: at+jwt, or JWT for verifiers that know nothing else."`
	AccessTokenLifetime      lifetime          `default:"1h" placeholder:"1h" help:"How long an access token lives, 1s to 24h."`
	RefreshTokenLifetime     lifetime          `default:"30d" placeholder:"30d" help:"How long a refresh token lives with all that follow from it, 1m to 365d."`
	RefreshTokenIdleLifetime lifetime          `placeholder:"7d" help:"Within what time a refresh token must be used. Without it, there is no such limit."`
	JSON                     bool              `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (apiCreateCmd) Help() string {
	return "Examples:\n\n" +
		"\tgrantd api create --audience https://api.example.com --scope /accounts.read --scope /accounts.write\n" +
		"\tgrantd api create --audience https://api.example.com --scope '/ping.read /accounts/{accountID}/wallets.read' --parameter accountID=uuid\n" +
		"\tgrantd api create --audience https://test.example.com --mode test --scope /ping.read --alg RS256\n"
}

// Run creates the API.
func (c *apiCreateCmd) Run(ctx context.Context, a *app) error {
	api, err := c.Server.client(a).CreateAPI(ctx, admin.NewAPI{
		Audience:                 c.Audience,
		Mode:                     store.Mode(c.Mode),
		Scopes:                   splitScopes(c.Scope),
		Parameters:               c.Parameter,
		TokenFormat:              store.TokenFormat(c.TokenFormat),
		Algorithm:                c.Alg,
		Type:                     c.Typ,
		AccessTokenLifetime:      c.AccessTokenLifetime.seconds(),
		RefreshTokenLifetime:     c.RefreshTokenLifetime.seconds(),
		RefreshTokenIdleLifetime: c.RefreshTokenIdleLifetime.seconds(),
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, api)
	}
	fmt.Fprintf(a.stdout, "created API %s\n\n", clean(api.Audience))
	printAPI(a, api)
	fmt.Fprintf(a.stdout, "\nNow create a key for it:\n\n  %s\n", keyCreateLine(string(c.Server.Data), api.Scopes[0]))
	return nil
}
