package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const intro = `# Interoperability

Published OAuth clients and JWT verifiers, unmodified, each run against grantd. "make interop" installs them at pinned
versions, runs every cell of the two tables, and writes this page; a cell that does not turn out as it says here
fails the run.

- **✓** works.
- **⚠** works, with a caveat.
- **✗** was run and does not work; the reason says whose fault that is.
- **–** the library has nothing for it.

A number leads to the reason below the table. Each program has at most 40 lines and calls the library as its
documentation says; those of a command-line tool make the request by hand, as its users do.

## How a cell is judged

A program never decides for itself whether it worked, nor does its exit code.

- All that it sends goes through a proxy, which ends TLS and records every byte. A token counts only when grantd gave it
  out in this run, to the key made for this run, in answer to a request of the kind that the column names.
- The token's signature, issuer, audience, scope and client id are verified through the JWKS by golang-jwt, and a
  resource server, which also asks for it at the introspection endpoint, takes it.
- What the library reports (scope, lifetime, type) must be what grantd answered.
- The requests are compared with [those on file](../test/interop/golden), byte for byte, but for tokens, ids, ports
  and versions. There one can read how each client writes a request: the order and case of its headers, and how
  it encodes credentials.
- In the columns for discovery a program is told the issuer and no endpoint.
- A verifier answers for each token that it is shown; the tokens were issued by one server, whose key set holds
  keys for all four algorithms.
`

// writePage returns docs/interop.md. It says what the rows declare, which a run
// without a red cell has shown to be so.
func writePage(c *catalogue) string {
	var page strings.Builder
	page.WriteString(strings.ReplaceAll(intro, `"`, "`"))
	total := map[string]int{}
	page.WriteString("\n## Clients\n\n")
	writeTable(&page, sorted(c.clients), clientFeatureNames(), total)
	page.WriteString("\n| column | what has to be seen |\n|---|---|\n")
	for _, f := range clientFeatures {
		fmt.Fprintf(&page, "| %s | %s |\n", f.name, f.shows)
	}
	if len(c.verifiers) > 0 {
		page.WriteString("\n## Verifiers\n\n`typ` is the header of the tokens that a verifier takes as it comes: `at+jwt` is grantd's default,\n" +
			"`grantd api create --typ JWT` is for the others.\n\n")
		writeTable(&page, sorted(c.verifiers), verifierFeatureNames(), total)
		page.WriteString("\n| column | what has to be seen |\n|---|---|\n" +
			"| " + strings.Join(algorithms, ", ") + " | a token signed so is accepted, and `sub` and `scope` are right |\n")
		for _, m := range manners {
			fmt.Fprintf(&page, "| %s | %s |\n", m.name, m.shows)
		}
	}
	fmt.Fprintf(&page, "\n%d clients, %d verifiers, %d cells: %d ✓, %d ⚠, %d ✗, %d –\n", len(c.clients), len(c.verifiers),
		total["✓"]+total["⚠"]+total["✗"]+total["–"], total["✓"], total["⚠"], total["✗"], total["–"])
	return page.String()
}

func sorted(rows []*row) []*row {
	return slices.SortedFunc(slices.Values(rows), func(a, b *row) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Language), strings.ToLower(b.Language)),
			cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.slug, b.slug))
	})
}

// writeTable writes a table and, below it, the reasons it refers to.
func writeTable(page *strings.Builder, rows []*row, features []string, total map[string]int) {
	head := slices.Concat([]string{"language", "name", "package"}, features)
	if len(rows) > 0 && rows[0].verifier != nil {
		head = slices.Insert(head, 3, "typ")
	}
	fmt.Fprintf(page, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	n := notes{}
	for _, r := range rows {
		cells := []string{r.Language, r.Name, packageOf(r)}
		if r.verifier != nil {
			cells = append(cells, r.verifier.Typ)
		}
		for _, feature := range features {
			s := r.states[feature]
			total[s.symbol()]++
			cells = append(cells, s.symbol()+n.number(r, feature, s))
		}
		fmt.Fprintf(page, "| %s |\n", strings.Join(cells, " | "))
	}
	for i, note := range n.list {
		if i == 0 {
			page.WriteString("\n")
		}
		fmt.Fprintf(page, "%d. %s%s %s.\n", i+1, note.subject(), note.symbol, strings.TrimRight(note.reason, "."))
	}
}

func packageOf(r *row) string {
	if r.Version == "" {
		return r.Package
	}
	return r.Package + " " + r.Version
}

// note is a reason that rows give.
type note struct {
	symbol, reason string
	rows           []*row
	features       []string
}

// subject names who gives the reason, unless several do.
func (n *note) subject() string {
	if len(n.rows) > 1 {
		return ""
	}
	return fmt.Sprintf("**%s**, %s: ", n.rows[0].Name, strings.Join(n.features, ", "))
}

type notes struct{ list []*note }

// number returns the mark of the reason, a new one or that of the same reason before.
func (n *notes) number(r *row, feature string, s state) string {
	if s.reason == "" {
		return ""
	}
	at := slices.IndexFunc(n.list, func(o *note) bool { return o.reason == s.reason && o.symbol == s.symbol() })
	if at < 0 {
		at = len(n.list)
		n.list = append(n.list, &note{symbol: s.symbol(), reason: s.reason})
	}
	o := n.list[at]
	o.features = append(o.features, feature)
	if !slices.Contains(o.rows, r) {
		o.rows = append(o.rows, r)
	}
	return fmt.Sprintf(" <sup>%d</sup>", at+1)
}
