package sqlstore_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

const millionClients = `
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
INSERT INTO clients (id, name, grant_types, auth_methods, mode, scopes, policy, assertions, access_token_lifetime_ms,
                     keeps_refresh_tokens, disabled, not_before, created_at, updated_at, owner, last_used_day)
SELECT printf('%016x', (i * 2654435761) % 4294967296), 'Customer ' || (i % 1000) || ' Billing ' || i, 'client_credentials', 'client_secret_basic', 'live',
       '/accounts/{accountID}/wallets.read', '', '', 0, 0, i % 5000 = 0, -62135596800000, 1700000000000 + i, 1700000000000 + i,
       'customer-' || (i % 20000), CASE WHEN i % 10 = 0 THEN 0 ELSE 20000 + i % 300 END
FROM n`

const millionSecrets = `
INSERT INTO client_secrets (client_id, id, position, hash, created_at)
SELECT id, 's', 0, randomblob(32), created_at FROM clients`

const millionRows = `
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
INSERT INTO audit_rows (seq, at, actor, event, kind, id, previous, hash)
SELECT i, 1700000000000 + i * 10, 'uid:' || (i % 5000), 'key.updated', 'client', printf('%016x', i % 50000), zeroblob(32), zeroblob(32)
FROM n`

func openMillion(b *testing.B) *sqlstore.Store {
	b.Helper()
	path := filepath.Join(b.TempDir(), "grantd.db")
	open(b, path).Close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{"PRAGMA synchronous = OFF", millionClients, millionSecrets, millionRows} {
		_, err = db.Exec(statement)
		if err != nil {
			b.Fatal(err)
		}
	}
	return open(b, path)
}

func BenchmarkSearchAmongAMillion(b *testing.B) {
	s := openMillion(b)
	defer s.Close()
	now, yes := time.UnixMilli(1_800_000_000_000), true
	queries := map[string]store.ClientQuery{
		"first page":                    {Order: store.ByID},
		"by name":                       {Order: store.ByName},
		"newest":                        {Order: store.Newest},
		"longest unused":                {Order: store.LongestUnused},
		"prefix of the name":            {Order: store.ByName, Prefix: "customer 7"},
		"prefix of the id":              {Order: store.ByID, Prefix: "00000000ab"},
		"owner":                         {Order: store.ByID, Owner: "customer-77"},
		"disabled":                      {Order: store.ByID, Disabled: &yes},
		"contains, and nothing does":    {Order: store.Newest, Contains: "no such text"},
		"contains, by name":             {Order: store.ByName, Contains: "no such text"},
		"expired, and nothing is":       {Order: store.ByID, Expired: &yes, At: now},
		"unused before a day":           {Order: store.LongestUnused, UsedBefore: time.Unix(20_001*86400, 0)},
		"mode that none has, by unused": {Order: store.LongestUnused, Mode: store.Test},
		"middle of the list":            {Order: store.Newest, After: store.ClientPlace{Number: 1_700_000_500_000, ID: "a"}},
	}
	for name, q := range queries {
		q.Limit = 200
		b.Run("keys: "+name, func(b *testing.B) {
			for b.Loop() {
				_, err := s.FindClients(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for name, q := range map[string]store.AuditQuery{
		"latest":       {},
		"actor":        {Actor: "uid:4999"},
		"nobody":       {Actor: "nobody"},
		"record":       {Kind: store.KindClient, ID: "0000000000001234"},
		"range, event": {From: time.UnixMilli(1_700_001_000_000), To: time.UnixMilli(1_700_002_000_000), Event: "key.deleted"},
	} {
		q.Limit = 200
		b.Run("audit: "+name, func(b *testing.B) {
			for b.Loop() {
				_, err := s.FindAuditRows(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
