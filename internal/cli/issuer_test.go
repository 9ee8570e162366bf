package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// standIn is an authorization server that answers as a test wants.
type standIn struct {
	*httptest.Server
	// metadata replaces the metadata document; ISSUER in it is the real one.
	metadata string
	// token answers the token request.
	token http.HandlerFunc
	// jwks answers the request for keys.
	jwks http.HandlerFunc
	// asked lists the paths that were asked for.
	asked []string
}

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{metadata: `{"issuer":"ISSUER","token_endpoint":"ISSUER/oauth2/token","jwks_uri":"ISSUER/oauth2/jwks"}`}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked = append(s.asked, r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/tenant":
			issuer := s.URL + strings.TrimPrefix(r.URL.Path, "/.well-known/oauth-authorization-server")
			fmt.Fprint(w, strings.ReplaceAll(s.metadata, "ISSUER", issuer))
		case "/oauth2/token", "/tenant/oauth2/token":
			s.token(w, r)
		case "/oauth2/jwks":
			s.jwks(w, r)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

const goodToken = `{"access_token":"abc.def.ghi","token_type":"Bearer","expires_in":3600,"scope":"/ping.read"}`

func TestTokenSendsBasicAndScope(t *testing.T) {
	s := newStandIn(t)
	s.token = func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if id != "my+client%3A1" || secret != "s%25cret+with+spaces" {
			t.Errorf("RFC 6749 §2.3.1: Basic %q:%q is not form-encoded", id, secret)
		}
		body := r.FormValue("grant_type") + "|" + r.FormValue("scope") + "|" + r.FormValue("client_secret")
		if body != "client_credentials|/a.read /b.read|" {
			t.Errorf("body %q", body)
		}
		answer(200, goodToken)(w, r)
	}
	file := filepath.Join(t.TempDir(), "secret")
	err := os.WriteFile(file, []byte("s%cret with spaces\r\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"token", "--issuer", s.URL + "/tenant", "--client-id", "my client:1", "--scope", "/a.read", "--scope", "/b.read"}
	fromFile := run("", nil, append(args, "--client-secret-file", file)...)
	fromStdin := run("s%cret with spaces\n", nil, append(args, "--client-secret-file", "-")...)
	fromEnv := run("", []string{"GRANTD_CLIENT_SECRET=s%cret with spaces"}, args...)
	for _, got := range []result{fromFile, fromStdin, fromEnv} {
		if got != (result{stdout: "abc.def.ghi\n"}) {
			t.Errorf("got %+v, want the token alone", got)
		}
	}
	whole := run("", []string{"GRANTD_CLIENT_SECRET=s%cret with spaces"}, append(args, "--json")...)
	if whole.code != 0 || !strings.Contains(whole.stdout, `"expires_in": 3600`) {
		t.Errorf("--json: %+v", whole)
	}
}

func TestTokenFailures(t *testing.T) {
	const refused = `{"error":"invalid_scope","error_description":"scope /x is not granted to this key"}`
	tests := []struct {
		name     string
		metadata string
		token    http.HandlerFunc
		issuer   string // empty: the stand-in
		stderr   string
		untried  bool // the secret must not have been sent
	}{
		{name: "the server's sentence is shown", token: answer(400, refused), stderr: "error: invalid_scope: scope /x is not granted to this key"},
		{name: "a wrong secret has a hint", token: answer(401, `{"error":"invalid_client"}`), stderr: "hint: check the client id and the secret"},
		{name: "an error that is not OAuth's", token: answer(502, "<html>"), stderr: "error: the token endpoint answered 502 Bad Gateway"},
		{name: "a success without a token", token: answer(200, "{}"), stderr: "error: the server answered without a token"},
		{name: "an answer without end", token: answer(200, strings.Repeat("x", 1<<20+1)), stderr: "answered with more than 1 MiB"},
		{
			name: "a redirect is not followed with the secret",
			token: func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			},
			stderr: "answered with a redirect",
		},
		{
			name: "what a terminal would obey is escaped", token: answer(400, `{"error":"x","error_description":"a\u001b[2J"}`),
			stderr: `error: x: a\u001b[2J`,
		},
		{
			name: "RFC 8414 §3.3: an issuer that is another's is refused", untried: true,
			metadata: `{"issuer":"https://other.example","token_endpoint":"ISSUER/oauth2/token","jwks_uri":"x"}`,
			stderr:   "calls itself https://other.example",
		},
		{
			name: "metadata that repeats a member is refused", untried: true,
			metadata: `{"issuer":"ISSUER","issuer":"ISSUER","token_endpoint":"ISSUER/oauth2/token"}`, stderr: "not what RFC 8414 describes",
		},
		{name: "metadata without a token endpoint", untried: true, metadata: `{"issuer":"ISSUER"}`, stderr: "no usable token_endpoint"},
		{name: "metadata that is not JSON", untried: true, metadata: `<html>`, stderr: "not what RFC 8414 describes"},
		{name: "an issuer without metadata", untried: true, issuer: "/nowhere", stderr: "answered 404 Not Found"},
		{name: "RFC 6749 §2.3.1: plain http over a network", untried: true, issuer: "http://auth.example.com", stderr: "is http and not on this machine"},
		{name: "an issuer that is no URL", untried: true, issuer: "auth.example.com", stderr: "is not a URL"},
		{name: "an issuer with a query", untried: true, issuer: "https://auth.example.com/?x", stderr: "has a query"},
		{name: "nobody answers", untried: true, issuer: "http://127.0.0.1:1", stderr: "error: cannot reach 127.0.0.1:1: connect: connection refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStandIn(t)
			s.token = tt.token
			if tt.metadata != "" {
				s.metadata = tt.metadata
			}
			issuer := tt.issuer
			if issuer == "" || strings.HasPrefix(issuer, "/") {
				issuer = s.URL + issuer
			}
			got := run("", []string{"GRANTD_CLIENT_SECRET=topsecret"}, "token", "--issuer", issuer, "--client-id", "i")
			if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, tt.stderr) {
				t.Errorf("got %+v, want code 1 with %q", got, tt.stderr)
			}
			if strings.Contains(got.stderr, "topsecret") {
				t.Errorf("the secret is in the output: %s", got.stderr)
			}
			for _, path := range s.asked {
				if path == "/elsewhere" || tt.untried && strings.HasSuffix(path, "/oauth2/token") {
					t.Errorf("%s was asked", path)
				}
			}
			checkForm(t, got.stderr)
		})
	}
}

