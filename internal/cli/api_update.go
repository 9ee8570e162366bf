package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

type apiUpdateCmd struct {
	API                      apiFlags           `embed:""`
	Mode                     *store.Mode        `enum:"live,test" placeholder:"MODE" help:"Which keys may get its tokens: live or test ones."`
	Scope                    []string           `sep:"none" placeholder:"SCOPE" help:"Scope of the API, in place of all it has. Repeat it, or separate several by spaces."`
	Parameter                map[string]string  `mapsep:"none" placeholder:"NAME=TYPE" help:"Type of a parameter of its templates, in place of all types it has: uuid, slug, enum:a|b or pattern:RE2. Repeat it for several."`
	TokenFormat              *store.TokenFormat `enum:"jwt,opaque" placeholder:"FORMAT" help:"Format of its access tokens: jwt or opaque."`
	Alg                      *string            `enum:"ES256,RS256,PS256,EdDSA" placeholder:"ALG" help:"Algorithm that signs them: ES256, RS256, PS256 or EdDSA."`
	Typ                      *string            `enum:"at+jwt,JWT" placeholder:"TYP" help:"Their typ header: at+jwt or JWT."`
	AccessTokenLifetime      lifetime           `placeholder:"1h" help:"How long an access token lives, 1s to 24h."`
	RefreshTokenLifetime     lifetime           `placeholder:"30d" help:"How long a refresh token lives with all that follow from it, 1m to 365d."`
	RefreshTokenIdleLifetime lifetime           `placeholder:"7d" help:"Within what time a refresh token must be used."`
	Clear                    []string           `enum:"parameter,refresh-token-idle-lifetime" placeholder:"FLAG" help:"Take away what this flag has set: parameter or refresh-token-idle-lifetime. Repeat it for both."`
	Force                    bool               `help:"Also take away scopes that keys were granted; those grants allow nothing from then on."`
	JSON                     bool               `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (apiUpdateCmd) Help() string {
	return "What is not named stays as it is. " + changedFate + "\n\nExamples:\n\n" +
		"\tgrantd api update https://api.example.com --access-token-lifetime 15m\n" +
		"\tgrantd api update https://api.example.com --scope '/ping.read /accounts/{accountID}/wallets.read' --parameter accountID=uuid\n"
}

// Run changes the API.
func (c *apiUpdateCmd) Run(ctx context.Context, a *app) error {
	both := ""
	switch {
	case slices.Contains(c.Clear, "parameter") && len(c.Parameter) > 0:
		both = "parameter"
	case slices.Contains(c.Clear, "refresh-token-idle-lifetime") && c.RefreshTokenIdleLifetime != 0:
		both = "refresh-token-idle-lifetime"
	}
	if both != "" {
		return contradiction(both)
	}
	change := c.change()
	if change == (admin.APIChange{Force: c.Force}) {
		return misuse("run: grantd api update --help", "nothing to change was named")
	}
	api, err := c.API.Server.client(a).UpdateAPI(ctx, string(c.API.API), change)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, api)
	}
	fmt.Fprintf(a.stdout, "changed API %s\n\n", clean(api.Audience))
	printAPI(a, api)
	fmt.Fprintf(a.stdout, "\n%s\n", changedFate)
	if change.Mode != nil {
		fmt.Fprintln(a.stdout, endedFate)
	}
	return nil
}

func (c *apiUpdateCmd) change() admin.APIChange {
	change := admin.APIChange{
		Mode:                     c.Mode,
		TokenFormat:              c.TokenFormat,
		Algorithm:                c.Alg,
		Type:                     c.Typ,
		AccessTokenLifetime:      given(c.AccessTokenLifetime.seconds()),
		RefreshTokenLifetime:     given(c.RefreshTokenLifetime.seconds()),
		RefreshTokenIdleLifetime: given(c.RefreshTokenIdleLifetime.seconds()),
		Force:                    c.Force,
	}
	if len(c.Scope) > 0 {
		change.Scopes = new(splitScopes(c.Scope))
	}
	if len(c.Parameter) > 0 {
		change.Parameters = &c.Parameter
	}
	if slices.Contains(c.Clear, "parameter") {
		change.Parameters = new(map[string]string{})
	}
	if slices.Contains(c.Clear, "refresh-token-idle-lifetime") {
		change.RefreshTokenIdleLifetime = new(admin.Seconds(0))
	}
	return change
}

// contradiction refuses a flag that is to be set and taken away.
func contradiction(name string) error {
	return misuse("do one of the two", "--clear %s and a new value for it contradict each other", name)
}

// given is a member of a change: nil when the flag is not there.
func given[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// givenList is a member of a change that holds a list.
func givenList[T any](list []T) *[]T {
	if len(list) == 0 {
		return nil
	}
	return &list
}
