package sqlstore

import (
	"database/sql"
	"testing"
	"time"
)

// SetSettleTime is for how long a store on PostgreSQL tries to find out what became
// of a COMMIT.
func SetSettleTime(s *Store, d time.Duration) { s.engine.(*postgresEngine).settleTime = d }

// SetReadTime is for how long a store on PostgreSQL waits for what it reads.
func SetReadTime(s *Store, d time.Duration) { s.engine.(*postgresEngine).readTime = d }

// FillReaders opens every connection that reads.
func FillReaders(t *testing.T, s *Store) {
	t.Helper()
	readers := s.engine.(*postgresEngine).readers
	var conns []*sql.Conn
	for range maxReaders {
		conn, err := readers.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		conn.Close()
	}
}
