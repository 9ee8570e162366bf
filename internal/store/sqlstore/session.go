package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// session is a connection that writes. One goroutine uses it.
type session struct {
	conn  *sql.Conn
	count func(name string)
	// prepared keeps statements for as long as the connection; without the map they
	// are not prepared.
	prepared map[string]*sql.Stmt
	// send runs several statements in one message, where every statement alone is a
	// journey to another machine; nil where it is not.
	send func(ctx context.Context, conn *sql.Conn, statements []statement) ([]int, error)
	// timeout is for one statement, or one message of several; zero is none.
	timeout time.Duration
	// entries are what the operations of the transaction leave in the journal.
	entries []entry
	// queued are the statements that end the transaction, without a result that
	// anybody waits for.
	queued []statement
}

// statement is a statement that is run later.
type statement struct {
	name, query string
	args        []any
}

// forget drops what belongs to an earlier transaction.
func (s *session) forget() {
	clear(s.entries)
	clear(s.queued)
	s.entries, s.queued = s.entries[:0], s.queued[:0]
}

// queue has a statement run at the end of the transaction. No operation after it
// sees what it does.
func (s *session) queue(name, query string, args ...any) {
	s.queued = append(s.queued, statement{name: name, query: query, args: args})
}

// maxStatements is about how many statements are sent at once: enough for the way
// to the database not to count, and few enough to be done with in time.
const maxStatements = 250

// flush runs what is queued.
func (s *session) flush(ctx context.Context) error {
	for chunk := range slices.Chunk(s.queued, maxStatements) {
		_, err := s.together(ctx, chunk)
		if err != nil {
			return err
		}
	}
	return nil
}

// together runs statements none of which has to wait for what another one finds,
// and returns how many rows each has changed.
func (s *session) together(ctx context.Context, statements []statement) ([]int, error) {
	if s.send != nil {
		for _, one := range statements {
			s.count(one.name)
		}
		ctx, cancel := s.limit(ctx)
		defer cancel()
		return s.send(ctx, s.conn, statements)
	}
	changed := make([]int, len(statements))
	for i, one := range statements {
		n, err := s.affects(ctx, one.name, one.query, one.args...)
		if err != nil {
			return nil, err
		}
		changed[i] = n
	}
	return changed, nil
}

// execute runs a statement that changes something.
func (s *session) execute(ctx context.Context, name, query string, args []any) (sql.Result, error) {
	s.count(name)
	ctx, cancel := s.limit(ctx)
	defer cancel()
	if s.prepared == nil {
		return s.conn.ExecContext(ctx, query, args...)
	}
	statement, err := s.statement(ctx, query) //nolint:sqlclosecheck // session.close closes it
	if err != nil {
		return nil, err
	}
	return statement.ExecContext(ctx, args...)
}

func (s *session) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.timeout)
}

func (s *session) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	prepared := s.prepared[query]
	if prepared != nil {
		return prepared, nil
	}
	prepared, err := s.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.prepared[query] = prepared
	return prepared, nil
}

// exec runs a statement that changes something.
func (s *session) exec(ctx context.Context, name, query string, args ...any) error {
	_, err := s.execute(ctx, name, query, args)
	return err
}

// did runs a statement and says whether it had anything to do: for INSERT … ON
// CONFLICT DO NOTHING, and for UPDATE and DELETE of one row. RETURNING would say
// the same, but costs SQLite a journal of its own for each statement, which makes
// a write of many mutations slow.
func (s *session) did(ctx context.Context, name, query string, args ...any) (bool, error) {
	n, err := s.affects(ctx, name, query, args...)
	return n > 0, err
}

// affects runs a statement and returns how many rows it changed.
func (s *session) affects(ctx context.Context, name, query string, args ...any) (int, error) {
	result, err := s.execute(ctx, name, query, args)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// must runs a statement that has something to do unless the record that it is
// about does not exist.
func (s *session) must(ctx context.Context, name, query string, args ...any) error {
	did, err := false, error(nil)
	if areText(args) {
		did, err = s.did(ctx, name, query, args...)
	}
	if err == nil && !did {
		return refuse(store.ErrNotFound, "", "")
	}
	return err
}

// exists runs a statement that counts.
func (s *session) exists(ctx context.Context, name, query string, args ...any) (bool, error) {
	if !areText(args) {
		return false, nil
	}
	var n int64
	err := s.row(ctx, name, query, args, &n)
	return n > 0, err
}

// row runs a statement that returns one row, or sql.ErrNoRows.
func (s *session) row(ctx context.Context, name, query string, args []any, dest ...any) error {
	s.count(name)
	ctx, cancel := s.limit(ctx)
	defer cancel()
	if s.prepared == nil {
		return s.conn.QueryRowContext(ctx, query, args...).Scan(dest...)
	}
	statement, err := s.statement(ctx, query) //nolint:sqlclosecheck // session.close closes it
	if err != nil {
		return err
	}
	return statement.QueryRowContext(ctx, args...).Scan(dest...)
}

func (s *session) close() error {
	var errs []error
	for _, statement := range s.prepared {
		errs = append(errs, statement.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}
