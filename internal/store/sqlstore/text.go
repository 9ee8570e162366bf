package sqlstore

import (
	"strings"
	"unicode/utf8"

	"github.com/grantd/grantd/internal/store"
)

// isText reports whether every database can hold s as a text. PostgreSQL takes no
// NUL and nothing but UTF-8, so records do not have it in SQLite either.
func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// areText reports whether all strings among the arguments of a statement are
// texts. One that is not is in no row, which is no reason to ask the database.
func areText(args []any) bool {
	for _, arg := range args {
		s, ok := arg.(string)
		if ok && !isText(s) {
			return false
		}
	}
	return true
}

// textOf returns the beginning of s that is a text.
func textOf(s string) string {
	for i, r := range s {
		if r == 0 || r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return s[:i]
		}
	}
	return s
}

// checkText refuses what is no text.
func checkText(field, value string) error {
	if isText(value) {
		return nil
	}
	return refuse(store.ErrInvalid, field, value)
}
