package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/grantd/grantd/internal/fault"
)

type auditCmds struct {
	List   auditListCmd   `cmd:"" help:"List what was changed, by whom and when."`
	Verify auditVerifyCmd `cmd:"" help:"Check that no row was changed or removed."`
}

type auditListCmd struct {
	Server serverFlags `embed:""`
	JSON   bool        `name:"json" help:"Print JSON."`
}

// Run lists the audit trail, oldest first.
func (c *auditListCmd) Run(ctx context.Context, a *app) error {
	trail, err := all(ctx, c.Server.client(a).ListAudit)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, trail)
	}
	rows := [][]string{{"ROW", "AT", "ACTOR", "EVENT", "WHAT"}}
	for _, row := range trail {
		rows = append(rows, []string{strconv.FormatInt(row.Seq, 10), printTime(row.At), row.Actor, row.Event, row.ID})
	}
	printTable(a.stdout, rows)
	return nil
}

type auditVerifyCmd struct {
	Server serverFlags `embed:""`
	JSON   bool        `name:"json" help:"Print JSON."`
}

// Help says what the verdict means.
func (auditVerifyCmd) Help() string {
	return "Each row holds a hash over itself and the row before it. A trail that was cut off at its end still fits; " +
		"note the printed head elsewhere now and then, and look for it with grantd audit list --json."
}

// Run verifies the audit trail.
func (c *auditVerifyCmd) Run(ctx context.Context, a *app) error {
	verdict, err := c.Server.client(a).VerifyAudit(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(a.stdout, verdict)
		if err != nil {
			return err
		}
	}
	if !verdict.Intact {
		return fault.Hint(fmt.Errorf("the audit trail is broken at row %d", verdict.BrokenAt),
			"rows up to %d are as they were written; compare the database with a backup", verdict.BrokenAt-1)
	}
	if c.JSON {
		return nil
	}
	if verdict.Rows == 0 {
		return errors.New("the audit trail is empty")
	}
	fmt.Fprintf(a.stdout, "the audit trail is intact: %d rows, head %s\n", verdict.Rows, verdict.Head)
	return nil
}
