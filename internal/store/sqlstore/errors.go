package sqlstore

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

var errClosed = errors.New("the store is closed")

// failed puts one of the contract's errors before what the database said.
func failed(doing string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", doing, store.ErrNotFound)
	}
	return answer(store.ErrUnavailable, doing, err)
}

// answer says how a call ended, why, and if the operator can mend it, how.
func answer(how error, doing string, cause error) error {
	err := fmt.Errorf("%s: %w: %w", doing, how, inOneLine{cause})
	hint := cmp.Or(sqliteHint(cause), postgresHint(cause))
	if hint == "" {
		return err
	}
	return fault.Hint(err, "%s", hint)
}

// inOneLine is an error whose text a log and a terminal show in one line: pgx puts
// each host that it has tried on one of its own.
type inOneLine struct{ error }

func (e inOneLine) Error() string {
	lines := strings.FieldsFunc(e.error.Error(), func(r rune) bool { return r == '\n' || r == '\t' })
	return strings.ReplaceAll(strings.Join(lines, "; "), ":; ", ": ")
}

func (e inOneLine) Unwrap() error { return e.error }

// refuse says why a mutation cannot be applied. Write adds which one it is.
func refuse(err error, field, value string) error {
	return &store.MutationError{Field: field, Value: value, Err: err}
}

// isRefusal tells what the contract refuses from a database that failed.
func isRefusal(err error) bool {
	_, ok := errors.AsType[*store.MutationError](err)
	return ok || errors.Is(err, store.ErrNotHolder) || errors.Is(err, store.ErrNotFound)
}
