package scope_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/scope"
)

func TestTypeMatches(t *testing.T) {
	const id = "7f3c0c0e-2b1f-4c7e-9f66-0f0f0f0f0f0f"
	tests := []struct {
		name, kind, value string
		want              bool
	}{
		{"a slug", "slug", "aZ09._~-", true},
		{"a slug with a plus", "slug", "a+b", false},
		{"a slug that is a dot", "slug", ".", false},
		{"a slug that is two dots", "slug", "..", false},
		{"a slug that begins with two dots", "slug", "..a", true},
		{"an empty slug", "slug", "", false},
		{"a slug of 128 bytes", "slug", strings.Repeat("a", 128), true},
		{"a slug of 129 bytes", "slug", strings.Repeat("a", 129), false},
		{"a uuid", "uuid", id, true},
		{"a uuid in capitals", "uuid", strings.ToUpper(id), true},
		{"a uuid without hyphens", "uuid", strings.ReplaceAll(id, "-", ""), false},
		{"a uuid with a hyphen too many", "uuid", "-" + id[1:], false},
		{"a uuid with another letter", "uuid", "g" + id[1:], false},
		{"a uuid with a character before 0", "uuid", "/" + id[1:], false},
		{"a uuid with a character after 9", "uuid", ":" + id[1:], false},
		{"a uuid with a character before A", "uuid", "@" + id[1:], false},
		{"a uuid with a character before a", "uuid", "`" + id[1:], false},
		{"a uuid with its hyphen elsewhere", "uuid", "7f3c0c0-e2b1f-4c7e-9f66-0f0f0f0f0f0f", false},
		{"a uuid in braces", "uuid", "{" + id[:34] + "}", false},
		{"a uuid that is too short", "uuid", id[:35], false},
		{"a uuid with a look-alike", "uuid", "\u0430" + id[2:], false},
		{"one of an enum", "enum:card|bank", "bank", true},
		{"none of an enum", "enum:card|bank", "bankcard", false},
		{"an enum as it stands", "enum:card|bank", "card|bank", false},
		{"nothing of an enum", "enum:card|bank", "", false},
		{"what a pattern says", "pattern:[a-c]+", "abc", true},
		{"what a pattern says and more", "pattern:[a-c]+", "abcd", false},
		{"what a pattern says after something else", "pattern:[a-c]+", "1abc", false},
		{"the second of two alternatives in whole", "pattern:a|ab", "ab", true},
		{"a pattern that ignores case", "pattern:(?i)k", "K", true},
		{"a pattern that ignores case and a look-alike", "pattern:(?i)k", "\u212a", false},
		{"a slash in a pattern of anything", "pattern:.+", "a/b", false},
		{"a space in a pattern of anything", "pattern:.+", "a b", false},
		{"a brace in a pattern of anything", "pattern:.+", "{a}", false},
		{"a bar in a pattern of anything", "pattern:.+", "a|b", false},
		{"two dots in a pattern of dots", "pattern:[.]+", "..", false},
		{"three dots in a pattern of dots", "pattern:[.]+", "...", true},
		{"an empty value of a pattern that allows it", "pattern:a*", "", false},
		{"128 bytes of a pattern", "pattern:a*", strings.Repeat("a", 128), true},
		{"129 bytes of a pattern", "pattern:a*", strings.Repeat("a", 129), false},
		{"a line break after a pattern", "pattern:a", "a\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kind := parseType(t, tt.kind)
			if got := kind.Matches(tt.value); got != tt.want {
				t.Errorf("%s matches %q: got %v, want %v", kind, tt.value, got, tt.want)
			}
			if kind.String() != tt.kind {
				t.Errorf("%q is written as %q", tt.kind, kind)
			}
		})
	}
}

