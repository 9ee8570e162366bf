package manifest

import (
	"reflect"
	"slices"
	"strings"
)

// member is one member of a struct, under the name that it has in the admin calls.
type member struct {
	name  string
	value reflect.Value
}

// members returns the members of a struct in order, those of embedded structs in
// their place.
func members(v reflect.Value) []member {
	var all []member
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			all = append(all, members(v.Field(i))...)
		case name != "" && name != "-":
			all = append(all, member{name, v.Field(i)})
		}
	}
	return all
}

func find(all []member, name string) (member, bool) {
	i := slices.IndexFunc(all, func(m member) bool { return m.name == name })
	if i < 0 {
		return member{}, false
	}
	return all[i], true
}

func memberNames(all []member) []string {
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.name
	}
	return names
}
