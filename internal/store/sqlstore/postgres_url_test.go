package sqlstore_test

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

func TestURLsThatAreNoGood(t *testing.T) {
	for _, test := range []struct{ name, url, want string }{
		{"another scheme", "mysql://u:s3cret@db/grantd", "does not begin with postgres://"},
		{"keywords", "host=db user=u password=s3cret", "does not begin with postgres://"},
		{"a port that is none", "postgres://u:s3cret@db:port/grantd", "invalid port"},
		{"a password with a slash", "postgres://u:s3cret/x@db:5432/grantd", ""},
		{"a password with a slash after digits", "postgres://u:12/s3cret@db/grantd", "an @ too many"},
		{"a password with an @", "postgres://u:p@s3cret@db/grantd", "an @ too many"},
		{"a percent sign alone", "postgres://u:s3cret%@db/grantd", "failed to parse as URL"},
		{"another TLS mode", "postgres://u:s3cret@db/grantd?sslmode=sometimes", "sslmode"},
		{"a certificate that is missing", "postgres://u:s3cret@db/grantd?sslmode=verify-full&sslrootcert=/nowhere/ca.pem", "/nowhere/ca.pem"},
		{"a timeout that is none", "postgres://u:s3cret@db/grantd?connect_timeout=soon", "connect_timeout"},
		{"the simple protocol", "postgres://u:s3cret@db/grantd?default_query_exec_mode=simple_protocol", "simple_protocol"},
		{"another mode", "postgres://u:s3cret@db/grantd?default_query_exec_mode=fast", "default_query_exec_mode"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := sqlstore.CheckURL(test.url)
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
			if fault.HintOf(err) == "" {
				t.Errorf("no hint with %q", err)
			}
			for _, text := range []string{err.Error(), fault.HintOf(err)} {
				if strings.Contains(text, "s3cret") {
					t.Errorf("the password is in %q", text)
				}
			}
			if sqlstore.Location(test.url) != "" {
				t.Errorf("got the location %q", sqlstore.Location(test.url))
			}
		})
	}
}

func TestHostsThatSomebodyCouldSpeakFor(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	writeCertificate(t, ca)
	for url, want := range map[string][]string{
		"postgres://u@db1,db2:6432/grantd":                              {"db1:5432", "db2:6432"},
		"postgres://u@db/grantd?sslmode=disable":                        {"db:5432"},
		"postgres://u@db/grantd?sslmode=prefer":                         {"db:5432"},
		"postgres://u@db/grantd?sslmode=require":                        {"db:5432"},
		"postgres://u@db/grantd?sslmode=verify-full":                    nil,
		"postgres://u@db/grantd?sslmode=verify-ca&sslrootcert=" + ca:    nil,
		"postgres://u@db/grantd?sslmode=require&sslrootcert=" + ca:      nil,
		"postgres://u@localhost,127.0.0.1,[::1]/grantd?sslmode=disable": nil,
		"postgres://u@127.0.0.1,192.0.2.1/grantd?sslmode=disable":       {"192.0.2.1:5432"},
		"postgres://u@/grantd?host=/run/postgresql":                     nil,
		"no url": nil,
	} {
		if got := sqlstore.Exposed(url); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}

// writeCertificate writes a certificate of an authority.
func writeCertificate(t *testing.T, path string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	err := os.WriteFile(path, block, 0o600)
	if err != nil {
		t.Fatal(err)
	}
}

func TestLocationHasNoSecrets(t *testing.T) {
	passwords := filepath.Join(t.TempDir(), "pgpass")
	err := os.WriteFile(passwords, []byte("*:*:*:*:s3cret\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PGPASSFILE", passwords)
	for url, want := range map[string]string{
		"postgres://u:s3cret@db.example/grantd":                                         "db.example:5432/grantd",
		"postgres://u:s3cret?x;y@db.example/grantd":                                     "db.example:5432/grantd",
		"postgresql://u@db.example:6432/grantd?sslmode=require":                         "db.example:6432/grantd",
		"postgres://u:s3cret@a:1,b:2,[::1]:3/grantd?target_session_attrs=any":           "a:1,b:2,[::1]:3/grantd",
		"postgres://u@a,b/grantd?sslmode=disable&application_name=x&connect_timeout=10": "a:5432,b:5432/grantd",
	} {
		err := sqlstore.CheckURL(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if got := sqlstore.Location(url); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}
