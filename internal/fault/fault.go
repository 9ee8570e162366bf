package fault

import (
	"errors"
	"fmt"
)

type hinted struct {
	err  error
	hint string
}

func (h *hinted) Error() string { return h.err.Error() }
func (h *hinted) Unwrap() error { return h.err }

// Hint wraps err with one sentence that says what to do about it. The text of
// the error stays as it is; a nil err stays nil.
func Hint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &hinted{err: err, hint: fmt.Sprintf(format, args...)}
}

// HintOf returns the outermost hint in err's chain, or "".
func HintOf(err error) string {
	h, ok := errors.AsType[*hinted](err)
	if !ok {
		return ""
	}
	return h.hint
}
