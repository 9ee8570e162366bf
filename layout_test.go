package grantd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/grantd/grantd"

// place is one row of the table: a package and what it may import of ours.
type place struct {
	pkg     string
	imports string
}

// layout is the dependency table, bottom to top: a row names only rows above
// it. "dir/..." stands for all packages below dir without a row of their own. Every package but the public
// ones may also import internal/fault.
//
// Test files may import what their package may reach, and the engine with its
// conformance suite and PostgreSQL, because the fakes of our tests are real.
var layout = []place{
	{"oauth", ""},
	{"internal/fault", ""},
	{"internal/disk", ""},
	// PostgreSQL for tests, those of packages and black boxes alike.
	{"test/postgres", ""},
	{"internal/telemetry", "oauth"},
	// The strict reading of YAML that config and manifest have in common.
	{"internal/yamlfile", ""},
	{"internal/config", "oauth internal/yamlfile"},

	// HTTP alone: whoever serves with it need not know what is served.
	{"internal/http1", ""},

	{"internal/scope", "oauth"},
	{"internal/store", "oauth"},
	// What keys are used for, in the form in which the store takes it.
	{"internal/usage", "internal/store"},
	{"internal/web", "oauth internal/telemetry"},

	// assertion holds the rules for JWTs that keys sign, for those who keep the keys, who
	// check assertions and who register the keys alike.
	{"internal/assertion", "oauth internal/store"},
	{"internal/keys", "oauth internal/disk internal/telemetry internal/store"},
	// policy answers with the errors of web, and reads static claims as web reads JSON.
	{"internal/policy", "oauth internal/store internal/web"},
	// mirror keeps a snapshot of itself on the disk.
	{"internal/mirror", "oauth internal/disk internal/telemetry internal/scope internal/store internal/assertion internal/policy"},
	// clientauth reports uses of secrets in the form in which the store takes them,
	// and failures to the part of policy that counts them.
	{"internal/clientauth", "oauth internal/telemetry internal/store internal/web internal/assertion internal/policy internal/mirror"},
	{"internal/store/storetest", "oauth internal/store"},
	{"internal/store/sqlstore", "oauth internal/disk internal/telemetry internal/store"},

	// token asks a store for two things only: to rotate a refresh token and to write
	// a revocation.
	{"internal/token", "oauth internal/telemetry internal/scope internal/store internal/web " +
		"internal/keys internal/mirror internal/policy internal/clientauth"},
	// admin checks what an operator writes by the rules that requests are held to.
	{"internal/admin", "oauth internal/telemetry internal/scope internal/store internal/web " +
		"internal/assertion internal/keys internal/policy internal/mirror internal/clientauth internal/usage"},
	{"internal/manifest", "internal/yamlfile internal/admin"},
	// adminapi decides who may do what, and has admin do it.
	{"internal/adminapi", "oauth internal/scope internal/store internal/web internal/admin"},
	// console keeps operators and their sessions itself, in the records of store; all
	// else it asks admin for.
	{"internal/console", "oauth internal/store internal/web internal/admin"},

	// Never sqlstore: only cli knows the engine.
	{"internal/server", "oauth internal/http1 internal/telemetry internal/config internal/scope internal/store internal/web " +
		"internal/assertion internal/keys internal/policy internal/mirror internal/clientauth internal/usage internal/token internal/admin internal/adminapi internal/console"},
	{"internal/cli", "oauth internal/disk internal/telemetry internal/config internal/scope internal/store internal/web " +
		"internal/assertion internal/keys internal/mirror internal/clientauth internal/token internal/admin internal/manifest internal/server " +
		"internal/store/sqlstore"},

	{"cmd/grantd", "internal/cli"},
	// Black boxes: they know the product only by its binary and its wire.
	{"bench", "oauth"},
	{"test/blackbox", "oauth"},
	{"test/...", "oauth test/blackbox test/postgres"},
}

// publicPackages are importable by others: standard library only.
var publicPackages = []string{"oauth"}

// pin says which packages may import a module or a standard package.
type pin struct {
	imports string
	only    []string
	// tests: the pin holds for test files as well.
	tests bool
}

