package clients

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

type tlsFixture struct {
	*blackbox.Server
	ca        *blackbox.CA
	serial    int64
	key       blackbox.Key
	cert, pem string
}

func newTLSFixture(t *testing.T) tlsFixture {
	t.Helper()
	dir := t.TempDir()
	f := tlsFixture{ca: blackbox.NewCA(t), cert: filepath.Join(dir, "cert.pem"), pem: filepath.Join(dir, "key.pem")}
	f.serial = f.ca.Issue(f.cert, f.pem)
	f.Server = blackbox.Start(t, blackbox.Options{CertFile: f.cert, KeyFile: f.pem})
	f.Roots = f.ca.Roots
	f.CreateAPI(t, "--audience", es256API, "--scope", "/accounts.read", "--scope", "/accounts.write")
	f.key = f.CreateKey(t, "--name", "plain", "--scope", "/accounts.read", "--scope", "/accounts.write")
	return f
}

// served returns the serial number of the certificate that a new connection gets.
func (f tlsFixture) served(t *testing.T) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", f.Options.Address, &tls.Config{RootCAs: f.ca.Roots, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestCurlOverTLS(t *testing.T) {
	f := newTLSFixture(t)
	features := blackbox.Exec(t, "", "curl", "--version").Stdout
	cases := []struct{ name, flag, version string }{
		{"HTTP/1.1", "--http1.1", "1.1"},
	}
	if strings.Contains(features, "HTTP2") {
		cases = append(cases, struct{ name, flag, version string }{"HTTP/2", "--http2", "2"})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, status, version := curl(t, c.flag, "--cacert", f.ca.File, "-u", f.key.ID+":"+f.key.Secret,
				"-d", "grant_type=client_credentials", f.URL+"/oauth2/token")
			if status != "200" || version != c.version {
				t.Fatalf("got %s over HTTP/%s, want 200 over HTTP/%s: %s", status, version, c.version, body)
			}
			f.ParseToken(t, []byte(body))
		})
	}
}

func TestTLSIsModern(t *testing.T) {
	f := newTLSFixture(t)
	cases := []struct {
		name    string
		config  *tls.Config
		refused bool
	}{
		{"TLS 1.3 is served", &tls.Config{MinVersion: tls.VersionTLS13}, false},
		{"TLS 1.2 with an AEAD suite is served", &tls.Config{
			MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		}, false},
		{"TLS 1.2 with a CBC suite is refused", &tls.Config{
			MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA},
		}, true},
		{"TLS 1.1 is refused", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.config.RootCAs = f.ca.Roots
			conn, err := tls.Dial("tcp", f.Options.Address, c.config)
			if err == nil {
				conn.Close()
			}
			if (err != nil) != c.refused {
				t.Errorf("got error %v, want refused = %t", err, c.refused)
			}
		})
	}
}

func TestCertificateIsReloaded(t *testing.T) {
	f := newTLSFixture(t)
	if f.served(t) != f.serial {
		t.Fatalf("got certificate %d, want %d", f.served(t), f.serial)
	}
	renewed := f.ca.Issue(f.cert, f.pem)
	blackbox.Poll(t, "serving the renewed certificate", func() bool { return f.served(t) == renewed })
	f.Token(t, f.key, nil)

	err := os.WriteFile(f.cert, []byte("not a certificate"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	// A connection that is made after the damage still gets the last good one.
	if f.served(t) != renewed {
		t.Errorf("got certificate %d after a damaged file, want %d", f.served(t), renewed)
	}
	repaired := f.ca.Issue(f.cert, f.pem)
	blackbox.Poll(t, "serving the repaired certificate", func() bool { return f.served(t) == repaired })
}
