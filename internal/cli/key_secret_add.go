package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
)

type keySecretAddCmd struct {
	Key                  keyFlags `embed:""`
	Name                 string   `required:"" placeholder:"NAME" help:"Name of the secret, for people; no other secret of the key has it."`
	ExpiresIn            lifetime `xor:"expiry" placeholder:"90d" help:"How long it works. Without this and --expires-at, for good."`
	ExpiresAt            instant  `xor:"expiry" placeholder:"TIME" help:"Until when it works, such as 2027-01-31T18:00:00Z."`
	ClientSecretFile     word     `name:"client-secret-file" xor:"import" placeholder:"FILE" help:"File with an existing secret to import; - reads standard input."`
	ClientSecretHashFile word     `name:"client-secret-hash-file" xor:"import" placeholder:"FILE" help:"File with its hash instead, a PHC string of argon2id, bcrypt or PBKDF2; - reads standard input."`
	JSON                 bool     `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (keySecretAddCmd) Help() string {
	return "The older secrets of the key work on. The new one is printed once and cannot be shown again.\n\nExamples:\n\n" +
		"\tgrantd key secret add 5clTR_MdVrrkgxw2 --name 2027\n" +
		"\tgrantd key secret add 5clTR_MdVrrkgxw2 --name contractor --expires-in 90d\n" +
		"\tgrantd key secret add 5clTR_MdVrrkgxw2 --name moved --client-secret-hash-file hash.txt\n"
}

// Run adds the secret.
func (c *keySecretAddCmd) Run(ctx context.Context, a *app) error {
	in := admin.NewSecret{Name: c.Name, ExpiresAt: c.ExpiresAt.given(), ExpiresIn: c.ExpiresIn.seconds()}
	err := a.readCredential(c.ClientSecretFile, c.ClientSecretHashFile, &in.ClientSecret, &in.ClientSecretHash)
	if err != nil {
		return err
	}
	added, err := c.Key.Server.client(a).AddSecret(ctx, string(c.Key.ID), in)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, added)
	}
	if added.ClientSecret == "" || c.ClientSecretFile != "" {
		fmt.Fprintf(a.stdout, "imported secret %s of key %s\n", clean(added.Name), clean(added.ClientID))
		return nil
	}
	fmt.Fprintf(a.stdout, "added secret %s to key %s\n\n", clean(added.Name), clean(added.ClientID))
	printCredentials(a, added.ClientID, added.ClientSecret, added.Secret)
	fmt.Fprintf(a.stdout, "\nThe secret is shown only now; any others of the key work on. Once your programs have it, see which may go:\n\n  %s\n",
		commandLine("key secret list", string(c.Key.Server.Data), string(c.Key.ID)))
	return nil
}
