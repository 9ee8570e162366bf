package scope

import (
	"fmt"
	"strings"
)

// Limits of one request; a longer one is refused before it is looked at.
const (
	maxRequestBytes  = 4 << 10
	maxRequestScopes = 100
	maxScopeBytes    = 512
	maxParameter     = 128
)

// Error says which scope was refused and why. Its text is a sentence without
// quotes that may be shown to the caller.
type Error struct {
	// Scope is the scope at fault; empty when it cannot be printed.
	Scope string
	// Reason completes the sentence "scope X …".
	Reason string
}

// Error returns the sentence.
func (e *Error) Error() string {
	if e.Scope == "" {
		return "the scope list " + e.Reason
	}
	return "scope " + e.Scope + " " + e.Reason
}

func refuse(scope, format string, args ...any) error {
	return &Error{Scope: scope, Reason: fmt.Sprintf(format, args...)}
}

// token reports whether s is a scope-token.
func token(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ).
		if c := s[i]; c < 0x21 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// slug reports whether s may stand for a parameter: one path segment that no
// path cleaning can turn into something else.
func slug(s string) bool {
	if s == "" || len(s) > maxParameter || s == "." || s == ".." {
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
	for one := range strings.SplitSeq(s, " ") {
		if one == "" {
			return nil, refuse("", "has an empty entry; separate scopes by exactly one space")
		}
		if !token(one) {
			return nil, refuse("", "has a character that scopes may not hold; use printable ASCII without quotes and backslashes")
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

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}
