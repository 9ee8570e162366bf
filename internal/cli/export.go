package cli

import (
	"context"

	"github.com/grantd/grantd/internal/manifest"
)

type exportCmd struct {
	Server serverFlags `embed:""`
	JSON   bool        `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (exportCmd) Help() string {
	return "The file holds no secret and no hash of one. Applying it to the same server finds nothing to do.\n\nExamples:\n\n" +
		"\tgrantd export >payments-api.yaml\n"
}

// Run prints what grantd apply would take to make everything as it is.
func (c *exportCmd) Run(ctx context.Context, a *app) error {
	m, err := c.Server.client(a).Export(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, m)
	}
	_, err = a.stdout.Write(manifest.Format(m))
	return err
}
