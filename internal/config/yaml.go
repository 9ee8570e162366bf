package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/fault"
)

// readYAML takes the settings out of a YAML document. It walks the nodes itself:
// decoding into a struct would not say where an unknown key stands, and would
// turn a number into a string in silence.
func (l *loader) readYAML(name string, data []byte) {
	root, err := parseYAML(name, data)
	if err != nil {
		l.problems = append(l.problems, err)
		return
	}
	if root == nil {
		return
	}
	if root.Kind != yaml.MappingNode {
		err = fmt.Errorf("the file must hold keys and values, not %s", describe(root))
		l.problem(position(name, root), fault.Hint(err, "write each setting as key: value, such as issuer: https://auth.example.com"))
		return
	}
	l.readSection(name, "", root)
}

// readSection reads the entries of one mapping; prefix is "" or ends in a dot.
func (l *loader) readSection(name, prefix string, section *yaml.Node) {
	lines := map[string]int{}
	for i := 0; i+1 < len(section.Content); i += 2 {
		key, value := section.Content[i], section.Content[i+1]
		at := position(name, key)
		// Following aliases would let a small file grow without bound.
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || value.Anchor != "" || value.Kind == yaml.AliasNode {
			err := errors.New("anchors, aliases and keys that are not plain words are not known here")
			l.problem(at, fault.Hint(err, "write the setting out as key: value"))
			continue
		}
		path := prefix + key.Value
		if line, again := lines[path]; again {
			l.problem(at, fmt.Errorf("key %s is in line %d already", shown(path), line))
			continue
		}
		lines[path] = key.Line
		l.readEntry(name, at, path, strings.Contains(key.Value, "."), value)
	}
}

func (l *loader) readEntry(name, at, path string, dotted bool, value *yaml.Node) {
	f, known := l.field(path)
	switch {
	case known && dotted:
		section, key, _ := strings.Cut(path, ".")
		l.problem(at, fmt.Errorf("unknown key %s; write %s in the section %s", path, key, section))
	case known:
		l.readScalar(at, f, value)
	case !slices.Contains(l.sections(), path):
		err := fmt.Errorf("unknown key %s%s", shown(path), didYouMean(path, slices.Concat(l.paths(), l.sections())))
		l.problem(at, fault.Hint(err, "known keys: %s", strings.Join(l.paths(), ", ")))
	case value.Kind == yaml.MappingNode:
		l.readSection(name, path+".", value)
	case value.ShortTag() != "!!null": // a section without entries is fine
		err := fmt.Errorf("%s must be a section, not %s", path, describe(value))
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
	l.problem(at, fault.Hint(fmt.Errorf("%s must be %s, not %s", f.path, want, describe(value)), "%s", hint))
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

func position(name string, n *yaml.Node) string { return fmt.Sprintf("%s:%d", name, n.Line) }

// describe says what a value is, for "must be a string, not …".
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list of items"
	case yaml.AliasNode:
		return "an alias"
	default:
	}
	switch n.ShortTag() {
	case "!!str":
		return "a string"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!null":
		return "nothing"
	case "!!timestamp":
		return "a date"
	default:
		return "a value with a tag"
	}
}
