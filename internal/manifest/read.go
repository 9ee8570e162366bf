package manifest

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/yamlfile"
)

// reader fills values from nodes. It walks them itself: decoding into a struct
// would not say where an unknown key stands, and would turn a number into a string
// in silence.
type reader struct {
	file     *File
	problems []error
}

func (r *reader) problem(n *yaml.Node, err error) {
	r.problems = append(r.problems, fmt.Errorf("%s: %w", yamlfile.Position(r.file.name, n), err))
}

// note remembers where a member is: at its key, or where it begins when it has none.
func (r *reader) note(path string, line int) {
	_, noted := r.file.lines[path]
	if path != "" && !noted {
		r.file.lines[path] = line
	}
}

// refuse says that a value is not what its member must be.
func (r *reader) refuse(path string, n *yaml.Node, want, hint string) {
	if n.ShortTag() == "!!null" {
		hint = "give it a value or remove the line"
	}
	r.problem(n, fault.Hint(fmt.Errorf("%s must be %s, not %s", path, want, yamlfile.Describe(n)), "%s", hint))
}

// plain refuses a value that is not just what it looks like.
func (r *reader) plain(n *yaml.Node) bool {
	switch {
	case yamlfile.Linked(n):
		r.problem(n, fault.Hint(errors.New("anchors and aliases are not known here"), "write the value out"))
	case yamlfile.Tagged(n):
		r.problem(n, fault.Hint(fmt.Errorf("tags such as %.60q are not known here", n.ShortTag()), "write the value alone, a text in quotes"))
	default:
		return true
	}
	return false
}

// read sets v, which is addressable, to what the node says.
func (r *reader) read(path string, n *yaml.Node, v reflect.Value) {
	r.note(path, n.Line)
	if !r.plain(n) {
		return
	}
	switch to := v.Addr().Interface().(type) {
	case *jsontext.Value:
		r.readObject(path, n, to)
		return
	case *time.Time:
		r.readInstant(path, n, to)
		return
	case *admin.Seconds:
		r.readLifetime(path, n, to)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.read(path, n, v.Elem())
	case reflect.Struct:
		r.readStruct(path, n, v)
	case reflect.Slice:
		r.readList(path, n, v)
	case reflect.Map:
		r.readMap(path, n, v)
	case reflect.Bool:
		r.readBool(path, n, v)
	case reflect.Int:
		r.readInt(path, n, v)
	default:
		r.readString(path, n, v)
	}
}

func (r *reader) readStruct(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		r.refuse(path, n, "a section", "put its keys on lines of their own below it, indented by two spaces")
		return
	}
	prefix := ""
	if path != "" {
		prefix = path + "."
	}
	known := members(v)
	for _, e := range yamlfile.Entries(r.file.name, prefix, n) {
		if e.Err != nil {
			r.problems = append(r.problems, fmt.Errorf("%s: %w", e.At, e.Err))
			continue
		}
		m, there := find(known, e.Key)
		if !there {
			names := memberNames(known)
			err := fmt.Errorf("%s: unknown key %s%s", e.At, yamlfile.Shown(e.Key), yamlfile.DidYouMean(e.Key, names))
			r.problems = append(r.problems, fault.Hint(err, "known keys here: %s", strings.Join(names, ", ")))
			continue
		}
		r.note(e.Path, e.Line)
		r.read(e.Path, e.Value, m.value)
	}
}

func (r *reader) readList(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		r.refuse(path, n, "a list of items", "put each item on a line of its own after - , or write [] for none")
		return
	}
	if len(n.Content) == 0 {
		return // an empty list is the same as none, except for a section
	}
	list := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		r.read(fmt.Sprintf("%s[%d]", path, i), item, list.Index(i))
	}
	v.Set(list)
}

// readMap reads names with text.
func (r *reader) readMap(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		r.refuse(path, n, "a section", "write each of its entries as name: value on a line of its own, indented by two spaces")
		return
	}
	if len(n.Content) == 0 {
		return // the same as none
	}
	entries := reflect.MakeMap(v.Type())
	for _, e := range yamlfile.Entries(r.file.name, path+".", n) {
		if e.Err != nil {
			r.problems = append(r.problems, fmt.Errorf("%s: %w", e.At, e.Err))
			continue
		}
		r.note(e.Path, e.Line)
		value := reflect.New(v.Type().Elem()).Elem()
		r.read(e.Path, e.Value, value)
		entries.SetMapIndex(reflect.ValueOf(e.Key), value)
	}
	v.Set(entries)
}

func (r *reader) readString(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		r.refuse(path, n, "a string", "put the value in quotes")
		return
	}
	v.SetString(n.Value)
}

func (r *reader) readBool(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		r.refuse(path, n, "true or false", "write true or false, without quotes")
		return
	}
	v.SetBool(strings.EqualFold(n.Value, "true"))
}

func (r *reader) readInt(path string, n *yaml.Node, v reflect.Value) {
	const hint = "write it in decimal digits, without quotes"
	tag := n.ShortTag()
	if n.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float" {
		r.refuse(path, n, "a whole number", hint)
		return
	}
	number, err := strconv.Atoi(n.Value)
	// 010 is ten to people and eight to YAML.
	if err != nil || strconv.Itoa(number) != n.Value {
		r.problem(n, fault.Hint(fmt.Errorf("%s must be a whole number, not %.60q", path, n.Value), hint))
		return
	}
	v.SetInt(int64(number))
}

func (r *reader) readLifetime(path string, n *yaml.Node, to *admin.Seconds) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		r.refuse(path, n, "a duration", "write a number with its unit, such as 90s, 15m, 1h or 30d")
		return
	}
	d, err := ParseDuration(n.Value)
	if err != nil {
		r.problem(n, fault.Hint(fmt.Errorf("%s must be a duration, not %.60q", path, n.Value), "%s", durationHint))
		return
	}
	*to = admin.Seconds(d / time.Second)
}

// readInstant reads RFC 3339, or a date alone for its first moment in UTC: a file
// means the same wherever it is applied.
func (r *reader) readInstant(path string, n *yaml.Node, to *time.Time) {
	const hint = "write it like 2027-01-31T18:00:00Z, or 2027-01-31 for the first moment of that day in UTC"
	tag := n.ShortTag()
	if n.Kind != yaml.ScalarNode || tag != "!!str" && tag != "!!timestamp" {
		r.refuse(path, n, "a time", hint)
		return
	}
	at, err := time.Parse(time.RFC3339, n.Value)
	if err != nil {
		at, err = time.Parse(time.DateOnly, n.Value)
	}
	// The first instant there is stands for a member that is not there.
	if err != nil || at.IsZero() {
		r.problem(n, fault.Hint(fmt.Errorf("%s must be a time, not %.60q", path, n.Value), hint))
		return
	}
	*to = at.UTC()
}