var pins = []pin{
	{"database/sql", []string{"internal/store/sqlstore"}, true},
	{"modernc.org/sqlite", []string{"internal/store/sqlstore"}, true},
	{"github.com/jackc/pgx", []string{"internal/store/sqlstore"}, true},
	{"github.com/pressly/goose", []string{"internal/store/sqlstore"}, true},
	{"github.com/go-jose/go-jose", []string{"internal/keys", "internal/assertion", "client", "resource"}, false},
	{"html/template", []string{"internal/console", "internal/adminapi"}, false},
	{"github.com/alecthomas/kong", []string{"internal/cli"}, false},
	{"go.yaml.in/yaml", []string{"internal/yamlfile", "internal/config", "internal/manifest"}, false},
	{"testing", []string{"internal/store/storetest", "granttest"}, false},
	{"net/http/httptest", []string{"granttest"}, false},
	{"github.com/google/go-cmp", []string{"internal/store/storetest"}, false},
	{"github.com/rogpeppe/go-internal/testscript", nil, false},
	{"github.com/golang-jwt/jwt", nil, false},
	{"github.com/MicahParks/keyfunc", nil, false},
	{"go.uber.org/goleak", nil, false},
	{"github.com/c2sp/wycheproof", nil, false},
	{"pgregory.net/rapid", []string{"internal/store/storetest"}, false},
}

// vagueNames say nothing about what a package owns.
var vagueNames = []string{
	"util", "utils", "common", "helper", "helpers", "core", "base", "model", "models",
	"types", "x", "pkg", "impl", "manager",
}

// The most lines a file may have; a test file may have longer tables.
const (
	maxLines     = 400
	maxTestLines = 600
)

func TestSourcesFollowTheLayout(t *testing.T) {
	files, err := readSources(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, complaint := range checkLayout(layout, files) {
		t.Error(complaint)
	}
}

// source is one Go file of ours.
type source struct {
	path   string
	dir    string
	test   bool
	lines  int
	set    *token.FileSet
	syntax *ast.File
}

// readSources parses every Go file of the module, whatever its build tags say.
// Folders that the go command does not look into are left out, and so are other
// modules.
func readSources(root fs.FS) ([]source, error) {
	var files []source
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipFolder(root, name)
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		file, err := parseSource(root, name)
		files = append(files, file)
		return err
	})
	return files, err
}

func skipFolder(root fs.FS, name string) error {
	if name == "." {
		return nil
	}
	base := path.Base(name)
	_, err := fs.Stat(root, path.Join(name, "go.mod"))
	if err == nil || base == "testdata" || base == "vendor" || strings.ContainsAny(base[:1], "._") {
		return fs.SkipDir
	}
	return nil
}

func parseSource(root fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return source{}, err
	}
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	return source{
		path:   name,
		dir:    path.Dir(name),
		test:   strings.HasSuffix(name, "_test.go"),
		lines:  strings.Count(string(text), "\n"),
		set:    set,
		syntax: syntax,
	}, err
}

// forTests reports whether the file is in no program of ours.
func (s source) forTests() bool {
	return s.test || strings.HasPrefix(s.dir, "test/")
}

func (s source) importPaths() []string {
	var paths []string
	for _, spec := range s.syntax.Imports {
		text, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			paths = append(paths, text)
		}
	}
	return paths
}

