package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	mathrand "math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

// postgresEngine is an open PostgreSQL database, which other nodes use, too.
type postgresEngine struct {
	// writer has a connection for the transactions of this node, one after the
	// other, and one to ask what became of a COMMIT.
	writer, readers *sql.DB
	config          *pgx.ConnConfig
	count           func(name string)
	// id is this node's row among the writers, once it is marked.
	id     [16]byte
	marked bool
	// snapshots says that a transaction sees the database as it was when it began,
	// and fails when it meets what another one has written since.
	snapshots bool
	// notifies says that the database passes messages on to who listens.
	notifies bool
	// settleTime is for how long this node tries to find out what became of a COMMIT.
	settleTime time.Duration
	// readTime is for how long it waits for what it reads.
	readTime time.Duration
}

var _ engine = (*postgresEngine)(nil)

// How long a node waits for a database before it takes it for gone.
const (
	connectTime = 5 * time.Second
	readTime    = 10 * time.Second
	// statementTime is for one statement of a transaction, which may have any number
	// of them; writeTime is for how long after its beginning it is tried again.
	statementTime = 10 * time.Second
	writeTime     = 10 * time.Second
	// commitTime is for a COMMIT, which may have to wait for a standby: to give up
	// tells PostgreSQL to wait no more, and to have it committed all the same.
	commitTime = 30 * time.Second
	closeTime  = 2 * time.Second
	// settleTime is longer than PostgreSQL keeps a transaction whose node has fallen
	// silent.
	settleTime = 15 * time.Second
	// connectionLife bounds how long a connection is used, so that nodes find back
	// to a server that was away.
	connectionLife = 30 * time.Minute
)

// maxWriters is a connection to write, and one to ask what became of a COMMIT.
const maxWriters = 2

// openPostgres connects to the database and brings its schema up to date.
func openPostgres(ctx context.Context, url string, count func(name string)) (*postgresEngine, error) {
	config, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	e := &postgresEngine{
		config: config, count: count, writer: pool(config, maxWriters), readers: pool(config, maxReaders),
		settleTime: settleTime, readTime: readTime,
	}
	_, _ = rand.Read(e.id[:]) // crypto/rand's Read never fails
	err = e.check(ctx)
	if err == nil {
		err = migrateTogether(ctx, e.writer, e.readers)
	}
	e.notifies = err == nil && e.canNotify(ctx)
	if err != nil {
		return nil, errors.Join(answer(store.ErrUnavailable, "open database "+location(config), err), e.close())
	}
	return e, nil
}

func pool(config *pgx.ConnConfig, most int) *sql.DB {
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	db.SetConnMaxLifetime(connectionLife)
	return db
}

const selectServerSettings = `
SELECT current_setting('server_encoding'), current_setting('synchronous_commit'),
       current_setting('default_transaction_isolation')`

// check refuses a database that could not keep what it is given.
func (e *postgresEngine) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	var encoding, synchronous, isolation string
	err := e.readers.QueryRowContext(ctx, selectServerSettings).Scan(&encoding, &synchronous, &isolation)
	e.snapshots = isolation != "read committed"
	switch {
	case err != nil:
		return err
	case encoding != "UTF8":
		err = errors.New("the database has the encoding " + encoding)
		return fault.Hint(err, "create it with ENCODING 'UTF8' TEMPLATE template0")
	case synchronous == "off":
		err = errors.New("synchronous_commit is off, with which a crash loses revocations that were acknowledged")
		return fault.Hint(err, "turn it on for grantd's user: ALTER ROLE ... SET synchronous_commit = on")
	}
	return nil
}

// read tries again what may pass, with the patience of those who wait for it.
func (e *postgresEngine) read(ctx context.Context, query func(context.Context, *sql.DB) error) error {
	const attempts = 5
	for attempt := 1; ; attempt++ {
		err := e.readOnce(ctx, query)
		if err == nil || attempt == attempts || !passes(err) || pause(ctx, attempt) != nil {
			return err
		}
	}
}

func (e *postgresEngine) readOnce(ctx context.Context, query func(context.Context, *sql.DB) error) error {
	ctx, cancel := context.WithTimeout(ctx, e.readTime)
	defer cancel()
	err := query(ctx, e.readers)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		closeIdle(e.readers, maxReaders)
	}
	return err
}

// closeIdle closes the connections that nobody uses, after one was waited for in vain: a
// server that is frozen or cut off keeps them open, and each would cost the same time.
func closeIdle(db *sql.DB, most int) {
	db.SetMaxIdleConns(-1)
	db.SetMaxIdleConns(most)
}

// pause waits a little before the next attempt, longer each time, and not as long
// as others that collided with this one.
func pause(ctx context.Context, attempt int) error {
	const shortest, longest = 2 * time.Millisecond, 250 * time.Millisecond
	most := min(shortest<<min(attempt, 10), longest)
	select {
	case <-time.After(mathrand.N(most)): //nolint:gosec // G404: nothing depends on it
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *postgresEngine) close() error {
	e.leave()
	return errors.Join(e.readers.Close(), e.writer.Close())
}
