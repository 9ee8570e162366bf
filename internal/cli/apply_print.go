package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/manifest"
)

// printPlan writes what is different, the way a person would.
func printPlan(w io.Writer, plan admin.Plan) {
	signs := map[admin.Action]string{admin.ActionCreate: "+", admin.ActionUpdate: "~", admin.ActionDelete: "-"}
	for _, change := range plan.Changes {
		fmt.Fprintf(w, "%s %s\n", signs[change.Action], clean(subject(change)))
		for _, d := range change.Differences {
			for _, line := range differenceLines(d) {
				fmt.Fprintf(w, "    %s: %s\n", clean(d.Field), clean(line))
			}
		}
	}
}

// subject names what is changed: API https://api.example.com, key 5clTR_MdVrrkgxw2.
func subject(change admin.PlannedChange) string {
	if change.Kind == admin.KindAPI {
		return "API " + change.Name
	}
	return "key " + change.Name
}

// differenceLines say what is new of a member, and what is gone.
func differenceLines(d admin.Difference) []string {
	if slices.Contains([]string{"assertion_algorithms", "auth_methods", "grant_types", "jwks", "networks", "origins", "parameters", "resource_servers", "routes", "scopes"}, d.Field) {
		var lines []string
		if d.To != "" {
			lines = append(lines, "+ "+d.To)
		}
		if d.From != "" {
			lines = append(lines, "- "+d.From)
		}
		return lines
	}
	if strings.HasSuffix(d.Field, "_lifetime") {
		d.From, d.To = duration(d.From), duration(d.To)
	}
	return []string{cmp.Or(d.From, "none") + " -> " + cmp.Or(d.To, "none")}
}

// duration writes a duration of Go as people do.
func duration(text string) string {
	d, err := time.ParseDuration(text)
	if err != nil {
		return text
	}
	return manifest.FormatDuration(d)
}

// names are the subjects of one action.
func names(plan admin.Plan, action admin.Action) []string {
	var all []string
	for _, change := range plan.Changes {
		if change.Action == action {
			all = append(all, subject(change))
		}
	}
	return all
}

// some of the subjects, when they are many: whoever is asked must be able to read
// it.
func some(subjects []string) string {
	const most = 20
	text := strings.Join(subjects[:min(len(subjects), most)], ", ")
	if more := len(subjects) - most; more > 0 {
		text += fmt.Sprintf(" and %d more, which --dry-run lists", more)
	}
	return text
}

// printOutcome says what was done, or would be, and what becomes of tokens.
func printOutcome(w io.Writer, plan admin.Plan, file string) {
	if len(plan.Changes) == 0 {
		fmt.Fprintf(w, "nothing to do: all is as %s says\n", clean(file))
		return
	}
	counts := []string{}
	for _, action := range []struct {
		action admin.Action
		done   string
	}{{admin.ActionCreate, "created"}, {admin.ActionUpdate, "changed"}, {admin.ActionDelete, "deleted"}} {
		n := len(names(plan, action.action))
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, action.done))
		}
	}
	summary := strings.Join(counts, ", ")
	if !plan.Applied {
		fmt.Fprintf(w, "\nnothing was done; without --dry-run: %s\n", summary)
	} else {
		fmt.Fprintf(w, "\ndone: %s\n", summary)
	}
	for _, line := range fates(plan) {
		fmt.Fprintln(w, line)
	}
}

// fates say what happens to the tokens of what was changed or deleted.
func fates(plan admin.Plan) []string {
	var lines []string
	has := func(action admin.Action, kind admin.Kind) bool {
		return slices.ContainsFunc(plan.Changes, func(c admin.PlannedChange) bool { return c.Action == action && c.Kind == kind })
	}
	if has(admin.ActionDelete, admin.KindAPI) || has(admin.ActionDelete, admin.KindKey) {
		lines = append(lines, deletedFate)
	}
	if has(admin.ActionUpdate, admin.KindAPI) || has(admin.ActionUpdate, admin.KindKey) {
		lines = append(lines, changedFate)
	}
	if slices.ContainsFunc(plan.Changes, endsTokens) {
		lines = append(lines, endedFate)
	}
	return lines
}

// endsTokens says whether a change ends tokens that keep their scopes otherwise.
func endsTokens(change admin.PlannedChange) bool {
	return change.Action == admin.ActionUpdate && slices.ContainsFunc(change.Differences, func(d admin.Difference) bool {
		switch d.Field {
		case "mode":
			return change.Kind == admin.KindAPI
		case "disabled":
			return d.To == "true"
		case "valid_from", "valid_until":
			return d.To != ""
		default:
			return false
		}
	})
}

// What becomes of tokens that were issued before a change.
const (
	deletedFate = "The tokens of what was deleted end: introspection refuses them, and no refresh token gets a new one. " +
		"An API that only verifies the signature of a JWT takes it until it expires."
	changedFate = "A token that was issued before a change keeps its scopes until it expires; a refresh is refused when one of them is not granted any more. " +
		"To end the tokens of a key or an API at once: grantd revoke key, grantd revoke api."
	endedFate = "But no token is active while its key is disabled or out of its validity, or once its API has another mode than it."
)