func checkLayout(table []place, files []source) []string {
	complaints := checkTable(table)
	packages := map[string]bool{}
	documented := map[string]bool{}
	for _, file := range files {
		packages[file.dir] = packages[file.dir] || !file.test
		documented[file.dir] = documented[file.dir] || path.Base(file.path) == "doc.go"
		complaints = append(complaints, checkFile(file)...)
		complaints = append(complaints, checkImports(table, file)...)
	}
	for _, row := range table {
		there := func(dir string) bool { return row.covers(dir) }
		if !slices.ContainsFunc(slices.Collect(maps.Keys(packages)), there) {
			complaints = append(complaints, fmt.Sprintf("the layout table names %s, which has no Go files: remove the row", row.pkg))
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		complaints = append(complaints, checkPackage(table, dir, packages[dir], documented[dir])...)
	}
	return complaints
}

func (p place) covers(dir string) bool {
	parent, all := strings.CutSuffix(p.pkg, "/...")
	return dir == p.pkg || all && strings.HasPrefix(dir, parent+"/")
}

func rowOf(table []place, dir string) (place, bool) {
	at := slices.IndexFunc(table, func(row place) bool { return row.covers(dir) })
	if at < 0 {
		return place{}, false
	}
	return table[at], true
}

// checkTable keeps the table itself in order, so that it cannot allow a cycle.
func checkTable(table []place) []string {
	var complaints []string
	for i, row := range table {
		for _, name := range strings.Fields(row.imports) {
			_, above := rowOf(table[:i], name)
			if !above {
				complaints = append(complaints, fmt.Sprintf(
					"the layout table lets %s import %s, which is not in a row above it: the table goes bottom to top", row.pkg, name))
			}
		}
	}
	return complaints
}

func checkPackage(table []place, dir string, hasCode, documented bool) []string {
	var complaints []string
	if slices.Contains(vagueNames, path.Base(dir)) {
		complaints = append(complaints, dir+": the name says nothing: name the package for what it owns")
	}
	_, listed := rowOf(table, dir)
	if dir != "." && !listed {
		complaints = append(complaints, dir+" is not in the layout table: add a row in layout_test.go and say in the commit why, or put the code into a package that exists")
	}
	if hasCode && !documented {
		complaints = append(complaints, dir+" has no doc.go: write 2 to 8 lines about what it owns and what it does not know")
	}
	return complaints
}

func checkFile(file source) []string {
	var complaints []string
	complain := func(text string) { complaints = append(complaints, file.path+": "+text) }
	if path.Base(file.path) == "doc.go" {
		lines := docLines(file.syntax.Doc)
		if lines < 2 || lines > 8 {
			complain(fmt.Sprintf("the package comment has %d lines of text: write 2 to 8", lines))
		}
	}
	if !file.test && file.lines > maxLines || file.lines > maxTestLines {
		complain(fmt.Sprintf("%d lines: split it by what its parts do", file.lines))
	}
	for _, decl := range file.syntax.Decls {
		function, isFunction := decl.(*ast.FuncDecl)
		if isFunction && function.Recv == nil && function.Name.Name == "init" {
			complain("func init: do it where it is needed, or in a constructor that main calls")
		}
	}
	return complaints
}

func docLines(doc *ast.CommentGroup) int {
	lines := 0
	for line := range strings.SplitSeq(doc.Text(), "\n") {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	return lines
}

func checkImports(table []place, file source) []string {
	var complaints []string
	for _, name := range file.importPaths() {
		ours, isOurs := strings.CutPrefix(name, module+"/")
		complaint := ""
		switch {
		case isOurs:
			complaint = checkEdge(table, file, ours)
		case !file.test && slices.Contains(publicPackages, file.dir) && strings.Contains(strings.Split(name, "/")[0], "."):
			complaint = "a public package imports the standard library only: do without, or move the code below internal"
		default:
			complaint = checkPins(file, name)
		}
		if complaint != "" {
			complaints = append(complaints, fmt.Sprintf("%s imports %s: %s", file.path, name, complaint))
		}
	}
	return complaints
}

func checkEdge(table []place, file source, target string) string {
	public := slices.Contains(publicPackages, file.dir)
	row, listed := rowOf(table, file.dir)
	switch {
	case target == file.dir, !listed, target == "internal/fault" && !public:
		return ""
	case public && strings.HasPrefix(target, "internal/"):
		return "a public package knows nothing of internal"
	case slices.Contains(strings.Fields(row.imports), target):
		return ""
	case file.test && slices.Contains(testReach(table, file.dir), target):
		return ""
	}
	return "not allowed by the layout table: let a package above both join them, or add the edge in layout_test.go and say in the commit why"
}

// testReach lists what the tests of a package may import of ours.
func testReach(table []place, dir string) []string {
	row, _ := rowOf(table, dir)
	todo := strings.Fields(row.imports)
	if strings.HasPrefix(dir, "internal/") {
		todo = append(todo, "internal/store/sqlstore", "internal/store/storetest", "test/postgres")
	}
	var reach []string
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		if slices.Contains(reach, next) {
			continue
		}
		reach = append(reach, next)
		row, _ := rowOf(table, next)
		todo = append(todo, strings.Fields(row.imports)...)
	}
	return reach
}

func checkPins(file source, name string) string {
	for _, p := range pins {
		matches := name == p.imports || strings.HasPrefix(name, p.imports+"/")
		if !matches || file.forTests() && !p.tests || slices.Contains(p.only, file.dir) {
			continue
		}
		if len(p.only) == 0 {
			return "that is for test files: do without it here"
		}
		return "only " + strings.Join(p.only, ", ") + " may: ask that package to do it"
	}
	return ""
}

// TestLayoutCheckerNotices shows that each rule can fail.
func TestLayoutCheckerNotices(t *testing.T) {
	table := []place{{"low", ""}, {"internal/fault", ""}, {"high", "low"}, {"test/...", ""}}
	sound := map[string]string{
		"low/doc.go":            "// Package low owns this.\n// It knows nothing of that.\npackage low\n",
		"high/doc.go":           "// Package high owns that.\n// It knows low.\npackage high\n",
		"high/high.go":          "package high\n\nimport (\n\t_ \"" + module + "/internal/fault\"\n\t_ \"" + module + "/low\"\n)\n",
		"internal/fault/doc.go": "// Package fault is small.\n// Anything may import it.\npackage fault\n",
		"test/tally/a_test.go":  "package tally\n\nimport _ \"net/http/httptest\"\n",
		"tools/go.mod":          "module other\n",
		"tools/x.go":            "package x\n\nfunc init() {}\n",
		"a/testdata/broken.go":  "not Go at all",
	}
	tests := []struct {
		name string
		file string
		text string
		want string
	}{
		{"nothing is wrong", "low/low.go", "package low\n", ""},
		{"a package is missing in the table", "new/doc.go", sound["low/doc.go"], "new is not in the layout table"},
		{"an edge goes up", "low/low.go", "package low\n\nimport _ \"" + module + "/high\"\n", "low/low.go imports " + module + "/high: not allowed"},
		{"a row has no package", "low/doc.go", "", "the layout table names low, which has no Go files"},
		{"a package has no doc.go", "high/doc.go", "", "high has no doc.go"},
		{"a package comment is too short", "low/doc.go", "// Package low.\npackage low\n", "low/doc.go: the package comment has 1 lines"},
		{"a package comment is too long", "low/doc.go", strings.Repeat("// Text.\n", 9) + "package low\n", "low/doc.go: the package comment has 9 lines"},
		{"SQL is used outside of sqlstore", "low/low.go", "package low\n\nimport _ \"database/sql/driver\"\n", "low/low.go imports database/sql/driver: only internal/store/sqlstore"},
		{"a test uses SQL", "low/low_test.go", "package low\n\nimport _ \"modernc.org/sqlite\"\n", "low/low_test.go imports modernc.org/sqlite: only internal/store/sqlstore"},
		{"go-jose is used where it has no place", "high/jose.go", "package high\n\nimport _ \"github.com/go-jose/go-jose/v4/jwt\"\n", "high/jose.go imports github.com/go-jose/go-jose/v4/jwt: only"},
		{"a test verifies with go-jose", "high/jose_test.go", "package high\n\nimport _ \"github.com/go-jose/go-jose/v4\"\n", ""},
		{"code imports what is for tests", "low/low.go", "package low\n\nimport _ \"github.com/rogpeppe/go-internal/testscript\"\n", "that is for test files"},
		{"a package below test imports what is for tests", "test/tally/doc.go", "// Package tally counts.\n// It tests nothing.\npackage tally\n\nimport _ \"testing\"\n", ""},
		{"a public package has a dependency", "oauth/o.go", "package oauth\n\nimport _ \"golang.org/x/oauth2\"\n", "a public package imports the standard library only"},
		{"a package is called util", "test/util/a_test.go", "package util\n", "test/util: the name says nothing"},
		{"there is an init function", "low/low.go", "package low\n\nfunc init() {}\n", "low/low.go: func init"},
		{"a method may be called init", "low/low.go", "package low\n\ntype a int\n\nfunc (a) init() {}\n", ""},
		{"a file is long", "low/low.go", "package low\n" + strings.Repeat("\n", 400), "low/low.go: 401 lines"},
		{"a test file is that long", "low/low_test.go", "package low\n" + strings.Repeat("\n", 400), ""},
		{"a test file is too long", "low/low_test.go", "package low\n" + strings.Repeat("\n", 600), "low/low_test.go: 601 lines"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := fstest.MapFS{}
			for name, text := range sound {
				tree[name] = &fstest.MapFile{Data: []byte(text)}
			}
			tree[test.file] = &fstest.MapFile{Data: []byte(test.text)}
			if test.text == "" {
				delete(tree, test.file)
			}
			files, err := readSources(tree)
			if err != nil {
				t.Fatal(err)
			}
			expectComplaint(t, checkLayout(table, files), test.want)
		})
	}
	t.Run("the table goes up", func(t *testing.T) {
		expectComplaint(t, checkTable([]place{{"low", "high"}, {"high", ""}}), "bottom to top")
	})
}

// expectComplaint wants one complaint that says this, or none when want is "".
func expectComplaint(t *testing.T, got []string, want string) {
	t.Helper()
	if want == "" && len(got) > 0 {
		t.Errorf("got complaints %q, want none", got)
	}
	if !slices.ContainsFunc(got, func(c string) bool { return strings.Contains(c, want) }) && want != "" {
		t.Errorf("got complaints %q, want one with %q", got, want)
	}
}
