package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// engine is what each kind of database does in its own way. All else, and the
// text of every query, is the same for all of them.
type engine interface {
	// read has query read from the database. A failure that may pass is tried
	// again, so query begins anew each time it is called.
	read(ctx context.Context, query func(ctx context.Context, db *sql.DB) error) error
	// transact has body write in one transaction, which is on the disk once it has
	// returned nil. Where others can write at the same time, body may be called
	// again, in a new transaction, in which nothing is left of the one before. When
	// body returns errNothingToKeep, the transaction is rolled back, and that is no
	// failure; when it returns errUnguarded, it is called again. It says before whether it will write the journal. The error is one
	// of the contract's.
	transact(ctx context.Context, journals bool, body func(ctx context.Context, s *session) error) error
	close() error
}

var (
	// errNothingToKeep is for transactions that have changed nothing.
	errNothingToKeep = errors.New("nothing to keep")
	// errUnguarded has the transaction run again, with a savepoint for each operation.
	errUnguarded = errors.New("an operation failed without a savepoint")
)

// The statements around the operations, the same for all engines. Each operation
// of a transaction has the savepoint to itself.
const (
	commit    = `COMMIT`
	rollback  = `ROLLBACK`
	savepoint = `SAVEPOINT operation`
	release   = `RELEASE SAVEPOINT operation`
	undo      = `ROLLBACK TO SAVEPOINT operation`
)
