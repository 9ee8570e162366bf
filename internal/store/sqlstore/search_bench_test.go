package sqlstore_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
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

const millionClientsOnPostgres = `
INSERT INTO clients (id, name, grant_types, auth_methods, mode, scopes, policy, assertions, access_token_lifetime_ms,
                     keeps_refresh_tokens, disabled, not_before, created_at, updated_at, owner, last_used_day)
SELECT lpad(to_hex((i * 2654435761) % 4294967296), 16, '0'), 'Customer ' || (i % 1000) || ' Billing ' || i, 'client_credentials', 'client_secret_basic', 'live',
       '/accounts/{accountID}/wallets.read', '', '', 0, false, i % 5000 = 0, -62135596800000, 1700000000000 + i, 1700000000000 + i,
       'customer-' || (i % 20000), CASE WHEN i % 10 = 0 THEN 0 ELSE 20000 + i % 300 END
FROM generate_series(1::BIGINT, 1000000) AS i`

const millionSecretsOnPostgres = `
INSERT INTO client_secrets (client_id, id, position, name, hash, imported, created_at, expires_at, last_used_at, last_used_from)
SELECT id, 's', 0, 'default', sha256(convert_to(id, 'UTF8')), false, created_at, -62135596800000, -62135596800000, '' FROM clients`

const millionRowsOnPostgres = `
INSERT INTO audit_rows (seq, at, actor, event, kind, id, previous, hash)
SELECT i, 1700000000000 + i * 10, 'uid:' || (i % 5000), 'key.updated', 'client', lpad(to_hex(i % 50000), 16, '0'),
       sha256(convert_to(i::TEXT, 'UTF8')), sha256(convert_to((i + 1)::TEXT, 'UTF8'))
FROM generate_series(1::BIGINT, 1000000) AS i`

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

func openMillionOnPostgres(b *testing.B) *sqlstore.Store {
	b.Helper()
	c, err := postgres.New(postgres.Options{})
	postgres.Missing(b, err)
	b.Cleanup(func() { _ = c.Remove() })
	address := c.URL(postgres.Superuser, "postgres")
	openWith(b, sqlstore.Config{URL: address}).Close()
	db, err := sql.Open("pgx", address)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{millionClientsOnPostgres, millionSecretsOnPostgres, millionRowsOnPostgres, "ANALYZE"} {
		_, err = db.Exec(statement)
		if err != nil {
			b.Fatal(err)
		}
	}
	return openWith(b, sqlstore.Config{URL: address})
}

func BenchmarkSearchAmongAMillion(b *testing.B) {
	s := openMillion(b)
	defer s.Close()
	searchAmongAMillion(b, s)
}

func BenchmarkSearchAmongAMillionOnPostgres(b *testing.B) {
	s := openMillionOnPostgres(b)
	defer s.Close()
	searchAmongAMillion(b, s)
}

// keyFilters are those that no order has, each of them let through by no key or by few.
func keyFilters() map[string]store.ClientQuery {
	now, yes, no := time.UnixMilli(1_800_000_000_000), true, false
	return map[string]store.ClientQuery{
		"all":           {},
		"mode":          {Mode: store.Test},
		"disabled":      {Disabled: &yes},
		"enabled":       {Disabled: &no, Expired: &no, At: now},
		"expired":       {Disabled: &no, Expired: &yes, At: now},
		"contains":      {Contains: "no such text"},
		"used from":     {UsedFrom: time.Unix(30_000*86400, 0)},
		"used before":   {UsedBefore: time.Unix(20_001*86400, 0)},
		"unused for":    {UsedBefore: time.Unix(20_300*86400, 0), CreatedBefore: time.UnixMilli(1_700_000_000_100)},
		"never used":    {UsedBefore: time.Unix(86400, 0), Mode: store.Test},
		"many together": {Mode: store.Live, Disabled: &no, Contains: "billing 999999", UsedBefore: time.Unix(20_200*86400, 0)},
	}
}

// keyQueries are all filters in all orders, from the beginning and from deep in the list.
func keyQueries() map[string]store.ClientQuery {
	deep := map[store.ClientOrder]store.ClientPlace{
		store.ByID:          {ID: "00000000e0000000"},
		store.ByName:        {Name: "customer 95 billing 9", ID: "0"},
		store.Newest:        {Number: 1_700_000_050_000, ID: "a"},
		store.LongestUnused: {Number: 20_250, ID: "a"},
	}
	queries := map[string]store.ClientQuery{
		"owner":                   {Order: store.ByID, Owner: "customer-77"},
		"owner, contains":         {Order: store.ByID, Owner: "customer-77", Contains: "no such text"},
		"prefix of the name":      {Order: store.ByName, Prefix: "customer 7"},
		"prefix of the name, few": {Order: store.ByName, Prefix: "customer 7 billing 999"},
		"prefix of the id":        {Order: store.ByID, Prefix: "00000000ab"},
		"prefix, and filter":      {Order: store.ByName, Prefix: "customer", Mode: store.Test},
	}
	for order, place := range deep {
		for name, q := range keyFilters() {
			q.Order = order
			queries[string(order)+", "+name] = q
			q.After = place
			queries[string(order)+", "+name+", deep"] = q
		}
	}
	return queries
}

func auditQueries() map[string]store.AuditQuery {
	deep := store.AuditPlace{At: 1_700_000_900_000, Seq: 90_000}
	from, to := time.UnixMilli(1_700_001_000_000), time.UnixMilli(1_700_009_000_000)
	return map[string]store.AuditQuery{
		"latest":             {},
		"deep":               {After: deep},
		"actor":              {Actor: "uid:4999"},
		"actor, deep":        {Actor: "uid:4999", After: deep},
		"nobody":             {Actor: "nobody"},
		"event":              {Event: "key.deleted"},
		"kind":               {Kind: store.KindAPI},
		"record":             {Kind: store.KindClient, ID: "0000000000001234"},
		"record, nobody":     {Kind: store.KindClient, ID: "0000000000001234", Actor: "nobody"},
		"range":              {From: from, To: to},
		"range, event":       {From: from, To: to, Event: "key.deleted"},
		"range, event, deep": {From: from, To: to, Event: "key.deleted", After: deep},
	}
}

func searchAmongAMillion(b *testing.B, s *sqlstore.Store) {
	b.Helper()
	for name, q := range keyQueries() {
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
	for name, q := range auditQueries() {
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
