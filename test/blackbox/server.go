package blackbox

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Server is a [Process] that belongs to a test: it ends with the test, and what
// goes wrong with it fails the test.
type Server struct {
	*Process
	// Roots are the certification authorities its clients trust; nil without TLS.
	Roots *x509.CertPool
}

// Start starts a server for a test.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	p, err := Launch(o)
	if err != nil {
		tb.Fatal(err)
	}
	if o.Data == "" && !o.Dev {
		tb.Cleanup(func() { os.RemoveAll(filepath.Dir(p.Options.Data)) })
	}
	s := &Server{Process: p}
	tb.Cleanup(func() { s.end(tb) })
	return s
}

func (s *Server) end(tb testing.TB) {
	tb.Helper()
	if s.Ended() {
		return
	}
	err := s.Process.Stop()
	if err != nil {
		tb.Error(err)
	}
}

// Stop sends SIGTERM and expects exit code 0.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	err := s.Process.Stop()
	if err != nil {
		tb.Fatal(err)
	}
}

// Kill ends the server as kill -9 does.
func (s *Server) Kill(tb testing.TB) {
	tb.Helper()
	err := s.Process.Kill()
	if err != nil {
		tb.Fatal(err)
	}
}

// Again starts a new process on the same data, address and secrets; the old one
// must have ended.
func (s *Server) Again(tb testing.TB) {
	tb.Helper()
	old := s.Process
	p, err := Launch(old.Options)
	if err != nil {
		tb.Fatal(err)
	}
	p.Hide(old.secrets...)
	s.Process = p
}

// Client returns an HTTP client that trusts the server's certificate and gives up
// long before a test does.
func (s *Server) Client(tb testing.TB) *http.Client {
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: s.Roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true,
	}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: Patience}
}

// Token is the answer of the token endpoint.
type Token struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope"`
}

// Token asks for a token with Authorization: Basic and the form given, which may
// be nil, and fails the test unless it gets one.
func (s *Server) Token(tb testing.TB, k Key, form url.Values) Token {
	tb.Helper()
	if form == nil {
		form = url.Values{}
	}
	if !form.Has("grant_type") {
		form.Set("grant_type", "client_credentials")
	}
	req, err := http.NewRequest(http.MethodPost, s.URL+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(k.ID, k.Secret)
	resp, err := s.Client(tb).Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		tb.Fatalf("got %s %s, want a token for key %s", resp.Status, body, k.ID)
	}
	return s.ParseToken(tb, body)
}

// ParseToken reads an answer of the token endpoint and hides its tokens from the log.
func (s *Server) ParseToken(tb testing.TB, body []byte) Token {
	tb.Helper()
	var t Token
	err := json.Unmarshal(body, &t)
	if err != nil || t.AccessToken == "" {
		tb.Fatalf("got %q, want a token response (%v)", body, err)
	}
	s.Hide(t.AccessToken, t.RefreshToken)
	return t
}

// Poll calls ready until it returns true, and fails the test when that takes too long.
func Poll(tb testing.TB, what string, ready func() bool) {
	tb.Helper()
	deadline := time.After(Patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-deadline:
			tb.Fatalf("%s did not happen within %s", what, Patience)
		}
	}
}
