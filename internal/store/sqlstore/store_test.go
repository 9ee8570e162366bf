package sqlstore_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/internal/store/storetest"
)

// statements are all names that OnStatement may see.
const statements = `
begin commit rollback savepoint release undo queue_for_heads mark_writer notify_change unlimit_statements ask_writer delete_writer
select_api select_apis count_api insert_api insert_api_scope update_api_not_before
update_api update_api_updated delete_api delete_api_scopes delete_resource_servers
insert_resource_server delete_resource_server
select_client select_clients count_client count_audience insert_client
update_client_disabled update_client_updated update_client_not_before update_client delete_client
insert_secret select_next_position count_secret_id count_secret_name delete_secret delete_client_secrets
update_secret_expiry update_secret_use
select_signing_key select_signing_keys insert_signing_key
update_signing_key_revoked update_signing_key_sealed delete_signing_key
select_revocations count_revocation insert_revocation select_revocation_bound delete_revocations
select_not_before update_not_before
insert_family update_family restore_family select_family select_family_bound delete_families
select_setting insert_setting upsert_setting
insert_used select_used_mark insert_used_mark select_used truncate_used
select_operator_sessions keep_admins count_admins count_ways_in
select_operators insert_operator update_operator_role keep_operator delete_operator
insert_operator_credential update_credential_use delete_operator_credential delete_operator_credentials
select_operator_session insert_operator_session delete_operator_session delete_operator_sessions expire_operator_sessions
select_head select_changes select_audit_rows select_oldest_change delete_changes
hold_client advance_heads set_audit_hash insert_change insert_audit_row
acquire_lease renew_lease release_lease guard_by_lease end_leases
advance_usage_node insert_usage_batch select_usage_batches select_usage_counts select_usage_of
delete_usage_batch upsert_usage_count update_last_used_day delete_usage_nodes
select_usage_bound delete_usage_counts
select_clients_by_id select_clients_by_owner select_clients_by_disabled select_clients_by_name
select_clients_by_newest select_clients_by_unused select_clients_in
select_end_of_clients_by_id select_end_of_clients_by_owner select_end_of_clients_by_disabled
select_end_of_clients_by_name select_end_of_clients_by_newest select_end_of_clients_by_unused
find_audit_rows select_end_of_audit_rows
select_ending_secrets select_lasting_secrets
upsert_node delete_silent_nodes delete_node select_nodes
delete_old_once insert_once select_once`

// counter counts statements.
type counter struct {
	mu      sync.Mutex
	counted map[string]int
}

func newCounter() *counter { return &counter{counted: make(map[string]int)} }

func (c *counter) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counted[name]++
}

// check fails the test when a statement had another name than one of the fixed set.
func (c *counter) check(t *testing.T) {
	for _, name := range strings.Fields(statements) {
		delete(c.counted, name)
	}
	if len(c.counted) > 0 {
		t.Errorf("statements with names outside the fixed set: %v", c.counted)
	}
}

func TestContract(t *testing.T) {
	counted := newCounter()
	storetest.Run(t, storetest.Engine{New: func(t *testing.T) storetest.Database {
		path := filepath.Join(t.TempDir(), "grantd.db")
		return storetest.Database{
			Open: func(t *testing.T) store.Store {
				return openWith(t, sqlstore.Config{Path: path, OnStatement: counted.add})
			},
			RemoveChange: func(t *testing.T, seq int64) {
				behind(t, path, "DELETE FROM changes WHERE seq = $1", seq)
			},
			AddChanges: func(t *testing.T, n int) { addChanges(t, path, n) },
		}
	}})
	counted.check(t)
}

// addChanges continues the feed as n mutations would.
func addChanges(t *testing.T, path string, n int) {
	behind(t, path, `
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
		INSERT INTO changes (seq, tag, kind, id)
		SELECT (SELECT change_seq FROM heads) + n, randomblob(16), 'client', 'c' FROM numbers`, n)
	behind(t, path, `
		UPDATE heads SET (change_seq, change_tag) = (SELECT seq, tag FROM changes ORDER BY seq DESC LIMIT 1)`)
}

func TestCloseLeavesOneFileToBackUp(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "grantd.db"))
	create(t, s, "a")
	_, err := s.Clients(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Name() != "grantd.db" || entries[1].Name() != "grantd.db.lock" {
		t.Errorf("got %v, want the database and its lock", entries)
	}
}

func TestReleaseRunsOnTheNextSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	s := open(t, path)
	create(t, s, "a")
	s.Close()
	behind(t, path, "ALTER TABLE clients ADD COLUMN of_a_later_release TEXT NOT NULL DEFAULT ''")
	behind(t, path, "INSERT INTO migrations (version_id, is_applied) VALUES (99, 1)")
	s = open(t, path)
	defer s.Close()
	create(t, s, "b")
	clients, err := s.Clients(t.Context(), "", 10)
	if err != nil || len(clients) != 2 {
		t.Errorf("got %d keys (%v), want 2", len(clients), err)
	}
}

// open opens a store that the test closes.
func open(t testing.TB, path string) *sqlstore.Store {
	t.Helper()
	return openWith(t, sqlstore.Config{Path: path})
}

func openWith(t testing.TB, cfg sqlstore.Config) *sqlstore.Store {
	t.Helper()
	// A store outlives the context that it was opened with.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, err := sqlstore.Open(ctx, cfg)
	if err != nil {
		t.Fatalf("open %s: %v", cfg.Path, err)
	}
	return s
}

// behind runs a statement on the database behind the store's back.
func behind(t testing.TB, path, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	defer db.Close()
	_, err = db.Exec(statement, args...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
