package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/yamlfile"
)

// readYAML takes the settings out of a YAML document. It walks the nodes itself:
// decoding into a struct would not say where an unknown key stands, and would
// turn a number into a string in silence.
func (l *loader) readYAML(name string, data []byte) {
	root, err := yamlfile.Parse(name, data)
	if err != nil {
		l.problems = append(l.problems, err)
		return
	}
	if root == nil {
		return
	}
	if root.Kind != yaml.MappingNode {
		err = fmt.Errorf("the file must hold keys and values, not %s", yamlfile.Describe(root))
		l.problem(yamlfile.Position(name, root), fault.Hint(err, "write each setting as key: value, such as issuer: https://auth.example.com"))
		return
	}
	l.readSection(name, "", root)
}

// readSection reads the entries of one mapping; prefix is "" or ends in a dot.
func (l *loader) readSection(name, prefix string, section *yaml.Node) {
	for _, e := range yamlfile.Entries(name, prefix, section) {
		if e.Err != nil {
			l.problem(e.At, e.Err)
			continue
		}
		l.readEntry(name, e.At, e.Path, strings.Contains(e.Key, "."), e.Value)
	}
}

func (l *loader) readEntry(name, at, path string, dotted bool, value *yaml.Node) {
	f, known := l.field(path)
	switch {
	case known && dotted:
		section, key, _ := strings.Cut(path, ".")
		l.problem(at, fmt.Errorf("unknown key %s; write %s in the section %s", path, key, section))
	case known && f.list():
		l.readNetworks(name, at, f, value)
	case known:
		l.readScalar(at, f, value)
	case !slices.Contains(l.sections(), path):
		err := fmt.Errorf("unknown key %s%s", yamlfile.Shown(path), yamlfile.DidYouMean(path, slices.Concat(l.paths(), l.sections())))
		l.problem(at, fault.Hint(err, "known keys: %s", strings.Join(l.paths(), ", ")))
	case value.Kind == yaml.MappingNode:
		l.readSection(name, path+".", value)
	case value.ShortTag() != "!!null": // a section without entries is fine
		err := fmt.Errorf("%s must be a section, not %s", path, yamlfile.Describe(value))
		l.problem(at, fault.Hint(err, "put its keys on lines of their own below it, indented by two spaces"))
	}
}

func (l *loader) readScalar(at string, f field, value *yaml.Node) {
	if value.Kind == yaml.ScalarNode && value.ShortTag() == "!!str" {
		l.assign(f, value.Value, at)
		return
	}
	want, hint := "a string", "put the value in quotes"
	if _, duration := f.pointer(&l.config).(*time.Duration); duration {
		want, hint = "a duration", durationHint
	}
	if value.ShortTag() == "!!null" {
		hint = "give it a value or remove the line"
	}
	// The value is not repeated here: it might be a secret.
	l.problem(at, fault.Hint(fmt.Errorf("%s must be %s, not %s", f.path, want, yamlfile.Describe(value)), "%s", hint))
}

// sections returns the keys that hold other keys.
func (l *loader) sections() []string {
	var all []string
	for _, path := range l.paths() {
		section, _, nested := strings.Cut(path, ".")
		if nested && !slices.Contains(all, section) {
			all = append(all, section)
		}
	}
	return all
}
