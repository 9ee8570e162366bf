package manifest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/yamlfile"
)

// mostNested is far more than claims may be nested. Paths of members would become
// too long without it.
const mostNested = 100

// readObject reads a section as a JSON object, in order.
func (r *reader) readObject(path string, n *yaml.Node, to *jsontext.Value) {
	if n.Kind != yaml.MappingNode {
		r.refuse(path, n, "a section", "write each of its entries as name: value on a line of its own, indented by two spaces")
		return
	}
	before := len(r.problems)
	text := r.appendJSON(nil, path, n)
	if len(r.problems) == before {
		*to = text
	}
}

// appendJSON writes a node as JSON. What has no one meaning in JSON is refused.
func (r *reader) appendJSON(b []byte, path string, n *yaml.Node) []byte {
	r.note(path, n.Line)
	switch {
	case !r.plain(n):
		return b
	case strings.Count(path, ".")+strings.Count(path, "[") > mostNested:
		r.problem(n, fault.Hint(errors.New("this is nested too deeply"), "keep claims to a few levels"))
		return b
	case n.Kind == yaml.MappingNode:
		return r.appendObject(b, path, n)
	case n.Kind == yaml.SequenceNode:
		b = append(b, '[')
		for i, item := range n.Content {
			if i > 0 {
				b = append(b, ',')
			}
			b = r.appendJSON(b, fmt.Sprintf("%s[%d]", path, i), item)
		}
		return append(b, ']')
	default:
		return r.appendScalar(b, path, n)
	}
}

func (r *reader) appendObject(b []byte, path string, n *yaml.Node) []byte {
	b = append(b, '{')
	for i, e := range yamlfile.Entries(r.file.name, path+".", n) {
		if e.Err != nil {
			r.problems = append(r.problems, fmt.Errorf("%s: %w", e.At, e.Err))
			continue
		}
		if i > 0 {
			b = append(b, ',')
		}
		r.note(e.Path, e.Line)
		b = appendString(b, e.Key)
		b = r.appendJSON(append(b, ':'), e.Path, e.Value)
	}
	return append(b, '}')
}

func (r *reader) appendScalar(b []byte, path string, n *yaml.Node) []byte {
	const hint = "write a text in quotes, a number as JSON writes it, true, false or null"
	switch n.ShortTag() {
	case "!!str":
		return appendString(b, n.Value)
	case "!!int", "!!float":
		if isJSONNumber(n.Value) {
			return append(b, n.Value...)
		}
	case "!!bool":
		return append(b, strings.ToLower(n.Value)...)
	case "!!null":
		if n.Value != "" {
			return append(b, "null"...)
		}
	}
	what := yamlfile.Describe(n)
	if n.Value != "" {
		what = fmt.Sprintf("%.60q", n.Value)
	}
	r.problem(n, fault.Hint(fmt.Errorf("%s cannot be %s", path, what), hint))
	return b
}

// appendString writes a JSON string. The text is UTF-8, as all text of YAML is.
func appendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

// isJSONNumber reports whether a number of YAML is the same number in JSON: not
// 0x1F, 1_000, .5 or .nan.
func isJSONNumber(text string) bool {
	value := jsontext.Value(text)
	return value.IsValid() && value.Kind() == '0' && strings.TrimSpace(text) == text
}

// objectNode is a JSON object as a section, in its order.
func objectNode(v jsontext.Value) *yaml.Node {
	decoder := jsontext.NewDecoder(strings.NewReader(string(v)))
	node, err := valueNode(decoder)
	if err != nil {
		// No value that Parse or the server gives is like that.
		return stringNode(string(v))
	}
	return node
}

func valueNode(d *jsontext.Decoder) (*yaml.Node, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		return containerNode(d, yaml.MappingNode, '}')
	case '[':
		return containerNode(d, yaml.SequenceNode, ']')
	case '"':
		return stringNode(token.String()), nil
	case '0':
		// Without a tag: how YAML calls a number depends on how large it is.
		return plainNode("", token.String()), nil
	case 'n':
		return plainNode("!!null", "null"), nil
	default:
		return plainNode("!!bool", token.String()), nil
	}
}

// containerNode reads names and values, or items, up to the end of their object or
// list.
func containerNode(d *jsontext.Decoder, kind yaml.Kind, end jsontext.Kind) (*yaml.Node, error) {
	node := &yaml.Node{Kind: kind}
	for d.PeekKind() != end {
		child, err := valueNode(d)
		if err != nil {
			return nil, err
		}
		node.Content = append(node.Content, child)
	}
	_, err := d.ReadToken()
	return node, err
}
