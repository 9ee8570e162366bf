package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/grantd/grantd/internal/admin"
)

type adminKeyCreateCmd struct {
	Server          serverFlags `embed:""`
	Name            string      `required:"" placeholder:"NAME" help:"Name of the key, for people."`
	Owner           string      `placeholder:"ID" help:"Make it a key that sees and makes only keys of this owner."`
	Scope           []string    `required:"" sep:"none" placeholder:"SCOPE" help:"Scope to grant, of the Admin API or of another. Repeat it, or separate several by spaces."`
	Network         []string    `sep:"none" placeholder:"CIDR" help:"Network that may use the key. Repeat it for several. Without it, all may."`
	SecretExpiresIn lifetime    `placeholder:"90d" help:"How long its secret works. Without this, for good."`
	JSON            bool        `name:"json" help:"Print JSON."`
}

// Help says which scopes there are.
func (adminKeyCreateCmd) Help() string {
	return "The key gets tokens for the Admin API on the admin listener. It can hand on to other keys only what it is granted itself: " +
		"to make keys for an API, it needs the scopes of that API, too.\n\nThe scopes of the Admin API:\n\n\t" +
		strings.Join(admin.Scopes(), "\n\t") + "\n\nExamples:\n\n" +
		"\tgrantd admin-key create --name dashboard --scope '/admin/keys.read /admin/keys.write /accounts.read'\n" +
		"\tgrantd admin-key create --name acme --owner acme --scope '/admin/keys.read /admin/usage.read'\n"
}

// Run creates the key.
func (c *adminKeyCreateCmd) Run(ctx context.Context, a *app) error {
	key, err := c.Server.client(a).CreateAdminKey(ctx, admin.NewKey{
		Name: c.Name, Owner: c.Owner, Scopes: splitScopes(c.Scope), Networks: c.Network, SecretExpiresIn: c.SecretExpiresIn.seconds(),
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, key)
	}
	fmt.Fprintf(a.stdout, "created key %q for the Admin API\n\n", key.Name)
	printCredentials(a, key.ClientID, key.ClientSecret, key.Secrets[0])
	fmt.Fprintln(a.stdout, "\nThe secret is shown only now. Put it where your program keeps its secrets.")
	return nil
}
