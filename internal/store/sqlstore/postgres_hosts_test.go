package sqlstore_test

import (
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

// silentHost takes connections and says nothing, as a machine that is frozen does.
func silentHost(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

// behindHosts is the address of a database with other hosts before its own.
func behindHosts(t *testing.T, address string, hosts ...string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = strings.Join(append(hosts, u.Host), ",")
	// Without sslmode every host is tried twice: with TLS and without.
	u.RawQuery = ""
	return strings.ReplaceAll(u.String(), "%2C", ",")
}

func TestHostAfterTwoSilentOnesIsReached(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	address := behindHosts(t, c.URL(readCommitted, c.newDatabase(t)), silentHost(t), silentHost(t))
	s := openWith(t, sqlstore.Config{URL: address})
	defer s.Close()
	create(t, s, "a")
	checkJournal(t, s)
}

// A standby lags, and a node that polled it would believe itself to be up to date.
func TestServerThatOnlyReadsIsNotPolledWhateverTheURLSays(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	name := c.newDatabase(t)
	c.newUser(t, "follower", "default_transaction_read_only = on")
	for _, wanted := range []string{"any", "read-only", "prefer-standby"} {
		t.Run(wanted, func(t *testing.T) {
			refused(t, c.URL("follower", name)+"&target_session_attrs="+wanted, "read only", "only reads")
		})
	}
}

// A server that is frozen keeps its connections open. Only the first read waits in
// vain: all connections of before are dropped with the one that it had.
func TestReadAfterOneThatWaitedInVainIsAnswered(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	p, address := newProxy(t, c.URL(readCommitted, c.newDatabase(t)))
	s := openWith(t, sqlstore.Config{URL: address})
	defer s.Close()
	sqlstore.FillReaders(t, s)
	sqlstore.SetReadTime(s, 300*time.Millisecond)
	p.freeze()
	failures := 0
	for _, err := s.Head(t.Context()); err != nil; _, err = s.Head(t.Context()) {
		if failures++; failures > 1 {
			t.Fatalf("read %d after the freeze: %v", failures, err)
		}
	}
	if failures == 0 {
		t.Error("the first read met no frozen connection; this test shows nothing")
	}
}
