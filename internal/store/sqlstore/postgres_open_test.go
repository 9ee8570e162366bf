package sqlstore_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

func TestNodesThatStartTogetherMakeOneSchema(t *testing.T) {
	for _, release := range []string{postgres.Release15, postgres.Release18} {
		c := onCluster(t, release)
		for name, address := range map[string]func(user, database string) string{"directly": c.URL, "through pgbouncer": c.bouncer.URL} {
			t.Run(release+" "+name, func(t *testing.T) {
				database := c.newDatabaseFrom(t, "TEMPLATE template0")
				nodes := make([]*sqlstore.Store, 6)
				var starting sync.WaitGroup
				for i := range nodes {
					starting.Go(func() {
						user := []string{readCommitted, serializable}[i%2]
						s, err := sqlstore.Open(context.Background(), sqlstore.Config{URL: address(user, database)})
						if err != nil {
							t.Errorf("node %d: %v", i, err)
							return
						}
						nodes[i] = s
						create(t, s, string(rune('a'+i)))
					})
				}
				starting.Wait()
				for _, s := range nodes {
					if s != nil {
						checkJournal(t, s)
						s.Close()
					}
				}
				if left := c.number(t, database, "SELECT count(*) FROM writers"); left != 0 {
					t.Errorf("the nodes that closed left %d rows among the writers", left)
				}
			})
		}
	}
}

// number reads one number behind the store's back.
func (c *cluster) number(t *testing.T, database, query string) int {
	t.Helper()
	var n int
	err := c.databases[database].QueryRow(query).Scan(&n)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// guardedURL is the address of a database for the user who needs a password and
// TLS, with a host before it where nobody listens.
func (c *cluster) guardedURL(database, password string, options url.Values) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(guardedUser, password), Path: "/" + database, RawQuery: options.Encode(),
	}
	address := c.URL("x", database)
	parsed, _ := url.Parse(address)
	u.Host = "127.0.0.1:1," + parsed.Host
	return strings.Replace(u.String(), "%2C", ",", 1)
}

func TestSeveralHostsAndTLS(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	name := c.newDatabase(t)
	c.exec(t, "GRANT ALL ON DATABASE "+name+" TO "+guardedUser)
	c.behind(t, name, "GRANT ALL ON ALL TABLES IN SCHEMA public TO "+guardedUser)
	verified := url.Values{"sslmode": {"verify-full"}, "sslrootcert": {c.CertificateFile()}}
	s := openWith(t, sqlstore.Config{URL: c.guardedURL(name, guardedPassword, verified)})
	defer s.Close()
	create(t, s, "a")
	encrypted := c.number(t, name, `
		SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = '`+guardedUser+`' AND ssl`)
	if encrypted == 0 {
		t.Error("no connection is encrypted")
	}
}

// newUser makes a user with a setting, who goes away with the test.
func (c *cluster) newUser(t *testing.T, name, setting string) {
	t.Helper()
	c.exec(t, "CREATE ROLE "+name+" SUPERUSER LOGIN")
	c.exec(t, "ALTER ROLE "+name+" SET "+setting)
	t.Cleanup(func() { c.exec(t, "DROP ROLE "+name) })
}

// refused fails the test unless the database cannot be opened for the reason, and
// nothing that is printed about it holds a password.
func refused(t *testing.T, address, sentence, hint string) {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: address})
	if err == nil {
		s.Close()
		t.Fatal("opened")
	}
	if !strings.Contains(err.Error(), sentence) {
		t.Errorf("error %q does not say %q", err, sentence)
	}
	if !strings.Contains(fault.HintOf(err), hint) {
		t.Errorf("hint %q does not say %q", fault.HintOf(err), hint)
	}
	for _, text := range []string{err.Error(), fault.HintOf(err)} {
		for _, secret := range []string{guardedPassword, url.QueryEscape(guardedPassword), "s3cret"} {
			if strings.Contains(text, secret) {
				t.Errorf("the password is in %q", text)
			}
		}
	}
}

func TestDatabaseThatIsNoGoodGetsASentenceAndAHint(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	name := c.newDatabase(t)
	c.newUser(t, "careless", "synchronous_commit = off")
	c.newUser(t, "reader", "default_transaction_read_only = on")
	latin := c.newDatabaseFrom(t, "TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
	empty := c.newDatabaseFrom(t, "TEMPLATE template0")
	require := url.Values{"sslmode": {"require"}}
	for _, test := range []struct{ name, address, sentence, hint string }{
		{"nobody listens", "postgres://u:s3cret@127.0.0.1:1/grantd", "127.0.0.1:1", "PostgreSQL runs"},
		{"no such database", c.URL(readCommitted, "nowhere"), "nowhere", "create the database"},
		{"another password", c.guardedURL(name, "s3cret", require), "password authentication failed", "check the user and the password"},
		{"no TLS", c.guardedURL(name, guardedPassword, url.Values{"sslmode": {"disable"}}), "pg_hba.conf", "pg_hba.conf"},
		{"a certificate of somebody else", c.guardedURL(name, guardedPassword, url.Values{"sslmode": {"verify-full"}}), "certificate", "PostgreSQL runs"},
		{"a server that only reads", c.URL("reader", name), "read only", "only reads"},
		{"another encoding", c.URL(readCommitted, latin), "LATIN1", "UTF8"},
		{"commits that do not wait for the disk", c.URL("careless", name), "synchronous_commit", "ALTER ROLE"},
		{"a user who may not make tables", c.guardedURL(empty, guardedPassword, require), "permission denied", "owner of the database"},
		{"a parameter that pgbouncer refuses", c.bouncer.URL(readCommitted, name) + "&search_path=x", "startup parameter", "pooler"},
	} {
		t.Run(test.name, func(t *testing.T) {
			refused(t, test.address, test.sentence, test.hint)
			_, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: test.address})
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("got %v, want %v", err, store.ErrUnavailable)
			}
		})
	}
}

func TestPreparedStatementsCanBeChosen(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	s := openWith(t, sqlstore.Config{
		URL: c.URL(readCommitted, c.newDatabase(t)) + "&default_query_exec_mode=cache_statement",
	})
	defer s.Close()
	for _, id := range []string{"a", "b", "c"} {
		create(t, s, id)
	}
	checkJournal(t, s)
}
