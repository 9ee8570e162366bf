package web

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type sample struct {
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"`
	Count  int64    `json:"count"`
	On     bool     `json:"on"`
}

func TestDecodeJSON(t *testing.T) {
	tests := []struct {
		name, body string
		want       Problem
	}{
		{
			name: "RFC 8259 §4: a repeated member is refused by name",
			body: `{"name":"a","name":"b"}`,
			want: Problem{Detail: `the member "name" is there twice`, Field: "name", Hint: "send each member once"},
		},
		{
			name: "null is no object without members",
			body: " null\n",
			want: Problem{Detail: "the body is null", Hint: "send a JSON object"},
		},
		{
			name: "a member in another case is refused and the right one named",
			body: `{"Name":"a"}`,
			want: Problem{
				Detail: `there is no member "Name"; names are matched letter by letter`,
				Field:  "Name", Hint: `write it as "name"`,
			},
		},
		{
			name: "an unknown member is refused and the known ones named",
			body: `{"nom":"a"}`,
			want: Problem{Detail: `there is no member "nom"`, Field: "nom", Hint: "the members are name, scopes, count, on"},
		},
		{
			name: "a number where text belongs names the place",
			body: `{"scopes":["/a", 1]}`,
			want: Problem{Detail: `the member "scopes.1" must be a string`, Field: "scopes.1"},
		},
		{
			name: "text where a list belongs is refused",
			body: `{"scopes":"/a"}`,
			want: Problem{Detail: `the member "scopes" must be an array`, Field: "scopes"},
		},
		{
			name: "a fraction where an integer belongs is refused",
			body: `{"count":1.5}`,
			want: Problem{Detail: `the member "count" must be an integer`, Field: "count"},
		},
		{
			name: "an integer of 100 digits is refused",
			body: `{"count":` + strings.Repeat("9", 100) + `}`,
			want: Problem{Detail: `the member "count" must be an integer`, Field: "count"},
		},
		{
			name: "a number where true or false belongs is refused",
			body: `{"on":1}`,
			want: Problem{Detail: `the member "on" must be true or false`, Field: "on"},
		},
		{
			name: "a body that is no object is refused",
			body: `[1]`,
			want: Problem{Detail: "the body must be an object", Hint: "send exactly one JSON object"},
		},
		{
			name: "a second object after the first is refused",
			body: `{} {}`,
			want: Problem{Detail: "the body stops being JSON at byte 3", Hint: "send exactly one JSON object"},
		},
		{
			name: "a body that ends early is refused",
			body: `{"name":"a"`,
			want: Problem{Detail: "the body stops being JSON at byte 11", Hint: "send exactly one JSON object"},
		},
		{
			name: "RFC 8259 §8.1: invalid UTF-8 is refused",
			body: "{\"name\":\"\xff\"}",
			want: Problem{Detail: "the body is not valid UTF-8", Hint: "encode it as UTF-8 (RFC 8259)"},
		},
		{
			name: "a lone surrogate is refused",
			body: `{"name":"\ud800"}`,
			want: Problem{Detail: "the body stops being JSON at byte 9", Field: "name", Hint: "send exactly one JSON object"},
		},
		{
			name: "an empty body is refused",
			want: Problem{Detail: "the body is empty", Hint: "send a JSON object"},
		},
		{
			name: "the name of a member is cut to a length that can be read",
			body: `{"` + strings.Repeat("n", 5000) + `":1}`,
			want: Problem{
				Detail: `there is no member "` + strings.Repeat("n", 100) + `…"`,
				Field:  strings.Repeat("n", 100) + "…", Hint: "the members are name, scopes, count, on",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got sample
			err := DecodeJSON([]byte(tt.body), &got)
			p, ok := errors.AsType[*Problem](err)
			if !ok {
				t.Fatalf("DecodeJSON(%.200s) = %v, want a problem", tt.body, err)
			}
			tt.want.Status = 400
			diff := cmp.Diff(tt.want, *p)
			if diff != "" {
				t.Errorf("DecodeJSON(%.200s) (-want +got):\n%s", tt.body, diff)
			}
		})
	}
}

func TestDecodeJSONReadsAWholeObject(t *testing.T) {
	var got sample
	err := DecodeJSON([]byte(` {"name":"a","scopes":["/x","/y"],"count":7,"on":true} `+"\n"), &got)
	if err != nil {
		t.Fatal(err)
	}
	diff := cmp.Diff(sample{Name: "a", Scopes: []string{"/x", "/y"}, Count: 7, On: true}, got)
	if diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		`{"name":"a","scopes":["/x"],"count":7,"on":true}`, `{"name":null}`, `{"a":1,"a":2}`, `[[[[`, "\xff", `{"name":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var got sample
		err := DecodeJSON(body, &got)
		p, refused := errors.AsType[*Problem](err)
		if err != nil && (!refused || p.Detail == "" || p.Status != 400) {
			t.Errorf("DecodeJSON(%q) = %#v, want a problem with a sentence", body, err)
		}
	})
}
