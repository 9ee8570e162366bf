package sqlstore_test

import (
	"testing"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/internal/store/storetest"
	"github.com/grantd/grantd/test/postgres"
)

func TestContractOnPostgres(t *testing.T) {
	if testing.Short() {
		// What is most likely to differ from SQLite.
		c := onCluster(t, postgres.Release15)
		c.contract(t, serializable, c.bouncer.URL)
		return
	}
	for _, release := range []string{postgres.Release15, postgres.Release18} {
		t.Run(release, func(t *testing.T) {
			c := onCluster(t, release)
			for _, user := range []string{readCommitted, serializable} {
				t.Run(user, func(t *testing.T) {
					t.Run("directly", func(t *testing.T) { c.contract(t, user, c.URL) })
					t.Run("through pgbouncer", func(t *testing.T) { c.contract(t, user, c.bouncer.URL) })
				})
			}
		})
	}
}

// contract runs the suite as a user, on databases at the addresses that url makes.
func (c *cluster) contract(t *testing.T, user string, url func(user, database string) string) {
	orders := 20
	if testing.Short() {
		orders = 3
	}
	counted := newCounter()
	// One database for all tests of the suite, emptied before each: making one is
	// slow.
	name := c.newDatabase(t)
	storetest.Run(t, storetest.Engine{Shared: true, Orders: orders, New: func(t *testing.T) storetest.Database {
		c.empty(t, name)
		return storetest.Database{
			Open: func(t *testing.T) store.Store {
				return openWith(t, sqlstore.Config{URL: url(user, name), OnStatement: counted.add})
			},
			RemoveChange: func(t *testing.T, seq int64) {
				c.behind(t, name, "DELETE FROM changes WHERE seq = $1", seq)
			},
			AddChanges: func(t *testing.T, n int) { c.addChanges(t, name, n) },
		}
	}})
	counted.check(t)
}

// behind runs a statement on a database behind the store's back.
func (c *cluster) behind(t testing.TB, database, statement string, args ...any) {
	t.Helper()
	_, err := c.databases[database].Exec(statement, args...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// empty makes a database what it was when it was new, but for the mark of what was used:
// a node has made it long ago. Rows that were deleted are
// still in the way until they are vacuumed, so many of them go with their files.
func (c *cluster) empty(t testing.TB, database string) {
	t.Helper()
	var size int
	err := c.databases[database].QueryRow(
		"SELECT pg_relation_size('changes') + pg_relation_size('client_secrets') + pg_relation_size('audit_rows')",
	).Scan(&size)
	if err != nil {
		t.Fatal(err)
	}
	const many = 500_000
	if size > many {
		c.behind(t, database, `TRUNCATE apis, clients, changes, audit_rows CASCADE`)
	}
	c.behind(t, database, `
		DELETE FROM apis;
		DELETE FROM clients;
		DELETE FROM signing_keys;
		DELETE FROM settings;
		DELETE FROM revocations;
		DELETE FROM refresh_families;
		DELETE FROM changes;
		DELETE FROM audit_rows;
		DELETE FROM writers;
		DELETE FROM once_requests;
		DELETE FROM used_0;
		DELETE FROM used_1;
		DELETE FROM used_2;
		INSERT INTO used_marks (id, epoch, fence) VALUES (1, '', 0) ON CONFLICT (id) DO UPDATE SET fence = 0;
		DELETE FROM leases;
		DELETE FROM usage_nodes;
		DELETE FROM nodes;
		DELETE FROM operators;
		DELETE FROM operator_credentials;
		DELETE FROM operator_sessions;
		DELETE FROM usage_batches;
		DELETE FROM usage_counts;
		UPDATE heads
		SET change_seq = 0, change_tag = decode(repeat('00', 16), 'hex'),
			audit_seq = 0, audit_hash = decode(repeat('00', 32), 'hex'), not_before = -62135596800000`)
}

// addChanges continues the feed as n mutations would.
func (c *cluster) addChanges(t *testing.T, database string, n int) {
	c.behind(t, database, `
		INSERT INTO changes (seq, tag, kind, id)
		SELECT (SELECT change_seq FROM heads) + n, decode(md5(random()::text), 'hex'), 'client', 'c'
		FROM generate_series(1, $1) AS n`, n)
	c.behind(t, database, `
		UPDATE heads SET (change_seq, change_tag) = (SELECT seq, tag FROM changes ORDER BY seq DESC LIMIT 1)`)
}