func TestTokenSecretSources(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	err := os.WriteFile(empty, []byte("\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, file, stderr string
	}{
		{name: "no secret at all", stderr: "error: the client secret is missing"},
		{name: "no such file", file: "/nowhere", stderr: "error: there is no file /nowhere"},
		{name: "an empty file", file: empty, stderr: "error: there is no secret in"},
		{name: "a file that is too large", file: "/dev/zero", stderr: "larger than 64 KiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"token", "--issuer", "https://auth.example.com", "--client-id", "i"}
			if tt.file != "" {
				args = append(args, "--client-secret-file", tt.file)
			}
			got := run("", nil, args...)
			if got.code != 1 || !strings.Contains(got.stderr, tt.stderr) {
				t.Errorf("got %+v, want code 1 with %q", got, tt.stderr)
			}
		})
	}
}

func TestTokenTimeout(t *testing.T) {
	s := newStandIn(t)
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	s.token = func(http.ResponseWriter, *http.Request) { <-done }
	got := run("", []string{"GRANTD_CLIENT_SECRET=x"}, "token", "--issuer", s.URL, "--client-id", "i", "--timeout", "100ms")
	if got.code != 1 || !strings.Contains(got.stderr, "did not answer in time") || !strings.Contains(got.stderr, "--timeout") {
		t.Errorf("got %+v", got)
	}
}

func TestEndpointsKeepTLS(t *testing.T) {
	server, err := newIssuer("https://auth.example.com", 0)
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"https://auth.example.com/token": "",
		"https://elsewhere.example/t":    "",
		"http://auth.example.com/token":  "without TLS",
		"ftp://auth.example.com/token":   "no usable",
		"/token":                         "no usable",
		"":                               "no usable",
	} {
		err := server.endpoint("token_endpoint", address)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("endpoint(%q) = %v, want %q", address, err, want)
		}
	}
}

func TestWellKnown(t *testing.T) {
	for issuer, want := range map[string]string{
		"https://a.example":           "https://a.example/.well-known/oauth-authorization-server",
		"https://a.example/":          "https://a.example/.well-known/oauth-authorization-server",
		"https://a.example:8443/x/y":  "https://a.example:8443/.well-known/oauth-authorization-server/x/y",
		"https://a.example/x/":        "https://a.example/.well-known/oauth-authorization-server/x",
		"http://[::1]:8080/tenant-01": "http://[::1]:8080/.well-known/oauth-authorization-server/tenant-01",
	} {
		got := wellKnown(issuer)
		if got != want {
			t.Errorf("RFC 8414 §3.1: wellKnown(%s) = %s, want %s", issuer, got, want)
		}
	}
}
