package adminapi

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parameters are the members of a query, in order.
func parameters(t reflect.Type) []reflect.StructField {
	var all []reflect.StructField
	for field := range t.Fields() {
		if field.Tag.Get("query") != "" {
			all = append(all, field)
		}
	}
	return all
}

// readQuery reads the parameters that a query type names; others are refused, and those
// that are there twice.
func readQuery(values url.Values, into any) error {
	v := reflect.ValueOf(into).Elem()
	var names []string
	for _, field := range parameters(v.Type()) {
		names = append(names, field.Tag.Get("query"))
	}
	for name, list := range values {
		if !slices.Contains(names, name) {
			hint := "this call takes none"
			if len(names) > 0 {
				hint = "this call takes " + strings.Join(names, ", ")
			}
			return badQuery("", "there is a parameter that this call does not take", hint)
		}
		if len(list) > 1 {
			return badQuery(name, "the parameter "+name+" is there twice", "send it once")
		}
	}
	for _, field := range parameters(v.Type()) {
		name := field.Tag.Get("query")
		if !values.Has(name) {
			continue
		}
		err := setParameter(v.FieldByIndex(field.Index), values.Get(name), name, field.Tag)
		if err != nil {
			return err
		}
	}
	return nil
}

func setParameter(v reflect.Value, text, name string, tag reflect.StructTag) error {
	_, isTime := v.Interface().(time.Time)
	switch {
	case isTime:
		at, err := time.Parse(time.RFC3339, text)
		if err != nil || at.Year() < 1970 {
			return badQuery(name, name+" is not a time from 1970 on", "write it like 2026-01-31T18:00:00Z")
		}
		v.Set(reflect.ValueOf(at.UTC()))
	case v.Kind() == reflect.String:
		allowed := enumOf(tag)
		if allowed != nil && !slices.Contains(allowed, text) {
			return badQuery(name, "there is no such "+name, "use "+strings.Join(allowed, ", "))
		}
		const most = 200
		if len(text) > most || text == "" || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '\uFFFD' }) {
			return badQuery(name, fmt.Sprintf("the parameter %s is not 1 to %d bytes of text", name, most), "leave it out, or look for a part of it")
		}
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			return badQuery(name, name+" is neither true nor false", "write true, or leave it out")
		}
		v.SetBool(text == "true")
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		most, _ := strconv.ParseInt(tag.Get("max"), 10, 64) // a tag of ours
		if err != nil || n < 1 || n > most || strconv.FormatInt(n, 10) != text {
			return badQuery(name, name+" is not a number", fmt.Sprintf("use a number from 1 to %d", most))
		}
		v.SetInt(n)
	}
	return nil
}

func enumOf(tag reflect.StructTag) []string {
	list := tag.Get("enum")
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
