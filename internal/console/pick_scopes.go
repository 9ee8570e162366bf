package console

import (
	"net/url"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/admin"
)

// pickedAPI is an API in a form that scopes are picked from.
type pickedAPI struct {
	Audience, Mode string
	// Open says that its scopes are to be seen at first.
	Open   bool
	Scopes []pickedScope
}

// pickedScope is one scope of its catalogue, with a field for each parameter.
type pickedScope struct {
	Text       string
	Chosen     bool
	Parameters []pickedParameter
}

type pickedParameter struct{ Field, Name, Type, Value, Wrong string }

// anyValue is what is typed for every value of a parameter. Nothing is not taken for it:
// who forgets a field must not grant what belongs to all customers.
const anyValue = "any"

// parametersOf returns the names of the parameters of a definition.
func parametersOf(definition string) []string {
	var names []string
	for part := range strings.SplitSeq(definition, "/") {
		name, opened := strings.CutPrefix(part, "{")
		name, closed := strings.CutSuffix(name, "}")
		if opened && closed && !strings.Contains(name, "=") {
			names = append(names, name)
		}
	}
	return names
}

func fieldOf(definition, parameter string) string { return "value." + definition + "." + parameter }

// valueField is the field of a scope that a refusal is about: that of the parameter which
// the sentence names, or of the first.
func valueField(definition, detail string) string {
	if definition == "" {
		return "more"
	}
	names := parametersOf(definition)
	if len(names) == 0 {
		return "scopes"
	}
	i := slices.IndexFunc(names, func(name string) bool { return strings.Contains(detail, " of "+name+" ") })
	return fieldOf(definition, names[max(i, 0)])
}

// pickFrom lays out the catalogues with what was chosen.
func (f *keyForm) pickFrom(apis []admin.API) {
	const few = 4
	for _, api := range apis {
		one := pickedAPI{Audience: api.Audience, Mode: string(api.Mode), Open: len(apis) < few}
		for _, text := range api.Scopes {
			s := pickedScope{Text: text, Chosen: f.Has("scope", text)}
			one.Open = one.Open || s.Chosen
			for _, name := range parametersOf(text) {
				field := fieldOf(text, name)
				kind := api.Parameters[name]
				if kind == "" {
					kind = "slug"
				}
				s.Parameters = append(s.Parameters, pickedParameter{field, name, kind, f.Text(field), f.Wrong[field]})
			}
			one.Scopes = append(one.Scopes, s)
		}
		f.APIs = append(f.APIs, one)
	}
}

// pick chooses in a form what a key is granted: what a catalogue has as it stands, and the
// rest as text.
func pick(typed url.Values, granted []string, apis []admin.API) {
	known := map[string]bool{}
	for _, api := range apis {
		for _, text := range api.Scopes {
			known[text] = true
		}
	}
	var more []string
	for _, grant := range granted {
		if !known[grant] {
			more = append(more, grant)
			continue
		}
		typed.Add("scope", grant)
		for _, name := range parametersOf(grant) {
			typed.Set(fieldOf(grant, name), anyValue)
		}
	}
	typed.Set("more", strings.Join(more, "\n"))
}

// scopes are the grants that a form asks for, each once.
func (r *keyReader) scopes() []string {
	var scopes []string
	add := func(grant, from string) {
		if grant != "" && !slices.Contains(scopes, grant) {
			scopes, r.from = append(scopes, grant), append(r.from, from)
		}
	}
	for _, definition := range r.typed["scope"] {
		add(r.bound(definition), definition)
	}
	for _, grant := range strings.Fields(r.typed.Get("more")) {
		add(grant, "")
	}
	return scopes
}

// bound puts the values that were typed in place of the parameters of a definition.
func (r *keyReader) bound(definition string) string {
	grant := definition
	for _, name := range parametersOf(definition) {
		field := fieldOf(definition, name)
		values := strings.FieldsFunc(r.typed.Get(field), func(c rune) bool { return c == '|' || strings.ContainsRune(" \t\r\n", c) })
		slices.Sort(values)
		values = slices.Compact(values)
		switch {
		case len(values) == 0:
			r.wrong[field] = "Write the values of " + name + " that the key is for, or the word " + anyValue + " for every one."
		case slices.ContainsFunc(values, strange):
			r.wrong[field] = "A value has none of / { } =, and is neither . nor two of them."
		case len(values) > 1:
			grant = strings.Replace(grant, "{"+name+"}", "{"+name+"="+strings.Join(values, "|")+"}", 1)
		case values[0] != anyValue:
			grant = strings.Replace(grant, "{"+name+"}", values[0], 1)
		}
	}
	return grant
}

// strange says of a value that it would be more than one segment of a path.
func strange(value string) bool {
	return strings.ContainsAny(value, "/{}=") || value == "." || value == ".."
}
