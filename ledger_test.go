package grantd_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// The ledgers docs/rfc/NNNN.md say what an RFC asks of us and where it is done.
// Their tables look like this, with an optional column note:
//
//	| § | level | requirement | state | test |
//	|---|---|---|---|---|
//	| 5.2 | MUST | a wrong secret is refused | done | RFC 6749 §5.2: a wrong secret is 401 |
const ledgerFolder = "docs/rfc"

var (
	ledgerName   = regexp.MustCompile(`^[0-9]{4,5}\.md$`)
	ledgerRule   = regexp.MustCompile(`^:?-+:?$`)
	sectionName  = regexp.MustCompile(`^([0-9]+|[A-Z])(\.[0-9]+)*$`)
	citationText = regexp.MustCompile(`^RFC ([0-9]{4,5}) §([0-9A-Z]+(?:\.[0-9]+)*): \S`)

	ledgerColumns = []string{"§", "level", "requirement", "state", "test"}
	ledgerStates  = []string{"done", "not yet", "not applicable"}
	ledgerLevels  = []string{
		"MUST", "MUST NOT", "REQUIRED", "SHALL", "SHALL NOT",
		"SHOULD", "SHOULD NOT", "RECOMMENDED", "NOT RECOMMENDED", "MAY", "OPTIONAL",
	}
)

// clause is a section of an RFC.
type clause struct{ rfc, section string }

func (c clause) String() string { return "RFC " + c.rfc + " §" + c.section }

// row is one requirement of a ledger.
type row struct {
	clause
	where, state, test string
}

// mention is a place in the sources that names a clause.
type mention struct {
	clause
	where string
}

func TestLedgersAgreeWithTheSources(t *testing.T) {
	root := os.DirFS(".")
	rows, complaints := readLedgers(root)
	if len(rows) == 0 {
		t.Errorf("there is no requirement in %s: write NNNN.md with a table %s", ledgerFolder, strings.Join(ledgerColumns, " | "))
	}
	files, err := readSources(root)
	if err != nil {
		t.Fatal(err)
	}
	complaints = append(complaints, checkLedgers(rows, files)...)
	for _, complaint := range complaints {
		t.Error(complaint)
	}
}

// readLedgers returns the rows that are well-formed, and complaints about the others.
func readLedgers(root fs.FS) ([]row, []string) {
	var rows []row
	var complaints []string
	entries, err := fs.ReadDir(root, ledgerFolder)
	if err != nil {
		return nil, []string{err.Error()}
	}
	for _, entry := range entries {
		if !ledgerName.MatchString(entry.Name()) {
			continue
		}
		text, err := fs.ReadFile(root, path.Join(ledgerFolder, entry.Name()))
		if err != nil {
			return nil, []string{err.Error()}
		}
		found, wrong := readLedger(path.Join(ledgerFolder, entry.Name()), string(text))
		rows = append(rows, found...)
		complaints = append(complaints, wrong...)
	}
	return rows, complaints
}

func readLedger(name, text string) ([]row, []string) {
	var rows []row
	var complaints []string
	rfc := strings.TrimSuffix(path.Base(name), ".md")
	var columns []string
	number := 0
	for line := range strings.Lines(text) {
		number++
		cells := tableCells(line)
		switch {
		case cells == nil:
			columns = nil
		case columns == nil:
			columns = cells
			if !slices.Equal(columns[:min(len(columns), len(ledgerColumns))], ledgerColumns) {
				complaints = append(complaints, fmt.Sprintf("%s:%d: the table must begin with the columns %s", name, number, strings.Join(ledgerColumns, " | ")))
			}
		case !slices.ContainsFunc(cells, func(c string) bool { return !ledgerRule.MatchString(c) }):
		default:
			found, wrong := readRow(columns, cells)
			found.rfc = rfc
			found.where = fmt.Sprintf("%s:%d", name, number)
			if wrong != "" {
				complaints = append(complaints, found.where+": "+wrong)
				continue
			}
			rows = append(rows, found)
		}
	}
	if len(rows)+len(complaints) == 0 {
		complaints = append(complaints, name+": there is no table with requirements")
	}
	return rows, complaints
}

// tableCells splits a line of a Markdown table; nil when it is none.
func tableCells(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") {
		return nil
	}
	line = strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|")
	const escaped = "\x00"
	cells := strings.Split(strings.ReplaceAll(line, `\|`, escaped), "|")
	for i, cell := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(cell, escaped, "|"))
	}
	return cells
}

