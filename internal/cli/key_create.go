package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

type keyCreateCmd struct {
	Server               serverFlags       `embed:""`
	Name                 string            `required:"" placeholder:"NAME" help:"Name of the key, for people."`
	Owner                string            `placeholder:"ID" help:"Whose key it is: your own name of a customer. Lists filter by it."`
	API                  word              `name:"api" placeholder:"URI" help:"Audience of the API whose scopes are granted. Without it, any API's."`
	Mode                 string            `default:"live" enum:"live,test" help:"Of which APIs it gets tokens: live or test ones."`
	Scope                []string          `sep:"none" placeholder:"SCOPE" help:"Scope to grant. Repeat it, or separate several by spaces. A template grants every value, {accountID=a1|a2} in it some. Required, except with --resource-server."`
	ResourceServer       []string          `name:"resource-server" sep:"none" placeholder:"URI" help:"Audience of an API whose tokens the key may introspect. Repeat it for several."`
	GrantType            []oauth.GrantType `sep:"none" enum:"client_credentials,refresh_token" placeholder:"TYPE" help:"Grant type the key may use: client_credentials or refresh_token. Repeat it for both. Without it, client_credentials."`
	AccessTokenLifetime  lifetime          `placeholder:"15m" help:"How long its access tokens live, 1s to 24h. Without it, as long as the API says."`
	RefreshRotation      string            `default:"on" enum:"on,off" help:"Whether each use of a refresh token gives a new one and ends the old: on or off."`
	Assertion            assertionFlags    `embed:""`
	Policy               policyFlags       `embed:""`
	SecretExpiresIn      lifetime          `xor:"expiry" placeholder:"90d" help:"How long its secret works. Without this and --secret-expires-at, for good."`
	SecretExpiresAt      instant           `xor:"expiry" placeholder:"TIME" help:"Until when its secret works, such as 2027-01-31T18:00:00Z."`
	ClientID             word              `name:"client-id" placeholder:"ID" help:"Import this client id, together with its secret or the hash of it."`
	ClientSecretFile     word              `name:"client-secret-file" xor:"import" placeholder:"FILE" help:"File with the client secret to import; - reads standard input."`
	ClientSecretHashFile word              `name:"client-secret-hash-file" xor:"import" placeholder:"FILE" help:"File with the hash that another server made of it, a PHC string of argon2id, bcrypt or PBKDF2; - reads standard input."`
	JSON                 bool              `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (keyCreateCmd) Help() string {
	return "The secret is printed once and cannot be shown again. A key with private_key_jwt has none.\n\nExamples:\n\n" +
		"\tgrantd key create --name backend --scope /accounts.read --scope /accounts.write\n" +
		"\tgrantd key create --name sdk --scope '/accounts/{accountID}/wallets.read' --grant-type client_credentials --grant-type refresh_token\n" +
		"\tgrantd key create --name shop --scope '/accounts/{accountID=a1|a2}/wallets.read' --origin https://shop.example.com --rate 50\n" +
		"\tgrantd key create --name trial --mode test --scope /accounts.read --claim tenant=acme --valid-until 2027-01-31\n" +
		"\tgrantd key create --name signer --scope /accounts.read --auth private_key_jwt --jwks public.pem\n" +
		"\tgrantd key create --name ledger-api --resource-server https://ledger.example.com\n" +
		"\tgrantd key create --name contractor --scope /accounts.read --secret-expires-in 90d\n" +
		"\tgrantd key create --name moved --scope /ping.read --client-id 5clTR_MdVrrkgxw2 --client-secret-hash-file hash.txt\n"
}

// Run creates the key.
func (c *keyCreateCmd) Run(ctx context.Context, a *app) error {
	imports := c.ClientSecretFile != "" || c.ClientSecretHashFile != ""
	if (c.ClientID != "") != imports && c.Assertion.JWKS == "" {
		return misuse("give both to import a pair, or none to get a new one",
			"--client-id and one of --client-secret-file and --client-secret-hash-file go together")
	}
	if len(c.Scope) == 0 && len(c.ResourceServer) == 0 {
		return misuse("name at least one scope of an API, or with --resource-server the API that the key introspects for", "--scope is missing")
	}
	claims, err := c.Policy.claims()
	if err != nil {
		return err
	}
	publicKeys, err := c.Assertion.keys(a)
	if err != nil {
		return err
	}
	in := admin.NewKey{
		Name:                c.Name,
		Owner:               c.Owner,
		API:                 string(c.API),
		Mode:                store.Mode(c.Mode),
		Scopes:              splitScopes(c.Scope),
		ResourceServerOf:    c.ResourceServer,
		GrantTypes:          c.GrantType,
		AuthMethods:         c.Assertion.Auth,
		JWKS:                publicKeys,
		AssertionAlgorithms: c.Assertion.AssertionAlg,
		AssertionAudience:   c.Assertion.audience(),
		AccessTokenLifetime: c.AccessTokenLifetime.seconds(),
		RefreshRotation:     admin.RefreshRotation(c.RefreshRotation),
		Origins:             c.Policy.Origin,
		Networks:            c.Policy.Network,
		RequestsPerSecond:   valueOf(c.Policy.Rate),
		Burst:               valueOf(c.Policy.Burst),
		TokensPerHour:       valueOf(c.Policy.TokensPerHour),
		TokensPerDay:        valueOf(c.Policy.TokensPerDay),
		Claims:              claims,
		ValidFrom:           c.Policy.ValidFrom.given(),
		ValidUntil:          c.Policy.ValidUntil.given(),
		SecretExpiresIn:     c.SecretExpiresIn.seconds(),
		SecretExpiresAt:     c.SecretExpiresAt.given(),
		ClientID:            string(c.ClientID),
	}
	err = a.readCredential(c.ClientSecretFile, c.ClientSecretHashFile, &in.ClientSecret, &in.ClientSecretHash)
	if err != nil {
		return err
	}
	key, err := c.Server.client(a).CreateKey(ctx, in)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, key)
	}
	if len(key.JWKS) > 0 {
		fmt.Fprintf(a.stdout, "created key %q\n\n", key.Name)
		printFields(a.stdout, append([][2]string{{"client_id", key.ClientID}}, assertionFields(key.Key)...))
		return nil
	}
	if c.ClientID != "" {
		fmt.Fprintf(a.stdout, "imported key %s\n", clean(key.ClientID))
		return nil
	}
	fmt.Fprintf(a.stdout, "created key %q\n\n", key.Name)
	var first admin.Secret
	if len(key.Secrets) > 0 {
		first = key.Secrets[0]
	}
	printCredentials(a, key.ClientID, key.ClientSecret, first)
	fmt.Fprintln(a.stdout, "\nThe secret is shown only now. Put it where your program keeps its secrets.")
	return nil
}

// printCredentials shows a pair, once.
func printCredentials(a *app, id, secret string, about admin.Secret) {
	fields := [][2]string{{"client_id", id}, {"client_secret", secret}}
	if !about.ExpiresAt.IsZero() {
		fields = append(fields, [2]string{"expires", printTime(about.ExpiresAt)})
	}
	printFields(a.stdout, fields)
}
