package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/fault"
)

// recheckAfter is how long a handshake trusts the last look at the files.
const recheckAfter = time.Second

// Certificates serves a certificate from two files and follows them when they
// change, so that a renewal needs no restart. Its methods may be called from
// many goroutines. All fields are required.
type Certificates struct {
	// CertFile holds the certificate with its chain, in PEM.
	CertFile string
	// KeyFile holds the private key, in PEM.
	KeyFile string
	// Logger hears of a new pair, and of one that cannot be loaded.
	Logger *slog.Logger
	// Now is the clock.
	Now func() time.Time

	mu      sync.Mutex
	current *tls.Certificate
	seen    pairState // what current was read from
	// reported is the state whose failure the log has already.
	reported pairState
	checked  time.Time
}

// pairState tells one version of the two files from another.
type pairState struct{ cert, key fileState }

type fileState struct {
	modified time.Time
	size     int64
}

// Load reads the pair. Call it once before the first handshake: with no old
// pair to keep, a wrong one is an error.
func (c *Certificates) Load() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checked, c.seen = c.Now(), c.state()
	pair, err := c.read()
	if err != nil {
		return err
	}
	c.current = pair
	return nil
}

// Certificate is for GetCertificate of [tls.Config]. At most about once a second
// it looks whether the files have changed; a pair that cannot be loaded, such as
// one that is being written, leaves the old one in use and is reported once.
func (c *Certificates) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.Now()
	age := now.Sub(c.checked)
	if age < 0 || age >= recheckAfter { // below zero: the clock was set back
		c.checked = now
		c.follow(hello.Context())
	}
	if c.current == nil {
		return nil, fmt.Errorf("no certificate is loaded from %s", c.CertFile)
	}
	return c.current, nil
}

func (c *Certificates) follow(ctx context.Context) {
	// The state is taken before the files are read: if they change in between,
	// the next look sees another state and reads them again.
	state := c.state()
	if state == c.seen {
		return
	}
	pair, err := c.read()
	if err != nil && state == c.reported {
		return
	}
	if err != nil {
		c.reported = state
		c.Logger.LogAttrs(ctx, slog.LevelError, "the new certificate cannot be loaded, the old one stays in use",
			slog.String("error", err.Error()), slog.String("hint", fault.HintOf(err)))
		return
	}
	c.current, c.seen = pair, state
	c.Logger.LogAttrs(ctx, slog.LevelInfo, "a new certificate is in use",
		slog.String("cert_file", c.CertFile), slog.Time("not_after", pair.Leaf.NotAfter))
}

func (c *Certificates) read() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
	if err != nil {
		err = fmt.Errorf("load certificate %s with key %s: %w", c.CertFile, c.KeyFile, err)
		return nil, fault.Hint(err, "check that both files can be read, are PEM, and that the key belongs to the first certificate in the file")
	}
	return &pair, nil
}

func (c *Certificates) state() pairState {
	return pairState{cert: stateOf(c.CertFile), key: stateOf(c.KeyFile)}
}

// stateOf follows links, as renewals by Kubernetes and certbot swap a link. A
// file that is missing has a state too, the zero one.
func stateOf(name string) fileState {
	info, err := os.Stat(name)
	if err != nil {
		return fileState{}
	}
	return fileState{modified: info.ModTime(), size: info.Size()}
}

// tlsConfig is that of the public listener, with the configured files loaded.
func (s *Server) tlsConfig() (*tls.Config, error) {
	certificates := &Certificates{
		CertFile: s.Config.TLS.CertFile,
		KeyFile:  s.Config.TLS.KeyFile,
		Logger:   s.Logger,
		Now:      s.Now,
	}
	err := certificates.Load()
	if err != nil {
		return nil, err
	}
	return TLSConfig(certificates), nil
}

// TLSConfig returns the settings of the public listener: TLS 1.2 with forward
// secrecy and authenticated encryption only, or TLS 1.3, whose suites are all of
// that kind and are left to crypto/tls.
func TLSConfig(c *Certificates) *tls.Config {
	return &tls.Config{
		GetCertificate: c.Certificate,
		MinVersion:     tls.VersionTLS12,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
			tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		NextProtos: []string{"h2", "http/1.1"},
	}
}
