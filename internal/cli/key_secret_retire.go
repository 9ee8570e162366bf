package cli

import (
	"context"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
)

type keySecretRetireCmd struct {
	Key     keyFlags     `embed:""`
	Secret  word         `arg:"" name:"name" help:"Name or id of the secret."`
	In      lifetime     `xor:"when" placeholder:"24h" help:"End it after this time. Without this and --at, now."`
	At      instant      `xor:"when" placeholder:"TIME" help:"End it at this time, such as 2027-01-31T18:00:00Z."`
	Force   bool         `help:"Retire it even if it does not look safe to."`
	Verdict verdictFlags `embed:""`
	JSON    bool         `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (keySecretRetireCmd) Help() string {
	return "Refuses to retire a secret that still seems to be needed, unless --force is given; see grantd key secret list. An end at least an hour ahead needs only another secret that still works then. " +
		"An end that was set can be brought forward, but not put off.\n\nExamples:\n\n" +
		"\tgrantd key secret retire 5clTR_MdVrrkgxw2 2026\n" +
		"\tgrantd key secret retire 5clTR_MdVrrkgxw2 2026 --in 24h\n" +
		"\tgrantd key secret retire 5clTR_MdVrrkgxw2 leaked --force\n"
}

// Run retires the secret.
func (c *keySecretRetireCmd) Run(ctx context.Context, a *app) error {
	retired, err := c.Key.Server.client(a).RetireSecret(ctx, string(c.Key.ID), string(c.Secret), admin.Retirement{
		At: c.At.given(), In: c.In.seconds(), Force: c.Force, UnusedFor: c.Verdict.UnusedFor.seconds(),
	})
	if refusedField(err) == "force" {
		return fault.Hint(err, "move its users to a newer secret first; --force retires it all the same")
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, retired)
	}
	if retired.Removed {
		fmt.Fprintf(a.stdout, "retired secret %s of key %s\n", clean(retired.Name), clean(string(c.Key.ID)))
		return nil
	}
	fmt.Fprintf(a.stdout, "secret %s of key %s ends at %s\n", clean(retired.Name), clean(string(c.Key.ID)), printTime(retired.ExpiresAt))
	if !retired.LastUsedAt.IsZero() {
		fmt.Fprintf(a.stdout, "It was last used %s. Whoever uses it needs another one by then.\n", clean(a.whenAndWhere(retired.Secret)))
	}
	return nil
}
