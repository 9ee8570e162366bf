package server

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/fault"
)

func TestCertificateIsReplacedWithoutRestart(t *testing.T) {
	f := newPairFixture(t)
	f.write(t, newPair(t, "first"))
	f.load(t)
	addr := serveTLS(t, f.source)

	if got := f.nameSeen(t, addr); got != "first" {
		t.Fatalf("before the change: got %s, want first", got)
	}
	f.write(t, newPair(t, "second"))
	if got := f.nameSeen(t, addr); got != "first" {
		t.Errorf("within a second of the last look: got %s, want first", got)
	}
	f.pass(time.Second)
	if got := f.nameSeen(t, addr); got != "second" {
		t.Errorf("a second later: got %s, want second", got)
	}
	if n := f.logged("a new certificate is in use"); n != 1 {
		t.Errorf("the change was logged %d times, want once", n)
	}
}

func TestBrokenPairLeavesTheOldOneInUse(t *testing.T) {
	good, other := newPair(t, "good"), newPair(t, "other")
	tests := []struct {
		name   string
		change func(f *pairFixture) error
	}{
		{"the certificate is not PEM", func(f *pairFixture) error { return os.WriteFile(f.source.CertFile, []byte("not PEM"), 0o600) }},
		{"the certificate is empty", func(f *pairFixture) error { return os.WriteFile(f.source.CertFile, nil, 0o600) }},
		{"the key is that of another certificate", func(f *pairFixture) error { return os.WriteFile(f.source.KeyFile, other.key, 0o600) }},
		{"the key is gone", func(f *pairFixture) error { return os.Remove(f.source.KeyFile) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newPairFixture(t)
			f.write(t, good)
			f.load(t)
			addr := serveTLS(t, f.source)
			err := tt.change(f)
			if err != nil {
				t.Fatal(err)
			}
			f.touch(t)
			for range 3 {
				f.pass(2 * time.Second)
				if got := f.nameSeen(t, addr); got != "good" {
					t.Fatalf("got %s, want the old certificate", got)
				}
			}
			if n := f.logged("the new certificate cannot be loaded, the old one stays in use"); n != 1 {
				t.Errorf("logged %d times, want once:\n%s", n, f.log.String())
			}
			f.write(t, other)
			f.pass(time.Second)
			if got := f.nameSeen(t, addr); got != "other" {
				t.Errorf("after the repair: got %s, want other", got)
			}
		})
	}
}

func TestFirstPairMustBeGood(t *testing.T) {
	f := newPairFixture(t)
	err := f.source.Load()
	if err == nil || fault.HintOf(err) == "" {
		t.Errorf("Load without files: got %v, hint %q", err, fault.HintOf(err))
	}
	_, err = f.source.Certificate(&tls.ClientHelloInfo{})
	if err == nil {
		t.Error("a handshake without a certificate gives no error")
	}
	f.write(t, newPair(t, "late"))
	f.pass(-time.Hour)
	_, err = f.source.Certificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Errorf("after the clock was set back the files are not looked at: %v", err)
	}
}

func TestHandshakesDuringAChange(t *testing.T) {
	f := newPairFixture(t)
	f.write(t, newPair(t, "first"))
	f.load(t)
	second := newPair(t, "second")
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for range 50 {
				f.pass(300 * time.Millisecond)
				pair, err := f.source.Certificate(&tls.ClientHelloInfo{})
				if err != nil || pair.Leaf == nil {
					t.Errorf("got %v, %v", pair, err)
				}
			}
		})
	}
	f.write(t, second)
	running.Wait()
	f.pass(time.Second)
	pair, err := f.source.Certificate(&tls.ClientHelloInfo{})
	if err != nil || pair.Leaf.Subject.CommonName != "second" {
		t.Errorf("got %v, %v, want second", pair, err)
	}
}

