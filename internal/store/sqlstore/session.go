package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/grantd/grantd/internal/store"
)

// session is the one connection that writes, with its prepared statements. One
// goroutine uses it.
type session struct {
	conn     *sql.Conn
	count    func(name string)
	prepared map[string]*sql.Stmt
}

func (s *session) statement(ctx context.Context, name, query string) (*sql.Stmt, error) {
	s.count(name)
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
	_, err := s.did(ctx, name, query, args...)
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
	statement, err := s.statement(ctx, name, query) //nolint:sqlclosecheck // session.close closes it
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// must runs a statement that has something to do unless the record that it is
// about does not exist.
func (s *session) must(ctx context.Context, name, query string, args ...any) error {
	did, err := s.did(ctx, name, query, args...)
	if err == nil && !did {
		return refuse(store.ErrNotFound, "", "")
	}
	return err
}

// exists runs a statement that counts.
func (s *session) exists(ctx context.Context, name, query string, args ...any) (bool, error) {
	var n int64
	err := s.row(ctx, name, query, args, &n)
	return n > 0, err
}

// row runs a statement that returns one row, or sql.ErrNoRows.
func (s *session) row(ctx context.Context, name, query string, args []any, dest ...any) error {
	statement, err := s.statement(ctx, name, query) //nolint:sqlclosecheck // session.close closes it
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
