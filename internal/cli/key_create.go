package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

type keyCreateCmd struct {
	Server              serverFlags       `embed:""`
	Name                string            `required:"" placeholder:"NAME" help:"Name of the key, for people."`
	API                 string            `name:"api" placeholder:"URI" help:"Audience of the API whose scopes are granted. Without it, any API's."`
	Scope               []string          `required:"" sep:"none" placeholder:"SCOPE" help:"Scope to grant. Repeat it, or separate several by spaces. A template grants every value."`
	GrantType           []oauth.GrantType `sep:"none" enum:"client_credentials,refresh_token" placeholder:"TYPE" help:"Grant type the key may use: client_credentials or refresh_token. Repeat it for both. Without it, client_credentials."`
	AccessTokenLifetime lifetime          `placeholder:"15m" help:"How long its access tokens live, 1s to 24h. Without it, as long as the API says."`
	ClientID            string            `name:"client-id" placeholder:"ID" help:"Import this client id, together with --client-secret-file."`
	ClientSecretFile    string            `name:"client-secret-file" placeholder:"FILE" help:"File with the client secret to import; - reads standard input."`
	JSON                bool              `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (keyCreateCmd) Help() string {
	return "The secret is printed once and cannot be shown again.\n\nExamples:\n\n" +
		"\tgrantd key create --name backend --scope /accounts.read --scope /accounts.write\n" +
		"\tgrantd key create --name sdk --scope '/accounts/{accountID}/wallets.read' --grant-type client_credentials --grant-type refresh_token\n" +
		"\tgrantd key create --name moved --scope /ping.read --client-id 5clTR_MdVrrkgxw2 --client-secret-file secret.txt\n"
}

// Run creates the key.
func (c *keyCreateCmd) Run(ctx context.Context, a *app) error {
	if (c.ClientID == "") != (c.ClientSecretFile == "") {
		return misuse("give both to import a pair, or none to get a new one", "--client-id and --client-secret-file go together")
	}
	in := admin.NewKey{
		Name:                c.Name,
		API:                 c.API,
		Scopes:              splitScopes(c.Scope),
		GrantTypes:          c.GrantType,
		AccessTokenLifetime: c.AccessTokenLifetime.seconds(),
		ClientID:            c.ClientID,
	}
	if c.ClientSecretFile != "" {
		secret, err := a.readSecret(c.ClientSecretFile)
		if err != nil {
			return err
		}
		in.ClientSecret = secret
	}
	key, err := c.Server.client(a).CreateKey(ctx, in)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, key)
	}
	if c.ClientID != "" {
		fmt.Fprintf(a.stdout, "imported key %s\n", clean(key.ClientID))
		return nil
	}
	fmt.Fprintf(a.stdout, "created key %q\n\n", key.Name)
	printFields(a.stdout, [][2]string{{"client_id", key.ClientID}, {"client_secret", key.ClientSecret}})
	fmt.Fprintln(a.stdout, "\nThe secret is shown only now. Put it where your program keeps its secrets.")
	return nil
}