func TestOnlyModernHandshakesAreAccepted(t *testing.T) {
	ecdsaOnly, rsaToo := newPair(t, "x"), newRSAPair(t, "x")
	tests := []struct {
		name         string
		pair         pair
		client       *tls.Config
		wantVersion  uint16
		wantProtocol string
	}{
		{name: "TLS 1.3 with HTTP/2", pair: ecdsaOnly, client: &tls.Config{NextProtos: []string{"h2", "http/1.1"}}, wantVersion: tls.VersionTLS13, wantProtocol: "h2"},
		{name: "TLS 1.2 with HTTP/1.1", pair: ecdsaOnly, client: &tls.Config{MaxVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, wantVersion: tls.VersionTLS12, wantProtocol: "http/1.1"},
		{name: "TLS 1.2 with an RSA certificate", pair: rsaToo, client: &tls.Config{MaxVersion: tls.VersionTLS12}, wantVersion: tls.VersionTLS12},
		{name: "TLS 1.1 is refused", pair: ecdsaOnly, client: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}},
		{name: "TLS 1.2 with CBC suites only is refused", pair: ecdsaOnly, client: &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
		}}},
		{name: "TLS 1.2 with CBC suites only is refused with an RSA certificate too", pair: rsaToo, client: &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{
			tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA,
		}}},
		{name: "TLS 1.2 without forward secrecy is refused", pair: rsaToo, client: &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newPairFixture(t)
			f.write(t, tt.pair)
			f.load(t)
			tt.client.InsecureSkipVerify = true
			state, err := handshake(serveTLS(t, f.source), tt.client)
			if tt.wantVersion == 0 {
				if err == nil {
					t.Fatalf("accepted with %s, %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if state.Version != tt.wantVersion || state.NegotiatedProtocol != tt.wantProtocol {
				t.Errorf("got %s, protocol %q; want %s, protocol %q", tls.VersionName(state.Version), state.NegotiatedProtocol, tls.VersionName(tt.wantVersion), tt.wantProtocol)
			}
			suite := tls.CipherSuiteName(state.CipherSuite)
			if !strings.Contains(suite, "GCM") && !strings.Contains(suite, "POLY1305") {
				t.Errorf("got cipher suite %s, want authenticated encryption", suite)
			}
		})
	}
}

// pair is a certificate and its key in PEM.
type pair struct{ cert, key []byte }

func newPair(t *testing.T, name string) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signedPair(t, name, key)
}

func newRSAPair(t *testing.T, name string) pair {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return signedPair(t, name, key)
}

func signedPair(t *testing.T, name string, key crypto.Signer) pair {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{"localhost"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pair{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}
}

// pairFixture is a source over two files, with a clock and a log of its own.
type pairFixture struct {
	source  *Certificates
	log     lockedBuffer
	elapsed atomic.Int64
	version time.Duration
}

func newPairFixture(t *testing.T) *pairFixture {
	t.Helper()
	dir, start := t.TempDir(), time.Now()
	f := &pairFixture{}
	f.source = &Certificates{
		CertFile: filepath.Join(dir, "tls.crt"),
		KeyFile:  filepath.Join(dir, "tls.key"),
		Logger:   slog.New(slog.NewTextHandler(&f.log, nil)),
		Now:      func() time.Time { return start.Add(time.Duration(f.elapsed.Load())) },
	}
	return f
}

func (f *pairFixture) pass(d time.Duration) { f.elapsed.Add(int64(d)) }

func (f *pairFixture) load(t *testing.T) {
	t.Helper()
	err := f.source.Load()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *pairFixture) write(t *testing.T, p pair) {
	t.Helper()
	for name, data := range map[string][]byte{f.source.CertFile: p.cert, f.source.KeyFile: p.key} {
		err := os.WriteFile(name, data, 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	f.touch(t)
}

// touch gives the files a new modification time, which two writes in a row need
// not have on every file system.
func (f *pairFixture) touch(t *testing.T) {
	t.Helper()
	f.version += time.Minute
	at := time.Now().Add(-24 * time.Hour).Add(f.version)
	for _, name := range []string{f.source.CertFile, f.source.KeyFile} {
		err := os.Chtimes(name, at, at)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

func (f *pairFixture) logged(message string) int { return strings.Count(f.log.String(), message) }

// nameSeen returns the common name of the certificate a client gets.
func (f *pairFixture) nameSeen(t *testing.T, addr string) string {
	t.Helper()
	state, err := handshake(addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	return state.PeerCertificates[0].Subject.CommonName
}

// serveTLS accepts connections, makes the handshake and closes them, until the
// test ends.
func serveTLS(t *testing.T, source *Certificates) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := TLSConfig(source)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				tls.Server(conn, config).HandshakeContext(t.Context())
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return listener.Addr().String()
}

func handshake(addr string, config *tls.Config) (tls.ConnectionState, error) {
	conn, err := tls.Dial("tcp", addr, config)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	return conn.ConnectionState(), nil
}

// lockedBuffer is a log that several handshakes write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
