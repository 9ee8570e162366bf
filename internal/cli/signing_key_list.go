package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

type signingKeyListCmd struct {
	Server serverFlags `embed:""`
	JSON   bool        `name:"json" help:"Print JSON."`
}

// Help explains the states.
func (signingKeyListCmd) Help() string {
	return "A key is pending while verifiers learn of it, active while it signs, retiring while tokens it signed may be alive, and then gone. " +
		"Nothing that a revoked one has signed is valid."
}

// Run lists the signing keys.
func (c *signingKeyListCmd) Run(ctx context.Context, a *app) error {
	page, err := c.Server.client(a).ListSigningKeys(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, page.Items)
	}
	if len(page.Items) == 0 {
		fmt.Fprintln(a.stdout, "There is no signing key yet. The first API makes one; see grantd api create --help")
		return nil
	}
	rows := [][]string{{"KID", "ALG", "STATE", "CREATED", "SIGNS FROM", "SIGNS UNTIL", "PUBLISHED UNTIL"}}
	for _, key := range page.Items {
		published := key.GoneAt
		if !key.RevokedAt.IsZero() {
			published = key.RevokedAt
		}
		rows = append(rows, []string{
			key.ID, key.Algorithm, string(key.State), printTime(key.CreatedAt),
			optionalTime(signsFrom(key)), optionalTime(key.RetiresAt), optionalTime(published),
		})
	}
	printTable(a.stdout, rows)
	return nil
}

// signsFrom returns when a key began to sign or will; one that was revoked before
// that never does.
func signsFrom(key admin.SigningKey) time.Time {
	if !key.RevokedAt.IsZero() && key.RevokedAt.Before(key.ActivatesAt) {
		return time.Time{}
	}
	return key.ActivatesAt
}

func optionalTime(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return printTime(t)
}
