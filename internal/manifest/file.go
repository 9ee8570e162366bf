package manifest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/yamlfile"
)

// File is a manifest that was read from a file.
type File struct {
	Manifest admin.Manifest

	name string
	// lines are where the members are, by path: apis[0].scopes[3].
	lines map[string]int
}

// Parse reads a manifest; name is that of the file, for the errors. The error
// joins all problems that were found, one line each, and each says where it is and
// carries its own hint; see package fault.
func Parse(name string, text []byte) (*File, error) {
	name = yamlfile.Shown(name)
	root, err := yamlfile.Parse(name, text)
	if err != nil {
		return nil, err
	}
	f := &File{name: name, lines: map[string]int{}}
	if root == nil || root.Kind == yaml.MappingNode && len(root.Content) == 0 {
		return nil, fault.Hint(fmt.Errorf("%s:1: there is neither apis nor keys in it", name), "%s", rootHint)
	}
	if root.Kind != yaml.MappingNode || yamlfile.Linked(root) {
		err = fmt.Errorf("%s: the file must hold apis and keys, not %s", yamlfile.Position(name, root), yamlfile.Describe(root))
		return nil, fault.Hint(err, "%s", rootHint)
	}
	r := reader{file: f}
	r.read("", root, reflect.ValueOf(&f.Manifest).Elem())
	if len(r.problems) > 0 {
		return nil, r.joined()
	}
	return f, nil
}

const rootHint = "begin with apis: or keys: and put one - for each below it; grantd export shows the form"

// Locate says where a member of the manifest was written, such as
// payments.yaml:12 for apis[0].scopes[3]; what is not there is where it would be.
func (f *File) Locate(field string) string {
	for field != "" {
		line, there := f.lines[field]
		if there {
			return fmt.Sprintf("%s:%d", f.name, line)
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return f.name
}

// joined is at most so many of the problems that somebody reads them.
func (r *reader) joined() error {
	const most = 20
	if more := len(r.problems) - most; more > 0 {
		r.problems = append(r.problems[:most], fmt.Errorf("%s: %d more problems like these", r.file.name, more))
	}
	return errors.Join(r.problems...)
}
