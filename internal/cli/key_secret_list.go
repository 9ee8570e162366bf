package cli

import (
	"cmp"
	"context"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// verdictFlags say what the verdict rests on.
type verdictFlags struct {
	UnusedFor lifetime `placeholder:"7d" help:"How far back the verdict looks. Without it, 7 days."`
}

type keySecretListCmd struct {
	Key     keyFlags     `embed:""`
	Verdict verdictFlags `embed:""`
	JSON    bool         `name:"json" help:"Print JSON."`
}

// Help says what the verdict rests on.
func (keySecretListCmd) Help() string {
	return "A secret is safe to retire when it was not used for some days, while a newer one was there, was used and will last. " +
		"Uses are written once a minute and for this list; a server that is killed forgets those of its last minute. " +
		"The address is that of the connection: behind a proxy it is the proxy's.\n\nExamples:\n\n" +
		"\tgrantd key secret list 5clTR_MdVrrkgxw2\n" +
		"\tgrantd key secret list 5clTR_MdVrrkgxw2 --unused-for 30d\n"
}

// Run lists the secrets.
func (c *keySecretListCmd) Run(ctx context.Context, a *app) error {
	page, err := c.Key.Server.client(a).ListSecrets(ctx, string(c.Key.ID), admin.SecretRange{UnusedFor: c.Verdict.UnusedFor.seconds()})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, page.Items)
	}
	rows := [][]string{{"NAME", "STATE", "CREATED", "EXPIRES", "LAST USED", "FROM", "SAFE TO RETIRE"}}
	for _, secret := range page.Items {
		rows = append(rows, []string{
			secret.Name, secretState(secret.Secret), printTime(secret.CreatedAt), printExpiry(secret.ExpiresAt),
			a.lastUsed(secret.Secret), cmp.Or(secret.LastUsedFrom, "-"), verdict(secret),
		})
	}
	printTable(a.stdout, rows)
	return nil
}

func secretState(s admin.Secret) string {
	state := "works"
	if s.Expired {
		state = "expired"
	}
	if s.Scheme != "" {
		state += ", " + s.Scheme
	}
	return state
}

func printExpiry(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return printTime(at)
}

func (a *app) lastUsed(s admin.Secret) string {
	if s.LastUsedAt.IsZero() {
		return "never"
	}
	return ago(a.now(), s.LastUsedAt)
}

func verdict(s admin.SecretStatus) string {
	if s.SafeToRetire {
		return "yes: " + s.Why
	}
	return "no: " + s.Why
}
