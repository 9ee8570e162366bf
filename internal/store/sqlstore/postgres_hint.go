package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/grantd/grantd/internal/store"
)

// A transaction that changes something tells all who listen, with one message however
// much it has changed. It is a hint and nothing more: polling finds what it says, too.
const (
	notifyChange = `
NOTIFY grantd_changes`

	listenChanges = `
LISTEN grantd_changes`

	selectProcess = `
SELECT pg_backend_pid()`
)

// errNoHints is for a store that has none to give.
var errNoHints = errors.New("there is nothing to listen to")

// Listen calls wake, from one goroutine, whenever another node or this one may have
// changed something, until ctx ends or the connection does. It returns why it has
// stopped; then, and where no listening is possible, whoever wants to know of changes
// polls, as he must anyway.
func (s *Store) Listen(ctx context.Context, wake func()) error {
	const doing = "listen for changes"
	err := s.enter()
	if err != nil {
		return failed(doing, err)
	}
	// Not until the end: Close must not wait for who listens.
	e := s.engine
	s.leave()
	if late, isLate := e.(*lateEngine); isLate && late.opened.Load() != nil {
		e = *late.opened.Load()
	}
	p, isPostgres := e.(*postgresEngine)
	if !isPostgres {
		return fmt.Errorf("%s: %w: %w", doing, store.ErrUnavailable, errNoHints)
	}
	return failed(doing, p.listen(ctx, wake))
}

func (e *postgresEngine) listen(ctx context.Context, wake func()) error {
	config := e.config.Copy()
	config.OnNotification = func(*pgconn.PgConn, *pgconn.Notification) { wake() }
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // why it ends is known
	err = subscribe(ctx, conn)
	if err != nil {
		return err
	}
	// What was changed before this node listened.
	wake()
	for {
		err = conn.PgConn().WaitForNotification(ctx)
		if err != nil {
			return err
		}
	}
}

// subscribe listens, unless there is a pooler between: it would give the connection that
// listens to somebody else. It shows by the number of the process, of which a pooler
// tells one of its own.
func subscribe(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	var process uint32
	err := conn.QueryRow(ctx, selectProcess).Scan(&process)
	if err != nil {
		return err
	}
	if process != conn.PgConn().PID() {
		return fmt.Errorf("%w: a pooler is between this node and the database", errNoHints)
	}
	_, err = conn.Exec(ctx, listenChanges)
	return err
}

// canNotify reports whether the database has such messages at all; some that speak the
// language of PostgreSQL have not.
func (e *postgresEngine) canNotify(ctx context.Context) bool {
	_, err := e.readers.ExecContext(ctx, notifyChange)
	return err == nil
}
