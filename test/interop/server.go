package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/test/blackbox"
)

// server is a grantd behind a proxy of its own, whose address is the issuer.
type server struct {
	process *blackbox.Process
	proxy   *proxy
	ca      *authority
	data    string
	issuer  string
	// direct is grantd itself, for what the runner asks.
	direct string
	client *http.Client
}

// newServer opens the proxy, so that the issuer is known; serve starts grantd.
func newServer(ca *authority, dir string) (*server, error) {
	p, err := newProxy(ca)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: ca.roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}
	return &server{
		proxy: p, ca: ca, data: filepath.Join(dir, "data"), issuer: "https://" + p.host(),
		client: &http.Client{Transport: transport, Timeout: blackbox.Patience},
	}, nil
}

var publicListener = regexp.MustCompile(`(?m)^ *public listener +127\.0\.0\.1:([0-9]+)$`)

func (s *server) serve(issuer string) error {
	process, err := blackbox.Serve("", []string{
		"--issuer", issuer, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
		"--tls-cert", s.ca.certFile, "--tls-key", s.ca.keyFile, "--data", s.data,
	}, nil)
	s.process = process
	if err != nil {
		return err
	}
	found := publicListener.FindStringSubmatch(process.Output())
	if found == nil {
		return fmt.Errorf("grantd does not say where it listens:\n%s", process.Output())
	}
	s.direct = "https://localhost:" + found[1]
	s.proxy.upstream = net.JoinHostPort("127.0.0.1", found[1])
	return nil
}

// close ends grantd, whose log must hold no secret, and the proxy.
func (s *server) close() error {
	s.client.CloseIdleConnections()
	s.proxy.close()
	if s.process == nil || s.process.Ended() {
		return nil
	}
	return s.process.Stop()
}

// cli runs a command of grantd that asks the server.
func (s *server) cli(args ...string) ([]byte, error) {
	binary, err := blackbox.Binary()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, args...)
	cmd.Env = append(cleanEnvironment(), "GRANTD_DATA_DIR="+s.data)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("grantd %s: %w\n%s", strings.Join(args, " "), err, complaint.String())
	}
	return out, nil
}

func (s *server) createAPI(audience string, flags ...string) error {
	_, err := s.cli(append([]string{"api", "create", "--audience", audience}, flags...)...)
	return err
}

func (s *server) createKey(flags ...string) (blackbox.Key, error) {
	var key blackbox.Key
	out, err := s.cli(append([]string{"key", "create", "--name", "interop", "--json"}, flags...)...)
	if err != nil {
		return key, err
	}
	err = json.Unmarshal(out, &key)
	if err != nil {
		return key, fmt.Errorf("read what key create said: %w", err)
	}
	s.process.HideKey(key)
	return key, nil
}

// environment is what every program gets, whatever it is for.
func (s *server) environment() map[string]string {
	env := map[string]string{
		"ISSUER":                 s.issuer,
		"TOKEN_ENDPOINT":         s.issuer + tokenPath,
		"REVOCATION_ENDPOINT":    s.issuer + revocationPath,
		"INTROSPECTION_ENDPOINT": s.issuer + introspectionPath,
		"JWKS_URI":               s.issuer + jwksPath,
	}
	for _, name := range []string{
		"CA_FILE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "PERL_LWP_SSL_CA_FILE",
	} {
		env[name] = s.ca.file
	}
	return env
}

const (
	tokenPath         = "/oauth2/token"
	revocationPath    = "/oauth2/revoke"
	introspectionPath = "/oauth2/introspect"
	jwksPath          = "/oauth2/jwks"
)
