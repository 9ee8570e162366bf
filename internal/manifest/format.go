package manifest

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/admin"
)

// Format writes a manifest so that Parse reads the same one: each member on lines
// of its own, in an order that never changes, without those that are empty.
func Format(m admin.Manifest) []byte {
	b := []byte("# What grantd apply takes: APIs with their scopes, and keys without their secrets.\n")
	for _, section := range members(reflect.ValueOf(m)) {
		if !section.value.IsNil() {
			b = appendSection(b, section.name, section.value.Elem())
		}
	}
	return b
}

// appendSection writes a list with an empty line between its items, which the
// encoder cannot do.
func appendSection(b []byte, name string, list reflect.Value) []byte {
	if list.Len() == 0 {
		return append(b, "\n"+name+": []\n"...)
	}
	for i := range list.Len() {
		item := node(list.Index(i))
		one := &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{item}}
		text := encode(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{stringNode(name), one}})
		if i > 0 {
			_, text, _ = bytes.Cut(text, []byte("\n"))
		}
		b = append(append(b, '\n'), text...)
	}
	return b
}

func encode(n *yaml.Node) []byte {
	const indent = 2
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(indent)
	// Writing to a buffer does not fail, and the nodes are all of our making.
	_ = encoder.Encode(n)
	_ = encoder.Close()
	return b.Bytes()
}

// node is what reader.read makes v of.
func node(v reflect.Value) *yaml.Node {
	switch from := v.Interface().(type) {
	case jsontext.Value:
		return objectNode(from)
	case time.Time:
		return plainNode("!!timestamp", from.UTC().Format(time.RFC3339Nano))
	case admin.Seconds:
		return stringNode(FormatDuration(from.Duration()))
	case map[string]string:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, name := range slices.Sorted(maps.Keys(from)) {
			n.Content = append(n.Content, stringNode(name), stringNode(from[name]))
		}
		return n
	}
	switch v.Kind() {
	case reflect.Pointer:
		return node(v.Elem())
	case reflect.Struct:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, m := range members(v) {
			if !empty(m.value) {
				n.Content = append(n.Content, stringNode(m.name), node(m.value))
			}
		}
		return n
	case reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			n.Content = append(n.Content, node(v.Index(i)))
		}
		return n
	case reflect.Bool:
		return plainNode("!!bool", strconv.FormatBool(v.Bool()))
	case reflect.Int:
		return plainNode("!!int", strconv.FormatInt(v.Int(), 10))
	default:
		return stringNode(v.String())
	}
}

func plainNode(tag, text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}
}

// stringNode is text, in quotes where it would be something else without, or where
// something in it does not show.
func stringNode(s string) *yaml.Node {
	n := plainNode("!!str", strings.ToValidUTF8(s, "\uFFFD"))
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// empty reports whether a member says nothing: it is left out.
func empty(v reflect.Value) bool {
	return v.IsZero() || (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0
}
