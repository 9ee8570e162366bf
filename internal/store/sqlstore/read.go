package sqlstore

import "context"

// one reads one row.
func one[T any](
	ctx context.Context, s *Store, name, query string, scan func(scanner) (T, error), args ...any,
) (T, error) {
	var none T
	err := s.enter()
	if err != nil {
		return none, err
	}
	defer s.leave()
	s.count(name)
	return scan(s.engine.readers.QueryRowContext(ctx, query, args...))
}

// each reads all rows of a query, one call of scan for each.
func each(
	ctx context.Context, s *Store, name, query string, scan func(scanner) error, args ...any,
) error {
	err := s.enter()
	if err != nil {
		return err
	}
	defer s.leave()
	s.count(name)
	rows, err := s.engine.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what matters is in rows.Err
	for rows.Next() {
		err = scan(rows)
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// list reads all rows of a query into a list.
func list[T any](
	ctx context.Context, s *Store, name, query string, scan func(scanner) (T, error), args ...any,
) ([]T, error) {
	var all []T
	err := each(ctx, s, name, query, func(row scanner) error {
		v, err := scan(row)
		if err != nil {
			return err
		}
		all = append(all, v)
		return nil
	}, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}
