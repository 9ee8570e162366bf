package web

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestForm(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want Params
		fail string
	}{
		{name: "parameters in order", in: "grant_type=client_credentials&scope=a+b", want: Params{{"grant_type", "client_credentials"}, {"scope", "a b"}}},
		{name: "percent escapes", in: "scope=%2Faccounts.write%20b", want: Params{{"scope", "/accounts.write b"}}},
		{name: "a raw space and a raw colon stand for themselves", in: "scope=a b:c", want: Params{{"scope", "a b:c"}}},
		{name: "RFC 6749 §3.2: an empty value means absent", in: "scope=&grant_type=x", want: Params{{"grant_type", "x"}}},
		{name: "a name without a value means absent", in: "scope&grant_type=x", want: Params{{"grant_type", "x"}}},
		{name: "empty pairs are nothing", in: "&&a=b&", want: Params{{"a", "b"}}},
		{name: "an equals sign in a value", in: "a=b=c", want: Params{{"a", "b=c"}}},
		{name: "nothing", in: "", want: nil},
		{name: "RFC 8707 §2: resource may be repeated", in: "resource=a&resource=b", want: Params{{"resource", "a"}, {"resource", "b"}}},
		{name: "RFC 6749 §3.2: a repeated parameter is refused", in: "scope=a&scope=a", fail: "scope was sent more than once"},
		{name: "a parameter repeated with an empty value is refused", in: "scope=&scope=a", fail: "more than once"},
		{name: "a repeated unknown parameter is refused without its name", in: "x<script>=1&x<script>=2", fail: "a parameter was sent more than once"},
		{name: "a broken escape", in: "a=%zz", fail: "two hexadecimal digits"},
		{name: "a cut escape", in: "a=%2", fail: "two hexadecimal digits"},
		{name: "a broken escape in a name", in: "%zz=a", fail: "two hexadecimal digits"},
		{name: "NUL", in: "a=%00", fail: "NUL"},
		{name: "invalid UTF-8", in: "a=%ff", fail: "UTF-8"},
		{name: "65 parameters", in: manyPairs(65), fail: "more than 64"},
		{name: "10 000 parameters", in: manyPairs(10_000), fail: "more than 64"},
		{name: "a value of 16 KiB and a byte", in: "a=" + strings.Repeat(".", 16<<10+1), fail: "longer than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseForm(tt.in, nil)
			check(t, got, tt.want, err, tt.fail)
		})
	}
}

func manyPairs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("p" + strconv.Itoa(i) + "=v&")
	}
	return b.String()
}

func check(t *testing.T, got, want Params, err error, fail string) {
	t.Helper()
	if fail != "" {
		if err == nil || !strings.Contains(err.Error(), fail) {
			t.Fatalf("got error %v, want one about %q", err, fail)
		}
		return
	}
	if err != nil {
		t.Fatalf("got error %v, want none", err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONDialect(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want Params
		fail string
	}{
		{name: "members in order", in: `{"grant_type":"client_credentials","scope":"a b"}`, want: Params{{"grant_type", "client_credentials"}, {"scope", "a b"}}},
		{name: "white space around", in: " \n{ \"a\" : \"b\" }\n ", want: Params{{"a", "b"}}},
		{name: "escapes", in: `{"a":"\u0062\/"}`, want: Params{{"a", "b/"}}},
		{name: "null means absent", in: `{"a":null,"b":"c"}`, want: Params{{"b", "c"}}},
		{name: "an empty string means absent", in: `{"a":""}`},
		{name: "an empty object", in: `{}`},
		{name: "names are matched exactly", in: `{"Scope":"a","scope":"b"}`, want: Params{{"Scope", "a"}, {"scope", "b"}}},
		{name: "a duplicate member", in: `{"scope":"a","scope":"b"}`, fail: "more than once"},
		{name: "a duplicate member under an escape", in: `{"scope":"a","\u0073cope":"b"}`, fail: "more than once"},
		{name: "a number", in: `{"scope":1}`, fail: "not a string"},
		{name: "a list of scopes", in: `{"scope":["a","b"]}`, fail: "one string with spaces"},
		{name: "a nested object", in: `{"x":{"y":"z"}}`, fail: "not a string"},
		{name: "deep nesting", in: strings.Repeat(`{"x":`, 20_000), fail: "not a string"},
		{name: "something after the object", in: `{"a":"b"}{"c":"d"}`, fail: "not one JSON object"},
		{name: "a word after the object", in: `{"a":"b"} x`, fail: "not one JSON object"},
		{name: "a comma too many", in: `{"a":"b",}`, fail: "not one JSON object"},
		{name: "cut off", in: `{"a":"b"`, fail: "not one JSON object"},
		{name: "cut off in a string", in: `{"a":"b`, fail: "not one JSON object"},
		{name: "an array", in: `["a"]`, fail: "not one JSON object"},
		{name: "nothing", in: ``, fail: "not one JSON object"},
		{name: "invalid UTF-8", in: "{\"a\":\"\xff\"}", fail: "not one JSON object"},
		{name: "half a surrogate pair", in: `{"a":"\ud800"}`, fail: "not one JSON object"},
		{name: "NUL", in: `{"a":"\u0000"}`, fail: "NUL"},
		{name: "65 members", in: "{" + manyMembers(65) + "}", fail: "more than 64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseObject(tt.in, nil)
			check(t, got, tt.want, err, tt.fail)
		})
	}
}

func manyMembers(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = `"m` + strconv.Itoa(i) + `":"v"`
	}
	return strings.Join(list, ",")
}

func FuzzForm(f *testing.F) {
	for _, seed := range []string{"grant_type=client_credentials&scope=%2Faccounts.write", "a=%zz", "a&b=&c", "scope=a b", "a=%00", manyPairs(70)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := parseForm(in, nil)
		checkParsed(t, got, err)
	})
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"grant_type":"client_credentials"}`, `{"a":null}`, `{"a":{}}`, `{"a":"b","a":"c"}`, `{"a":"\ud800"}`, "{"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := parseObject(in, nil)
		checkParsed(t, got, err)
	})
}

// checkParsed holds for every input: what comes out is clean, and only a name
// that may be repeated is.
func checkParsed(t *testing.T, got Params, err error) {
	t.Helper()
	if err != nil {
		if got != nil {
			t.Errorf("an error and parameters: %v", got)
		}
		return
	}
	seen := map[string]bool{}
	for _, p := range got {
		if p.Value == "" || !clean(p.Name) || !clean(p.Value) {
			t.Errorf("parameter %q = %q", p.Name, p.Value)
		}
		if seen[p.Name] && !repeatable(p.Name) {
			t.Errorf("%q is there twice", p.Name)
		}
		seen[p.Name] = true
	}
}
