package config

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// FuzzYAML: the loader never panics, says one line for each problem, and reads
// again whatever Print wrote.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{
		"", "---\n", "# nothing\n", referenceExample,
		"issuer: http://127.0.0.1\nlisten: :0\n", "lissten: x\nlissten: x\n", "tls:\n\tcert_file: x\n",
		"tls:\n  cert_file: a\n key_file: b\n", "a: &a [*a]\n", "log: {level: debug, format: text}\n", "pepper: 12\n",
		"max_staleness: 5m\nlimits:\n  body_timeout: 1s\n", "? {a: b}\n: c\n", "a: 1\n---\nb: 2\n", "data_dir: \"\\u2028yes\"\n",
		"data_dir: |\n  x\n", "\"a\\nb\": x\n", "data_dir: <data_dir>/x\n", "pepper: \" \"\npepper_file: x\n",
		"proxies: {trusted: [10.0.0.0/8, 2001:db8::/32], header: forwarded}\n", "proxies:\n  trusted:\n    - 10.0.0.0/8,::/0\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first := loadBytes(data)
		for _, problem := range first.problems {
			if line := problem.Error(); strings.Contains(line, "\n") || line == "" {
				t.Errorf("a problem is not one line: %q", line)
			}
		}
		if len(first.problems) > 0 || first.config.MasterKey.Reveal() != "" || first.config.Pepper.Reveal() != "" {
			return
		}
		var b bytes.Buffer
		err := first.config.Print(&b)
		if err != nil {
			t.Fatal(err)
		}
		second := loadBytes(b.Bytes())
		if len(second.problems) > 0 {
			t.Fatalf("%q cannot be loaded again: %v", b.String(), second.problems)
		}
		first.config.origins, second.config.origins = nil, nil
		if !reflect.DeepEqual(first.config, second.config) {
			t.Errorf("got %+v, want %+v", second.config, first.config)
		}
	})
}

func loadBytes(data []byte) *loader {
	l := newLoader(true)
	l.readYAML("grantd.yaml", data)
	if len(l.problems) == 0 {
		l.settle()
		l.problems = l.config.validate(true)
	}
	return l
}

func TestTagsDescribeEverySetting(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range fields() {
		if f.doc == "" || !strings.HasSuffix(f.doc, ".") || strings.Contains(f.doc, "|") {
			t.Errorf("%s: the doc tag must be sentences without a bar: %q", f.path, f.doc)
		}
		if foreign(f.env) || seen[f.env] {
			t.Errorf("%s: the variable %s is taken", f.path, f.env)
		}
		seen[f.env] = true
	}
}
