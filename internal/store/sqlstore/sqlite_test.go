package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
)

// openOther connects to the database as another program would.
func openOther(t *testing.T, path string) (*sql.Conn, error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { conn.Close() })
	return conn, nil
}

func TestConnectionsAreSetUp(t *testing.T) {
	b := newBench(t)
	readers, err := b.engine.readers.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer readers.Close()
	for _, test := range []struct {
		name, pragma string
		conn         *sql.Conn
		want         string
	}{
		{"the log is written ahead", "journal_mode", b.engine.session.conn, "wal"},
		{"a commit waits for the disk", "synchronous", b.engine.session.conn, "2"},
		{"references are checked", "foreign_keys", b.engine.session.conn, "1"},
		{"the writer waits for other programs", "busy_timeout", b.engine.session.conn, "5000"},
		{"the readers wait for other programs", "busy_timeout", readers, "5000"},
		{"the readers only read", "query_only", readers, "1"},
		{"the file is marked", "application_id", readers, fmt.Sprint(applicationID)},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got string
			err := test.conn.QueryRowContext(t.Context(), "PRAGMA "+test.pragma).Scan(&got)
			if err != nil || got != test.want {
				t.Errorf("%s: got %q (%v), want %q", test.pragma, got, err, test.want)
			}
		})
	}
	_, err = readers.ExecContext(t.Context(), `PRAGMA query_only = OFF`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = readers.ExecContext(t.Context(), `DELETE FROM settings`)
	if err == nil {
		t.Error("a reader can write")
	}
}
