package yamlfile

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/fault"
)

// Entry is one key of a mapping with its value.
type Entry struct {
	// Key is as it was written, Path the same after the prefix of its mapping.
	Key, Path string
	// At is where the key is, and Line its line alone.
	At   string
	Line int
	// Value is the node after the colon; nil with Err.
	Value *yaml.Node
	// Err says why the entry cannot be taken.
	Err error
}

// Entries returns what a mapping holds, in order; name is that of the file, and
// prefix goes before each key to make its path.
func Entries(name, prefix string, mapping *yaml.Node) []Entry {
	lines := map[string]int{}
	var entries []Entry
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		e := Entry{Key: key.Value, Path: prefix + key.Value, At: Position(name, key), Line: key.Line}
		line, again := lines[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode || key.Anchor != "" || Linked(value):
			// Following aliases would let a small file grow without bound.
			e.Err = fault.Hint(errors.New("anchors, aliases and keys that are not plain words are not known here"), "write the setting out as key: value")
		case again:
			e.Err = fmt.Errorf("key %s is in line %d already", Shown(e.Path), line)
		default:
			lines[key.Value] = key.Line
			e.Value = value
		}
		entries = append(entries, e)
	}
	return entries
}

// Linked reports whether a value has an anchor or is an alias of another.
func Linked(n *yaml.Node) bool { return n.Anchor != "" || n.Kind == yaml.AliasNode }

// Tagged reports whether a value says itself what it is, as in !!bool yes. That can
// make of it what it does not look like.
func Tagged(n *yaml.Node) bool { return n.Style&yaml.TaggedStyle != 0 }

// Describe says what a value is, for "must be a string, not …".
func Describe(n *yaml.Node) string {
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
