package adminapi

import (
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// object is a JSON object of the document.
type object map[string]any

// schemas describes types as JSON schemas, each struct once.
type schemas struct {
	known object
	// strict are the types of bodies, of which unknown members are refused.
	strict bool
	// unknown is the type that could not be described; nil when all could.
	unknown *reflect.Type
}

// enums are the values of types that have few.
func enums() map[reflect.Type][]string {
	return map[reflect.Type][]string{
		reflect.TypeFor[store.Mode]():              {string(store.Live), string(store.Test)},
		reflect.TypeFor[store.TokenFormat]():       {string(store.JWT), string(store.Opaque)},
		reflect.TypeFor[store.AssertionAudience](): {string(store.IssuerAudience), string(store.IssuerOrEndpointAudience)},
		reflect.TypeFor[admin.RefreshRotation]():   {string(admin.RotationOn), string(admin.RotationOff)},
		reflect.TypeFor[oauth.AuthMethod](): {
			string(oauth.ClientSecretBasic), string(oauth.ClientSecretPost), string(oauth.PrivateKeyJWT),
		},
	}
}

// of returns the schema of a type.
func (s *schemas) of(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[jsontext.Value]():
		return object{"type": "object"}
	}
	//nolint:exhaustive // answers have no others
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return object{"type": "integer", "format": "int64"}
	case reflect.Uint64:
		return object{"type": "integer", "minimum": 0}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.String:
		values := enums()[t]
		if values != nil {
			return object{"type": "string", "enum": values}
		}
		return object{"type": "string"}
	case reflect.Slice:
		return object{"type": "array", "items": s.member(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.member(t.Elem())}
	case reflect.Struct:
		return s.named(t)
	}
	*s.unknown = t
	return object{}
}

// named returns a reference to the schema of a struct.
func (s *schemas) named(t reflect.Type) object {
	name := nameOf(t)
	if s.known[name] == nil {
		s.known[name] = object{} // for one that holds itself
		properties, required := object{}, []string{}
		s.members(t, properties, &required)
		described := object{"type": "object", "properties": properties}
		if len(required) > 0 {
			described["required"] = required
		}
		if s.strict {
			described["additionalProperties"] = false
		}
		s.known[name] = described
	}
	return object{"$ref": "#/components/schemas/" + name}
}

func (s *schemas) members(t reflect.Type, properties object, required *[]string) {
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			s.members(field.Type, properties, required)
		case name == "" || name == "-":
		default:
			properties[name] = s.member(field.Type)
			if options == "" && !s.strict {
				*required = append(*required, name)
			}
		}
	}
}

// member returns the schema of a member; in a body, null is the same as leaving it out.
func (s *schemas) member(t reflect.Type) object {
	described := s.of(t)
	if !s.strict {
		return described
	}
	return object{"anyOf": []object{described, {"type": "null"}}}
}

// nameOf is the name of a type in the document: KeyPage for Page[Key].
func nameOf(t reflect.Type) string {
	outer, inner, generic := strings.Cut(t.Name(), "[")
	if !generic {
		return outer
	}
	inner = strings.TrimSuffix(inner, "]")
	return inner[strings.LastIndex(inner, ".")+1:] + outer
}
