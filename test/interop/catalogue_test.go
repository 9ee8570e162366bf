package main

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

func TestFilesAreReadStrictly(t *testing.T) {
	tests := []struct {
		name, file string
		change     func(row map[string]any)
		want       string
	}{
		{"nothing is wrong", "client.json", func(map[string]any) {}, ""},
		{"a member is unknown", "client.json", func(row map[string]any) { row["colour"] = "red" }, "colour"},
		{"a member belongs to verifiers", "client.json", func(row map[string]any) { row["typ"] = "any" }, "typ"},
		{"there is no name", "client.json", func(row map[string]any) { row["name"] = "" }, "name, package, language and run must be there"},
		{"there is no command", "client.json", func(row map[string]any) { delete(row, "run") }, "name, package, language and run must be there"},
		{"a feature is missing", "client.json", func(row map[string]any) { delete(declared(row), "renew") }, "the feature renew is missing"},
		{"a feature is unknown", "client.json", func(row map[string]any) { declared(row)["dance"] = "works" }, `there is no feature "dance"`},
		{"a state is unknown", "client.json", func(row map[string]any) { declared(row)["renew"] = "maybe" }, "is none of works, lacks and fails"},
		{"a failure has no reason", "client.json", func(row map[string]any) { declared(row)["renew"] = "fails" }, "gives no reason"},
		{"a lack has an empty reason", "client.json", func(row map[string]any) { declared(row)["renew"] = "lacks: " }, "gives no reason"},
		{"a caveat is empty", "client.json", func(row map[string]any) { declared(row)["renew"] = "works: " }, "gives no reason"},
		{"a verifier is right", "verifier.json", func(map[string]any) {}, ""},
		{"a typ is unknown", "verifier.json", func(row map[string]any) { row["typ"] = "at" }, "want any, at+jwt or JWT"},
		{"an algorithm is not declared", "verifier.json", func(row map[string]any) { row["algorithms"] = []string{"ES256", "RS256"} }, "want those whose feature is works"},
		{"there is no algorithm", "verifier.json", func(row map[string]any) {
			declared(row)["ES256"] = "lacks: all of them"
			row["algorithms"] = []string{}
		}, "want those whose feature is works"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			row := soundRow(t, test.file)
			test.change(row)
			writeRowAs(t, dir, "row", test.file, row)
			c, err := readCatalogue(dir)
			if err != nil {
				t.Fatal(err)
			}
			expectFault(t, c, "fake/row/"+test.file, test.want)
		})
	}
}

func TestNamesAreUnique(t *testing.T) {
	dir := t.TempDir()
	row := soundRow(t, "client.json")
	writeRowAs(t, dir, "one", "client.json", row)
	row["name"] = "Sound!"
	writeRowAs(t, dir, "two", "client.json", row)
	c, err := readCatalogue(dir)
	if err != nil {
		t.Fatal(err)
	}
	expectFault(t, c, "fake/two/client.json", `the name "Sound!" is too much like one in`)
}

func TestAnEcosystemWithoutSetUpIsRed(t *testing.T) {
	dir := t.TempDir()
	writeRow(t, dir, "client.json", fakeRow(t, "honest", map[string]string{"basic": "works", "post": "fails: in any case"}, clientFeatureNames()))
	m := newMatrix(t, dir)
	m.setUp = runSetup
	rep, err := m.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	expectRed(t, find(t, rep, "honest", "basic"), "its setup.sh failed")
	expectRed(t, find(t, rep, "honest", "post"), "its setup.sh failed")
}

func soundRow(t *testing.T, file string) map[string]any {
	t.Helper()
	if file == "client.json" {
		return fakeRow(t, "sound", map[string]string{"basic": "works"}, clientFeatureNames())
	}
	row := fakeRow(t, "sound", map[string]string{"ES256": "works"}, verifierFeatureNames())
	maps.Copy(row, map[string]any{"typ": "any", "algorithms": []string{"ES256"}})
	return row
}

func declared(row map[string]any) map[string]string {
	features, _ := row["features"].(map[string]string)
	return features
}

func writeRowAs(t *testing.T, dir, folder, file string, row map[string]any) {
	t.Helper()
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	err = writeFile(filepath.Join(dir, "fake", folder, file), string(text))
	if err != nil {
		t.Fatal(err)
	}
}

// expectFault wants one fault of a file that says this, or none when want is empty.
func expectFault(t *testing.T, c *catalogue, file, want string) {
	t.Helper()
	if want == "" && len(c.faults) == 0 {
		return
	}
	if want == "" || len(c.faults) != 1 || !strings.Contains(c.faults[0].Error(), file) || !strings.Contains(c.faults[0].Error(), want) {
		t.Errorf("got %v, want one fault of %s with %q", c.faults, file, want)
	}
}
