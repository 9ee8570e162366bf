package admin

import (
	"errors"

	"github.com/grantd/grantd/internal/store"
)

// untilUnchanged makes a change of a record that is read, changed and written as a whole.
// Another node may write it in between, and to write over that would undo it: then the
// change is made again, from what the record is by then.
func untilUnchanged[T any](change func() (T, error)) (T, error) {
	// Beside somebody who does nothing else, every second one may fail.
	const attempts = 32
	for attempt := 1; ; attempt++ {
		changed, err := change()
		if !errors.Is(err, store.ErrChanged) {
			return changed, err
		}
		if attempt == attempts {
			return changed, conflict("", "others change this all the time; nothing was changed", "try again in a moment")
		}
	}
}
