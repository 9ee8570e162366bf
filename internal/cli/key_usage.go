package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/manifest"
)

type keyUsageCmd struct {
	Key   keyFlags `embed:""`
	Since lifetime `placeholder:"24h" help:"How far back: 24h, 30d. Without it, a day. More than three days are shown by day; the first hour or day is whole."`
	JSON  bool     `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (keyUsageCmd) Help() string {
	return "Hours and days are those of UTC. Hours are kept for 31 days and days for 400. " +
		"What another node has counted is here within a minute.\n\nExamples:\n\n" +
		"\tgrantd key usage 5clTR_MdVrrkgxw2\n" +
		"\tgrantd key usage 5clTR_MdVrrkgxw2 --since 30d\n"
}

// Run shows what the key was used for.
func (c *keyUsageCmd) Run(ctx context.Context, a *app) error {
	// A second more: the end does not count, and it is cut to a second on the way.
	to := a.now().UTC().Truncate(time.Second).Add(time.Second)
	since := cmp.Or(time.Duration(c.Since), day)
	used, err := c.Key.Server.client(a).KeyUsage(ctx, string(c.Key.ID), admin.UsageRange{From: to.Add(-since), To: to})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, used)
	}
	a.printUsage(used, since)
	return nil
}

func (a *app) printUsage(used admin.Usage, since time.Duration) {
	if len(used.Items) == 0 {
		fmt.Fprintf(a.stdout, "key %s was not used in the last %s\n", clean(used.ClientID), manifest.FormatDuration(since))
		return
	}
	layout := "2006-01-02 15:04"
	if used.Span == "day" {
		layout = time.DateOnly
	}
	rows := [][]string{{strings.ToUpper(used.Span) + " (UTC)", "TOKENS", "REFRESHES", "INTROSPECTIONS", "FAILURES"}}
	for _, item := range used.Items {
		rows = append(rows, usageRow(item.Start.UTC().Format(layout), item.UsageNumbers))
	}
	printTable(a.stdout, append(rows, usageRow("total", used.Total)))
	if len(used.RecentFailures) == 0 {
		return
	}
	fmt.Fprintln(a.stdout, "\nrecent failures")
	for _, failure := range used.RecentFailures {
		fmt.Fprintf(a.stdout, "  %s from %s, %s, last %s\n", sentence(failure.Reason),
			clean(cmp.Or(failure.Address, "an unknown address")), times(failure.Count), ago(a.now(), failure.LastAt))
	}
	elsewhere := failures(used.Total.Failures)
	for _, failure := range used.RecentFailures {
		elsewhere -= min(failure.Count, elsewhere)
	}
	if elsewhere > 0 {
		fmt.Fprintf(a.stdout, "  elsewhere or earlier, %s\n", times(elsewhere))
	}
}

func usageRow(name string, n admin.UsageNumbers) []string {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	return []string{name, number(n.Tokens), number(n.Refreshes), number(n.Introspections), cmp.Or(reasonsOf(n.Failures), "-")}
}

// reasonsOf says: 3 wrong secret, 1 scope refused.
func reasonsOf(f admin.UsageFailures) string {
	var parts []string
	for _, one := range byReason(f) {
		if one.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", one.count, one.name))
		}
	}
	return strings.Join(parts, ", ")
}

type reasonCount struct {
	name  string
	count uint64
}

func byReason(f admin.UsageFailures) []reasonCount {
	return []reasonCount{
		{"wrong secret", f.WrongSecret},
		{"scope refused", f.ScopeRefused},
		{"rate limited", f.RateLimited},
		{"policy refused", f.PolicyRefused},
		{"disabled", f.Disabled},
		{"grant not allowed", f.GrantNotAllowed},
		{"other", f.Other},
	}
}

func failures(f admin.UsageFailures) uint64 {
	total := uint64(0)
	for _, one := range byReason(f) {
		total += one.count
	}
	return total
}

// sentence makes words of a reason's name.
func sentence(reason string) string { return clean(strings.ReplaceAll(reason, "_", " ")) }

func times(n uint64) string {
	if n == 1 {
		return "once"
	}
	return strconv.FormatUint(n, 10) + " times"
}
