package config

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Print writes the configuration as YAML that [Load] reads again, with the
// secrets redacted, and beside each value a comment that says where it is from.
func (c Config) Print(w io.Writer) error {
	root := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fields() {
		section, key := root, f.path
		name, rest, nested := strings.Cut(f.path, ".")
		if nested {
			section, key = child(root, name), rest
		}
		value := f.node(&c)
		value.LineComment = "# " + c.origins[f.path]
		section.Content = append(section.Content, scalar(key), value)
	}
	var page bytes.Buffer // the encoder would hide what w says about an error
	encoder := yaml.NewEncoder(&page)
	encoder.SetIndent(2)
	err := encoder.Encode(root)
	if err != nil {
		return fmt.Errorf("encode configuration: %w", err)
	}
	_, err = page.WriteTo(w)
	if err != nil {
		return fmt.Errorf("print configuration: %w", err)
	}
	return nil
}

// child returns the section of that name; the settings of one section follow
// each other, so it is the last entry or not there yet.
func child(root *yaml.Node, name string) *yaml.Node {
	n := len(root.Content)
	if n == 0 || root.Content[n-2].Value != name {
		root.Content = append(root.Content, scalar(name), &yaml.Node{Kind: yaml.MappingNode})
		n += 2
	}
	return root.Content[n-1]
}

// node is the value in c as it stands in the file.
func (f field) node(c *Config) *yaml.Node {
	text := f.text(c)
	if !f.list() {
		return scalar(text)
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for item := range strings.SplitSeq(text, ",") {
		if item != "" {
			list.Content = append(list.Content, scalar(item))
		}
	}
	return list
}

// scalar is a string, quoted where it would be read as something else.
func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}
