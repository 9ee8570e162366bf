package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/manifest"
	"github.com/grantd/grantd/internal/web"
)

type applyCmd struct {
	Server  serverFlags  `embed:""`
	File    word         `required:"" short:"f" placeholder:"FILE" help:"File with APIs and keys, in YAML; - reads standard input."`
	DryRun  bool         `help:"Print what would be done, and do nothing."`
	Prune   bool         `help:"Also delete the APIs and keys that the file leaves out. A section that is not in the file is left alone."`
	Consent consentFlags `embed:""`
	JSON    bool         `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (applyCmd) Help() string {
	return "Creates what is missing and changes what differs, all of it or nothing; a second run finds nothing to do. " +
		"A key that exists keeps its secrets, and one that is created has none until grantd key secret add gives it one. " +
		"Deleting with --prune asks first, unless --yes is given; the tokens of what is deleted end.\n\nExamples:\n\n" +
		"\tgrantd apply -f payments-api.yaml --dry-run\n" +
		"\tgrantd apply -f payments-api.yaml --prune --yes\n" +
		"\tgrantd export | sed 's/15m/10m/' | grantd apply -f -\n"
}

// Run applies the file.
func (c *applyCmd) Run(ctx context.Context, a *app) error {
	text, err := a.readFile(string(c.File), mostManifest)
	if err != nil {
		return err
	}
	file, err := manifest.Parse(manifestName(string(c.File)), text)
	if err != nil {
		return err
	}
	client := c.Server.client(a)
	in := admin.Apply{Manifest: file.Manifest, DryRun: c.DryRun, Prune: c.Prune}
	if c.Prune && !c.DryRun {
		err = c.askToPrune(ctx, a, client, in, file)
		if err != nil {
			return err
		}
	}
	plan, err := client.Apply(ctx, in)
	if err != nil {
		return located(file, err)
	}
	if c.JSON {
		return printJSON(a.stdout, plan)
	}
	printPlan(a.stdout, plan)
	printOutcome(a.stdout, plan, source(string(c.File)))
	c.printWithoutSecret(a, plan)
	return nil
}

// mostManifest is what the server takes at once.
const mostManifest = 8 << 20

// manifestName is the file's name before the number of a line.
func manifestName(name string) string {
	if name == "-" {
		return "stdin"
	}
	return name
}

// askToPrune asks before anything is deleted.
func (c *applyCmd) askToPrune(ctx context.Context, a *app, client *admin.Client, in admin.Apply, file *manifest.File) error {
	in.DryRun = true
	plan, err := client.Apply(ctx, in)
	if err != nil {
		return located(file, err)
	}
	doomed := names(plan, admin.ActionDelete)
	if len(doomed) == 0 {
		return nil
	}
	return c.Consent.confirm(a, fmt.Sprintf("this deletes %s, and their tokens end", some(doomed)))
}

// located says where in the file the member is that the server refused.
func located(file *manifest.File, err error) error {
	problem, ok := errors.AsType[*web.Problem](err)
	if !ok || problem.Field == "" {
		return err
	}
	return fault.Hint(fmt.Errorf("%s: %w", file.Locate(problem.Field), err), "%s", problem.Hint)
}

// printWithoutSecret says how the keys get their first secrets.
func (c *applyCmd) printWithoutSecret(a *app, plan admin.Plan) {
	if !plan.Applied {
		return
	}
	title := "\nA key without a secret gets no tokens. Give it one:\n\n"
	for _, change := range plan.Changes {
		if !change.WithoutSecret {
			continue
		}
		fmt.Fprintf(a.stdout, "%s  %s\n", title, commandLine("key secret add --name first", string(c.Server.Data), change.Name))
		title = ""
	}
}
