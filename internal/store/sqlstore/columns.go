package sqlstore

import (
	"fmt"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// scanner is a row to read: *sql.Row or *sql.Rows.
type scanner interface {
	Scan(dest ...any) error
}

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// bucket is the part of a table in which a row lies that ends at the time given:
// whole hours since 1970, rounded down.
func bucket(end time.Time) int64 {
	return end.UTC().Truncate(time.Hour).Unix() / int64(time.Hour/time.Second)
}

func lifetime(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// joinList makes one column of a list. It refuses what would not come back as
// it was.
func joinList[T ~string](field string, list []T) (string, error) {
	var b strings.Builder
	for i, element := range list {
		if element == "" || strings.Contains(string(element), " ") || !isText(string(element)) {
			return "", refuse(store.ErrInvalid, field, string(element))
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(element))
	}
	return b.String(), nil
}

func splitList[T ~string](column string) []T {
	if column == "" {
		return nil
	}
	list := make([]T, 0, strings.Count(column, " ")+1)
	for element := range strings.SplitSeq(column, " ") {
		list = append(list, T(element))
	}
	return list
}

// fill copies a column of fixed width, such as a tag or a hash.
func fill(dest, column []byte) error {
	if len(column) != len(dest) {
		return fmt.Errorf("a column of %d bytes where %d belong", len(column), len(dest))
	}
	copy(dest, column)
	return nil
}

// nilIfEmpty makes of bytes what an empty list reads back as, whatever the driver
// does.
func nilIfEmpty(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

// blob returns a copy that a writer may keep, and never nil, which would be NULL.
func blob(b []byte) []byte { return append([]byte{}, b...) }
