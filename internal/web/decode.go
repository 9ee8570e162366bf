package web

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// DecodeJSON reads body, which must be one JSON value that fits v exactly:
// names are matched letter by letter, and an unknown or repeated member, invalid
// UTF-8 and anything after the value are refused. The error is a *[Problem]
// that names the member.
func DecodeJSON(body []byte, v any) error {
	if len(body) == 0 {
		return malformedCall("", "the body is empty", "send a JSON object")
	}
	// RFC 8259 §8.1: text is UTF-8; a decoder that mended it would let two
	// spellings of one name through.
	if !utf8.Valid(body) {
		return malformedCall("", "the body is not valid UTF-8", "encode it as UTF-8 (RFC 8259)")
	}
	// null would pass for an object with every member left out.
	if strings.TrimSpace(string(body)) == "null" {
		return malformedCall("", "the body is null", "send a JSON object")
	}
	err := json.Unmarshal(body, v, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if ok {
		return refuseMeaning(semantic)
	}
	syntactic, ok := errors.AsType[*jsontext.SyntacticError](err)
	// RFC 8259 §4: names are unique; of two, readers disagree which one counts.
	if ok && errors.Is(syntactic.Err, jsontext.ErrDuplicateName) {
		name := member(syntactic.JSONPointer)
		return malformedCall(name, fmt.Sprintf("the member %q is there twice", name), "send each member once")
	}
	if ok {
		return malformedCall(member(syntactic.JSONPointer), fmt.Sprintf("the body stops being JSON at byte %d", syntactic.ByteOffset),
			"send exactly one JSON object")
	}
	return malformedCall("", "the body is not JSON", "send exactly one JSON object")
}

// refuseMeaning explains JSON that is well-formed and does not fit.
func refuseMeaning(e *json.SemanticError) error {
	name := member(e.JSONPointer)
	if errors.Is(e.Err, json.ErrUnknownName) {
		return refuseUnknown(e, name)
	}
	want := "of another kind"
	if e.GoType != nil {
		want = kindOf(e.GoType)
	}
	if name == "" {
		return malformedCall("", "the body must be "+want, "send exactly one JSON object")
	}
	return malformedCall(name, fmt.Sprintf("the member %q must be %s", name, want), "")
}

func refuseUnknown(e *json.SemanticError, name string) error {
	known := memberNames(e.GoType)
	for _, have := range known {
		if strings.EqualFold(have, e.JSONPointer.LastToken()) {
			return malformedCall(name, fmt.Sprintf("there is no member %q; names are matched letter by letter", name),
				fmt.Sprintf("write it as %q", have))
		}
	}
	hint := "this call takes no members"
	if len(known) > 0 {
		hint = "the members are " + strings.Join(known, ", ")
	}
	return malformedCall(name, fmt.Sprintf("there is no member %q", name), hint)
}

func malformedCall(field, detail, hint string) *Problem {
	return &Problem{Status: http.StatusBadRequest, Detail: detail, Field: field, Hint: hint}
}

// member writes a JSON pointer as people do: scopes.0 for /scopes/0.
func member(p jsontext.Pointer) string {
	var tokens []string
	for token := range p.Tokens() {
		tokens = append(tokens, token)
	}
	const most = 100
	name := strings.Join(tokens, ".")
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}

func memberNames(t reflect.Type) []string {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			names = append(names, memberNames(field.Type)...)
		}
		if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

func kindOf(t reflect.Type) string {
	if t == reflect.TypeFor[time.Time]() {
		return "a time such as 2006-01-02T15:04:05Z"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "an integer"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Pointer:
		return kindOf(t.Elem())
	default:
		return "an object"
	}
}
