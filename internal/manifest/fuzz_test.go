package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzManifest: Parse never panics and says one line for each problem; what it
// reads, Format writes so that it is read again as the same.
func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		"", whole, "apis: []\nkeys: []\n", "apis:\n  - audience: ''\n", "apis:\n\t- a\n", "a: &a [*a]\n", "? {a: b}\n: c\n", "apis: []\n---\n",
		"keys:\n  - name: \"a\\nb\\u2028\\u0007\"\n", "keys:\n  - name: |\n      a\n       b\n", "keys:\n  - name: '- a: #b'\n", "keys: [{name: \"true\"}]\n",
		"keys:\n  - claims: {\"\": [], a: {}, b: 1e400, c: -0, d: \"1e5\", e: ~, \"<<\": [[[]]], f: 123456789012345678901234567890}\n",
		"keys:\n  - valid_from: 9999-12-31T23:59:59.999999999Z\n", "apis:\n  - parameters: {\"a: b\": 'pattern:[a-z]+', true: x}\n",
		"apis:\n  - scopes: [!!str 1, !!binary aGk=]\n", "apis:\n  - routes: [{scopes: []}, {}]\n", "apis: [{}]\nkeys: [{}]\n",
		"apis:\n  - parameters: {}\n", "{}\n", "keys:\n  - name: \"\\u2067\"\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := Parse("a.yaml", text)
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasPrefix(line, "a.yaml:") {
					t.Errorf("a problem is not one line with its place: %q", line)
				}
			}
			return
		}
		written := Format(first.Manifest)
		second, err := Parse("b.yaml", written)
		if err != nil {
			t.Fatalf("%q cannot be read again: %v", written, err)
		}
		if diff := cmp.Diff(first.Manifest, second.Manifest); diff != "" {
			t.Errorf("%q (-before +after):\n%s", written, diff)
		}
	})
}