func readRow(columns, cells []string) (row, string) {
	if len(cells) != len(columns) || len(cells) < len(ledgerColumns) {
		return row{}, fmt.Sprintf("the row has %d cells, the table %d columns: write a | inside a cell as \\|", len(cells), len(columns))
	}
	found := row{
		clause: clause{section: strings.TrimPrefix(cells[0], "§")},
		state:  cells[3],
		test:   strings.Trim(cells[4], "`"),
	}
	note := slices.Index(columns, "note")
	switch {
	case !sectionName.MatchString(found.section):
		return found, fmt.Sprintf("%q is not a section: write it like 5.2 or A.1", cells[0])
	case !slices.Contains(ledgerLevels, cells[1]):
		return found, fmt.Sprintf("%q is not a level of RFC 2119", cells[1])
	case cells[2] == "":
		return found, "the requirement is empty: say in our words what is asked"
	case !slices.Contains(ledgerStates, found.state):
		return found, fmt.Sprintf("%q is not a state: write %s", found.state, strings.Join(ledgerStates, ", "))
	case found.state == "done" && found.test == "":
		return found, "done, but no test: name the (sub)test that shows it"
	case found.state == "not applicable" && note >= 0 && cells[note] == "":
		return found, "not applicable, but no reason: write it in the note"
	}
	return found, ""
}

// checkLedgers compares the rows with what the sources cite and test.
func checkLedgers(rows []row, files []source) []string {
	listed := map[clause]bool{}
	for _, r := range rows {
		listed[r.clause] = true
	}
	cited := map[clause]bool{}
	tests := map[string]bool{}
	var complaints []string
	need := func(m mention) {
		if !listed[m.clause] {
			complaints = append(complaints, fmt.Sprintf("%s names %s, which has no row: add it to %s/%s.md", m.where, m.clause, ledgerFolder, m.rfc))
		}
	}
	for _, file := range files {
		if file.path == "ledger_test.go" {
			continue
		}
		if !file.forTests() {
			for _, m := range citations(file) {
				cited[m.clause] = true
				need(m)
			}
		}
		if !file.test {
			continue
		}
		for _, name := range testNames(file) {
			tests[name] = true
			c, isCitation := parseClause(name)
			if isCitation {
				need(mention{c, file.path})
			}
		}
	}
	for _, r := range rows {
		if r.state != "done" {
			continue
		}
		if !cited[r.clause] {
			complaints = append(complaints, fmt.Sprintf("%s: done, but no code says \"// %s: …\": write it at the line that enforces it", r.where, r.clause))
		}
		if !tests[r.test] {
			complaints = append(complaints, fmt.Sprintf("%s: done, but no _test.go file has a test named %q", r.where, r.test))
		}
	}
	return complaints
}

func parseClause(text string) (clause, bool) {
	match := citationText.FindStringSubmatch(text)
	if match == nil {
		return clause{}, false
	}
	return clause{rfc: match[1], section: match[2]}, true
}

// citations returns the comments of the form "// RFC 6749 §5.2: …".
func citations(file source) []mention {
	var found []mention
	for _, group := range file.syntax.Comments {
		for _, comment := range group.List {
			for line := range strings.Lines(strings.Trim(comment.Text, "/*")) {
				c, isCitation := parseClause(strings.TrimSpace(line))
				if isCitation {
					found = append(found, mention{c, file.set.Position(comment.Pos()).String()})
				}
			}
		}
	}
	return found
}

// testNames returns what may name a test in a file: its string literals and
// the names of its functions.
func testNames(file source) []string {
	var names []string
	for node := range ast.Preorder(file.syntax) {
		switch n := node.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name.Name)
		case *ast.BasicLit:
			if n.Kind != token.STRING {
				continue
			}
			text, err := strconv.Unquote(n.Value)
			if err == nil {
				names = append(names, text)
			}
		}
	}
	return names
}

