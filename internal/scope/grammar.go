package scope

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of one request; a longer one is refused before it is looked at.
const (
	maxRequestBytes  = 4 << 10
	maxRequestScopes = 100
)

// Limits of what operators write. Every scope that a definition matches has room
// in a request: its own bytes and all its values.
const (
	maxDefinitions     = 1000
	maxDefinitionBytes = 512
	maxParameters      = 16
	maxGrantBytes      = 4 << 10
	maxValueBytes      = 128
)

// token reports whether s is a scope-token.
func token(s string) bool { return s != "" && stranger(s) < 0 }

// stranger returns where the first byte stands that scopes may not hold, or -1.
func stranger(s string) int {
	for i := range len(s) {
		// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ).
		if c := s[i]; c < 0x21 || c > 0x7e || c == '"' || c == '\\' {
			return i
		}
	}
	return -1
}

// value reports whether a parameter of any type could have this value: one path
// segment that no path cleaning turns into something else.
func value(s string) bool {
	if s == "" || len(s) > maxValueBytes || s == "." || s == ".." {
		return false
	}
	return stranger(s) < 0 && !strings.ContainsAny(s, "/{}|=")
}

// slug reports whether s is a value made of letters, digits and ._~- alone.
func slug(s string) bool {
	if s == "" || len(s) > maxValueBytes || s == "." || s == ".." {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		digit := c >= '0' && c <= '9'
		if !letter && !digit && c != '.' && c != '_' && c != '~' && c != '-' {
			return false
		}
	}
	return true
}

// Parse splits a scope parameter into its scopes: in order, each once.
func Parse(s string) ([]string, error) {
	if len(s) > maxRequestBytes {
		return nil, refuse("", "is longer than %d bytes; ask for fewer scopes", maxRequestBytes)
	}
	list := make([]string, 0, strings.Count(s, " ")+1)
	entry := 0
	for one := range strings.SplitSeq(s, " ") {
		entry++
		if one == "" {
			return nil, refuse("", "has an empty entry; separate scopes by exactly one space")
		}
		at := stranger(one)
		if at >= 0 {
			return nil, refuse("", "has %s of entry %d, which scopes may not hold; use printable ASCII without quotes and backslashes", character(one, at), entry)
		}
		// RFC 6749 §3.3: the order does not matter, and a repeated entry adds nothing.
		if !contains(list, one) {
			list = append(list, one)
		}
		if len(list) > maxRequestScopes {
			return nil, refuse("", "has more than %d entries; ask for fewer scopes", maxRequestScopes)
		}
	}
	return list, nil
}

// cut is strings.Cut for a slash, and with it a request is narrowed faster by a
// seventh.
func cut(s string) (segment, rest string, more bool) {
	at := strings.IndexByte(s, '/')
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+1:], true
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// character names what stands at a byte of s, and its place as a reader counts:
// it may look like a letter that scopes may hold.
func character(s string, at int) string {
	place := utf8.RuneCountInString(s[:at]) + 1
	r, size := utf8.DecodeRuneInString(s[at:])
	if r == utf8.RuneError && size == 1 {
		return fmt.Sprintf("the byte 0x%02X at place %d", s[at], place)
	}
	return fmt.Sprintf("the character U+%04X at place %d", r, place)
}
