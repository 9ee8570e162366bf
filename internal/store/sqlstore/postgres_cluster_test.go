package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"

	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

// The users of a cluster. Two differ in the isolation level of their transactions;
// the third needs a password.
const (
	readCommitted   = "read_committed"
	serializable    = "serializable"
	guardedUser     = "guarded_user"
	guardedPassword = "p@ss:w/rd%?"
)

// cluster is a PostgreSQL that the tests of the package share, with a pgbouncer
// before it. Each test has a database of its own.
type cluster struct {
	*postgres.Cluster
	bouncer   *postgres.Bouncer
	admin     *sql.DB
	databases map[string]*sql.DB
}

// Started once for each test process: variables of the package, because Go gives
// the tests of a package nothing else that they share.
var (
	started = map[string]func() (*cluster, error){
		postgres.Release15: sync.OnceValues(func() (*cluster, error) { return startCluster(postgres.Release15) }),
		postgres.Release18: sync.OnceValues(func() (*cluster, error) { return startCluster(postgres.Release18) }),
	}
	removals []func() error
)

// template is a database with grantd's tables.
const template = "template_grantd"

func onCluster(t testing.TB, release string) *cluster {
	t.Helper()
	c, err := started[release]()
	postgres.Missing(t, err)
	return c
}

func startCluster(release string) (*cluster, error) {
	made, err := postgres.New(postgres.Options{Release: release})
	if err != nil {
		return nil, err
	}
	c := &cluster{Cluster: made, databases: make(map[string]*sql.DB)}
	removals = append(removals, c.remove)
	c.admin, err = sql.Open("pgx", c.URL(postgres.Superuser, "postgres"))
	if err != nil {
		return nil, err
	}
	c.admin.SetMaxIdleConns(-1) // a connection would not outlive a restart
	// One of them speaks a language in which letters have an order of their own.
	language := map[string]string{postgres.Release15: " LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"}
	for _, statement := range []string{
		"CREATE ROLE " + readCommitted + " SUPERUSER LOGIN",
		"CREATE ROLE " + serializable + " SUPERUSER LOGIN",
		"ALTER ROLE " + serializable + " SET default_transaction_isolation = 'serializable'",
		"CREATE ROLE " + postgres.Guarded,
		"CREATE ROLE " + guardedUser + " LOGIN PASSWORD '" + guardedPassword + "' IN ROLE " + postgres.Guarded,
		"CREATE DATABASE " + template + " TEMPLATE template0" + language[release],
	} {
		_, err = c.admin.Exec(statement)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", statement, err)
		}
	}
	s, err := sqlstore.Open(context.Background(), sqlstore.Config{URL: c.URL(postgres.Superuser, template)})
	if err != nil {
		return nil, err
	}
	err = s.Close()
	if err != nil {
		return nil, err
	}
	c.bouncer, err = postgres.NewBouncer(made, readCommitted, serializable)
	return c, err
}

func (c *cluster) remove() error {
	var errs []error
	if c.admin != nil {
		errs = append(errs, c.admin.Close())
	}
	if c.bouncer != nil {
		errs = append(errs, c.bouncer.Remove())
	}
	return errors.Join(append(errs, c.Remove())...)
}

// removeClusters ends what tests have started.
func removeClusters() error {
	var errs []error
	for _, remove := range removals {
		errs = append(errs, remove())
	}
	return errors.Join(errs...)
}

// newDatabase makes a database that goes away with the test, with grantd's tables,
// and returns its name.
func (c *cluster) newDatabase(t testing.TB) string {
	t.Helper()
	return c.newDatabaseFrom(t, "TEMPLATE "+template)
}

// newDatabaseFrom makes a database that goes away with the test.
func (c *cluster) newDatabaseFrom(t testing.TB, options string) string {
	t.Helper()
	name := fmt.Sprint("test_", len(c.databases))
	c.exec(t, "CREATE DATABASE "+name+" "+options)
	db, err := sql.Open("pgx", c.URL(postgres.Superuser, name))
	if err != nil {
		t.Fatal(err)
	}
	c.databases[name] = db
	t.Cleanup(func() {
		db.Close()
		c.exec(t, "DROP DATABASE "+name+" WITH (FORCE)")
	})
	return name
}

func (c *cluster) exec(t testing.TB, statement string) {
	t.Helper()
	_, err := c.admin.Exec(statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