// TestLedgerCheckerNotices shows that each rule can fail.
func TestLedgerCheckerNotices(t *testing.T) {
	const (
		head = "# RFC 9999\n\n| § | level | requirement | state | test |\n|---|:--|---|---|---|\n"
		good = "| 5.2 | MUST | a wrong secret is refused | done | RFC 9999 §5.2: a wrong secret is 401 |\n" +
			"| §A.1 | MUST NOT | a \\| is left alone | not yet | |\n| 6 | MAY | we have no pages | not applicable | |\n"
		code = "package a\n\nfunc A() {\n\t// RFC 9999 §5.2: a wrong secret gets 401.\n}\n"
		test = "package a\n\nvar name = `RFC 9999 §5.2: a wrong secret is 401`\n"
	)
	tests := []struct {
		name string
		file string
		text string
		want string
	}{
		{"nothing is wrong", "docs/rfc/README.md", "| a |\n", ""},
		{"prose may mention an RFC without a row", "b.go", "package a\n\n// A reads what\n// RFC 1234 §5.2 asks for (RFC 1234 §6).\nvar A = 1\n", ""},
		{"a function may be the test", "docs/rfc/9999.md", head + "| 5.2 | MUST | x | done | TestIt |\n", ""},
		{"a second table may follow", "docs/rfc/9999.md", head + good + "\n" + head + good, ""},
		{"a done row has no code", "a.go", "package a\n", "docs/rfc/9999.md:5: done, but no code says \"// RFC 9999 §5.2: …\""},
		{"a done row has only a test's comment", "a.go", "", "docs/rfc/9999.md:5: done, but no code says"},
		{"a done row's code cites another section", "a.go", "package a\n\n// RFC 9999 §6: no.\n", "no code says \"// RFC 9999 §5.2: …\""},
		{"a done row has no such test", "a_test.go", "package a\n\nvar name = `RFC 9999 §5.2: a wrong secret`\n", "no _test.go file has a test named \"RFC 9999 §5.2: a wrong secret is 401\""},
		{"the test's name is in no test file", "a_test.go", "", "no _test.go file has a test named"},
		{"code cites a section without a row", "b.go", "package a\n\n// RFC 9999 §5.3: this.\n", "b.go:3:1 names RFC 9999 §5.3, which has no row: add it to docs/rfc/9999.md"},
		{"code cites an RFC without a ledger", "b.go", "package a\n\n/*\nRFC 9998 §5.2: this.\n*/\n", "b.go:3:1 names RFC 9998 §5.2, which has no row"},
		{"a comment behind code cites", "b.go", "package a\n\nvar a = 1 // RFC 9999 §5.4: this.\n", "b.go:3:11 names RFC 9999 §5.4"},
		{"a test names a section without a row", "b_test.go", "package a\n\nvar name = \"RFC 9999 §7: never\"\n", "b_test.go names RFC 9999 §7, which has no row"},
		{"a cell is missing", "docs/rfc/9999.md", head + good + "| 5.2 | MUST | x | not yet |\n", "docs/rfc/9999.md:8: the row has 4 cells, the table 5 columns"},
		{"a column is missing", "docs/rfc/9999.md", "| § | level | requirement | state |\n|---|---|---|---|\n", "docs/rfc/9999.md:1: the table must begin with"},
		{"a state is unknown", "docs/rfc/9999.md", head + "| 5.2 | MUST | x | almost | |\n", "\"almost\" is not a state"},
		{"a level is unknown", "docs/rfc/9999.md", head + "| 5.2 | must | x | not yet | |\n", "\"must\" is not a level"},
		{"a section is none", "docs/rfc/9999.md", head + "| five | MUST | x | not yet | |\n", "\"five\" is not a section"},
		{"a requirement is empty", "docs/rfc/9999.md", head + "| 5.2 | MUST | | not yet | |\n", "the requirement is empty"},
		{"a done row names no test", "docs/rfc/9999.md", head + "| 5.2 | MUST | x | done | |\n", "done, but no test"},
		{
			"a reason is missing", "docs/rfc/9999.md",
			"| § | level | requirement | state | test | note |\n|-|-|-|-|-|-|\n| 5.2 | MUST | x | not applicable | | |\n",
			"not applicable, but no reason",
		},
		{"a ledger has no table", "docs/rfc/9998.md", "# RFC 9998\n", "docs/rfc/9998.md: there is no table"},
		{"there is no ledger", "docs/rfc/9999.md", "", "docs/rfc"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			texts := map[string]string{
				"docs/rfc/9999.md": head + good, "a.go": code, "a_test.go": test,
				"it_test.go": "package a\n\n// RFC 9999 §5.2: a test's comment is no citation.\nfunc TestIt() {}\n",
			}
			texts[tc.file] = tc.text
			tree := fstest.MapFS{}
			for name, text := range texts {
				if text != "" {
					tree[name] = &fstest.MapFile{Data: []byte(text)}
				}
			}
			rows, complaints := readLedgers(tree)
			files, err := readSources(tree)
			if err != nil {
				t.Fatal(err)
			}
			expectComplaint(t, append(complaints, checkLedgers(rows, files)...), tc.want)
		})
	}
}