// Whatever byte stands at whatever place, alone or beside another wrong one, it is
// judged as in a pattern.
func TestUUIDsAreReadLikeAPattern(t *testing.T) {
	kind, pattern := parseType(t, "uuid"), parseType(t, "pattern:[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
	const id = "7f3c0c0e-2B1F-4c7e-9f66-a0f0f0f0f0fF"
	for i := range id {
		for c := range 256 {
			one := []byte(id)
			one[i] = byte(c)
			two := []byte(id)
			two[i], two[(i+1)%len(id)] = byte(c), byte(c+128)
			for _, text := range []string{string(one), string(two)} {
				if got, want := kind.Matches(text), pattern.Matches(text); got != want {
					t.Fatalf("uuid matches %q: got %v, want %v", text, got, want)
				}
			}
		}
	}
}

func parseType(t testing.TB, text string) scope.Type {
	t.Helper()
	kind, err := scope.ParseType(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return kind
}

func TestTheZeroTypeIsSlug(t *testing.T) {
	var kind scope.Type
	if kind.String() != "slug" || !kind.Matches("a1") || kind.Matches("a+1") {
		t.Errorf("the zero type is %s", kind)
	}
}

func TestParseTypeRefuses(t *testing.T) {
	hundred := "v0"
	for i := range 100 {
		hundred += "|v" + strconv.Itoa(i+1)
	}
	tests := []struct{ name, in, fail string }{
		{"a word of another language", "int", "unknown type int; use slug, uuid, enum:a|b|c"},
		{"capitals", "UUID", "unknown type UUID"},
		{"an enum without values", "enum:", "value 1 cannot be one"},
		{"an enum without a colon", "enum", "unknown type enum"},
		{"an enum with an empty value", "enum:a||b", "value 2 cannot be one"},
		{"an enum with two dots", "enum:a|..", "value 2 cannot be one"},
		{"an enum with a slash", "enum:a/b", "value 1 cannot be one"},
		{"an enum with an equals sign", "enum:a=b", "value 1 cannot be one"},
		{"an enum with a look-alike", "enum:a|\u0430", "value 2 has the character U+0430 at place 1"},
		{"an enum with a value twice", "enum:a|b|a", "names a twice"},
		{"an enum of 101 values", "enum:" + hundred, "more than 100 values"},
		{"an enum of a million values", "enum:" + strings.Repeat("a|", 1_000_000), "more than 100 values"},
		{"a slug with something behind", "slug:x", "unknown type"},
		{"a pattern that does not compile", "pattern:(", "does not compile: missing closing )"},
		{"a pattern that closes what it did not open", "pattern:a)|(?:b", "does not compile: unexpected )"},
		{"a pattern with a look-behind", "pattern:(?<!a)b", "does not compile"},
		{"a pattern with a backreference", `pattern:(a)\1`, "does not compile"},
		{"a pattern with a repetition that is too large", "pattern:a{1001}", "does not compile: invalid repeat count"},
		{"a pattern with its beginning", "pattern:^a", "leave it out"},
		{"a pattern with its end", "pattern:a$", "leave it out"},
		{"a pattern with a word boundary", `pattern:a\b.`, "leave it out"},
		{"a pattern with the beginning of a text", `pattern:\Aa`, "leave it out"},
		{"a pattern with a space", "pattern:a b", "has a pattern with the character U+0020 at place 2"},
		{"a pattern with a look-alike", "pattern:a\u0430", "has a pattern with the character U+0430 at place 2"},
		{"a pattern of 129 bytes", "pattern:" + strings.Repeat("a", 129), "longer than 128 bytes"},
		{"a pattern of a million bytes", "pattern:" + strings.Repeat("(", 1_000_000), "longer than 128 bytes"},
		{"a pattern with many instructions", "pattern:[a-z]{501}", "too large"},
		{"an empty pattern", "pattern:", "no value matches"},
		{"a pattern of slashes", "pattern:/+", "no value matches"},
		{"a pattern of nothing but two dots", "pattern:[.]{1,2}", "no value matches"},
		{"a pattern of 129 characters", "pattern:[a-z]{129}", "no value matches"},
		{"a pattern of spaces", `pattern:\s+`, "no value matches"},
		{"a pattern of other scripts", `pattern:\p{Cyrillic}+`, "no value matches"},
		{"a pattern that matches nothing", "pattern:[^\\x00-\\x{10FFFF}]", "no value matches"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := scope.ParseType(tt.in)
			checkError(t, err, tt.fail)
		})
	}
}
