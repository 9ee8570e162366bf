package sqlstore

import (
	"context"
	"database/sql"
)

// one reads one row.
func one[T any](
	ctx context.Context, s *Store, name, query string, scan func(scanner) (T, error), args ...any,
) (T, error) {
	var v, none T
	err := s.enter()
	if err != nil {
		return none, err
	}
	defer s.leave()
	if !areText(args) {
		return none, sql.ErrNoRows
	}
	err = s.engine.read(ctx, func(ctx context.Context, db *sql.DB) error {
		s.count(name)
		var err error
		v, err = scan(db.QueryRowContext(ctx, query, args...))
		return err
	})
	if err != nil {
		return none, err
	}
	return v, nil
}

// each reads all rows of a query. It calls gather for a function that takes the
// rows one by one, and again when it has to begin anew.
func each(
	ctx context.Context, s *Store, name, query string, gather func() func(scanner) error, args ...any,
) error {
	err := s.enter()
	if err != nil {
		return err
	}
	defer s.leave()
	if !areText(args) {
		return nil
	}
	return s.engine.read(ctx, func(ctx context.Context, db *sql.DB) error {
		s.count(name)
		rows, err := db.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // what matters is in rows.Err
		scan := gather()
		for rows.Next() {
			err = scan(rows)
			if err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// list reads all rows of a query into a list.
func list[T any](
	ctx context.Context, s *Store, name, query string, scan func(scanner) (T, error), args ...any,
) ([]T, error) {
	var all []T
	err := each(ctx, s, name, query, func() func(scanner) error {
		all = nil
		return func(row scanner) error {
			v, err := scan(row)
			if err != nil {
				return err
			}
			all = append(all, v)
			return nil
		}
	}, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}
