package sqlstore_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

// Where commits wait for a standby, an administrator can end the wait; PostgreSQL
// then answers that it has committed, and warns that the standby may not know.
func TestCommitThatNoStandbyConfirmedIsNotAcknowledged(t *testing.T) {
	c, err := postgres.New(postgres.Options{Settings: []string{"wal_level=replica", "max_wal_senders=2"}})
	postgres.Missing(t, err)
	defer c.Remove()
	address := c.URL(postgres.Superuser, "postgres")
	admin, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	admin.SetMaxIdleConns(-1) // a connection would not outlive the restart
	s := openWith(t, sqlstore.Config{URL: address})
	defer s.Close()
	create(t, s, "before")

	// Only a start makes all of PostgreSQL's processes know of it at once.
	run(t, admin, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
	err = c.Stop()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	answer := make(chan error, 1)
	go func() {
		_, err := s.Write(t.Context(), store.Origin{}, plainClient("c"))
		answer <- err
	}()
	cancelCommit(t, admin, "COMMIT")
	// Now the store asks what became of it, and waits for the standby as well. That
	// can be ended, too; it asks again.
	cancelCommit(t, admin, "INSERT INTO writers")
	cancelCommit(t, admin, "INSERT INTO writers")
	select {
	case err := <-answer:
		t.Fatalf("answered with %v before the standby has confirmed", err)
	default:
	}
	run(t, admin, "ALTER SYSTEM RESET synchronous_standby_names")
	run(t, admin, "SELECT pg_reload_conf()")
	err = <-answer
	if err != nil {
		t.Errorf("answered with %v after the commit was confirmed", err)
	}
	checkJournal(t, s)
}

func run(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	_, err := db.Exec(statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// cancelCommit ends the wait of the first statement that begins like this.
func cancelCommit(t *testing.T, admin *sql.DB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for canceled := 0; canceled == 0; {
		err := admin.QueryRowContext(ctx, `
			SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity
			WHERE wait_event = 'SyncRep' AND btrim(query, chr(10)) LIKE $1`, statement+"%").Scan(&canceled)
		if err != nil {
			t.Fatalf("until %q waits for a standby: %v", statement, err)
		}
	}
}
