package yamlfile_test

import (
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/yamlfile"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, yaml, want, hint string
	}{
		{name: "an empty file", yaml: ""},
		{name: "a file of comments", yaml: "# nothing\n"},
		{name: "a byte order mark", yaml: "\ufeffa: b\n"},
		{name: "lines that end as on Windows", yaml: "a: b\r\nc: d\r\n"},
		{name: "two documents", yaml: "a: b\n---\nc: d\n", want: "a.yaml:2: a second document begins here", hint: "one document"},
		{name: "a tab in the indentation", yaml: "a:\n\tb: c\n", want: "a.yaml:2: a tab in the indentation", hint: "two spaces"},
		{name: "too little indentation", yaml: "a:\n  b: c\n d: e\n", want: "a.yaml:3: the indentation fits no line above", hint: "same number"},
		{name: "a character that means something else", yaml: "a: b\nc: @d\n", want: "a.yaml:2: not YAML: found character that cannot start any token", hint: "quotes"},
		{name: "a control character", yaml: "a: b\nc: d\x1b[2J\n", want: "a.yaml:2: a control character, U+001B", hint: "remove it"},
		{name: "a control character of the upper half", yaml: "a: c\nb: \u009b2J\n", want: "a.yaml:2: a control character, U+009B", hint: "remove it"},
		{name: "a carriage return in a comment", yaml: "a: b\r\n# c\rd: e\n", want: "a.yaml:2: a control character, U+000D", hint: "remove it"},
		{name: "a next line in a comment", yaml: "a: b # c\u0085d: e\n", want: "a.yaml:1: a control character, U+0085", hint: "remove it"},
		{name: "a line separator in a comment", yaml: "a: b # c\u2028d: e\n", want: "a.yaml:1: a control character, U+2028", hint: "remove it"},
		{name: "a paragraph separator in a comment", yaml: "a: b # c\u2029d: e\n", want: "a.yaml:1: a control character, U+2029", hint: "remove it"},
		{name: "a byte that is not UTF-8", yaml: "a: b\n\nc: \xff\n", want: "a.yaml:3: a byte that is not UTF-8", hint: "save the file as UTF-8"},
		{name: "UTF-16", yaml: "\xff\xfea\x00:\x00", want: "a.yaml:1: a byte that is not UTF-8", hint: "save the file as UTF-8"},
		{name: "an alias of nothing", yaml: "a: b\nc: *d\n", want: "a.yaml:2: not YAML: unknown anchor 'd' referenced"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := yamlfile.Parse("a.yaml", []byte(tt.yaml))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want || !strings.Contains(fault.HintOf(err), tt.hint) {
				t.Errorf("%q: got %q with hint %q, want %q with %q", tt.yaml, got, fault.HintOf(err), tt.want, tt.hint)
			}
		})
	}
}

func TestEntries(t *testing.T) {
	root, err := yamlfile.Parse("a.yaml", []byte("b: 1\nc: &x 2\nb: 3\n? [d]\n: 4\n"))
	if err != nil {
		t.Fatal(err)
	}
	const linked = "anchors, aliases and keys that are not plain words are not known here"
	want := []struct{ path, at, value, problem string }{
		{"a.b", "a.yaml:1", "1", ""},
		{"a.c", "a.yaml:2", "", linked},
		{"a.b", "a.yaml:3", "", "key a.b is in line 1 already"},
		{"a.", "a.yaml:4", "", linked},
	}
	entries := yamlfile.Entries("a.yaml", "a.", root)
	if len(entries) != len(want) {
		t.Fatalf("got %d entries, want %d: %+v", len(entries), len(want), entries)
	}
	for i, e := range entries {
		value, problem := "", ""
		if e.Value != nil {
			value = e.Value.Value
		}
		if e.Err != nil {
			problem = e.Err.Error()
		}
		if e.Path != want[i].path || e.At != want[i].at || value != want[i].value || problem != want[i].problem {
			t.Errorf("entry %d: got %+v, want %+v", i, e, want[i])
		}
	}
}
