package server_test

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func get(path string) request { return request{method: http.MethodGet, path: path} }

func TestMetadata(t *testing.T) {
	i := start(t, map[string]string{"issuer": "http://127.0.0.1:1/tenant"})
	i.Issuer = "http://" + i.PublicAddr
	paths := []string{
		"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
		"/.well-known/oauth-authorization-server/tenant", "/.well-known/openid-configuration/tenant",
		"/tenant/.well-known/oauth-authorization-server", "/tenant/.well-known/openid-configuration",
	}
	t.Run("RFC 8414 §3.1: the document is at every well-known form", func(t *testing.T) {
		for _, path := range paths {
			got := i.do(t, get(path))
			if got.status != http.StatusOK {
				t.Errorf("%s: got %d %s", path, got.status, got.body)
			}
		}
	})
	t.Run("RFC 8414 §3.2: the document is JSON with status 200", func(t *testing.T) {
		got := i.do(t, get(paths[0]))
		if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("got %d, Content-Type %q", got.status, got.header.Get("Content-Type"))
		}
	})
	t.Run("RFC 8414 §2: the document", func(t *testing.T) {
		golden(t, "testdata/metadata.json", i.do(t, get(paths[0])).body)
	})
	t.Run("the endpoints are below the issuer's path and at the root", func(t *testing.T) {
		for _, path := range []string{"/tenant/oauth2/token", "/oauth2/token"} {
			got := i.do(t, request{path: path, contentType: formType, body: grantForm, user: i.Demo.Plain.ClientID, password: i.Demo.Plain.ClientSecret})
			if got.status != http.StatusOK {
				t.Errorf("%s: got %d %s", path, got.status, got.body)
			}
		}
		for path, body := range map[string]string{
			"/tenant/oauth2/revoke": "", "/oauth2/revoke": "",
			"/tenant/oauth2/introspect": `{"active":false}`, "/oauth2/introspect": `{"active":false}`,
		} {
			got := i.do(t, request{path: path, contentType: formType, body: "token=x", user: i.Demo.Plain.ClientID, password: i.Demo.Plain.ClientSecret})
			if got.status != http.StatusOK || got.body != body {
				t.Errorf("%s: got %d %s", path, got.status, got.body)
			}
		}
	})
	t.Run("the authorization endpoint says where to go instead", func(t *testing.T) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			got := i.do(t, request{method: method, path: "/tenant/oauth2/authorize?response_type=code&client_id=x"})
			if got.status != http.StatusBadRequest || !strings.Contains(got.body, `"error":"unsupported_response_type"`) || !strings.Contains(got.body, "POST /oauth2/token") {
				t.Errorf("%s: got %d %s", method, got.status, got.body)
			}
		}
	})
	t.Run("a reader that has it gets 304", func(t *testing.T) {
		for _, path := range []string{paths[0], "/oauth2/jwks", "/.well-known/jwks.json"} {
			etag := i.do(t, get(path)).header.Get("ETag")
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, i.Issuer+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("If-None-Match", etag)
			response, err := i.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusNotModified {
				t.Errorf("%s: got %d", path, response.StatusCode)
			}
		}
	})
	t.Run("RFC 9110 §15.5.6: every 405 says what is allowed", func(t *testing.T) {
		for path, method := range map[string]string{paths[0]: http.MethodPost, "/oauth2/jwks": http.MethodDelete, "/oauth2/token": http.MethodGet} {
			got := i.do(t, request{method: method, path: path})
			if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") == "" {
				t.Errorf("%s %s: got %d, Allow %q", method, path, got.status, got.header.Get("Allow"))
			}
		}
	})
}

func TestPublicDocumentsMayBeKeptAndReadByBrowsers(t *testing.T) {
	i := start(t, nil)
	for _, path := range []string{
		"/oauth2/jwks", "/.well-known/jwks.json",
		"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			got := i.do(t, request{method: method, path: path})
			want := map[string]string{
				"Cache-Control":               "public, max-age=300",
				"Access-Control-Allow-Origin": "*",
				"Content-Type":                "application/json",
				"Pragma":                      "",
			}
			for name, value := range want {
				if got.status != http.StatusOK || got.header.Get(name) != value {
					t.Errorf("%s %s: got %d with %s %q, want %q", method, path, got.status, name, got.header.Get(name), value)
				}
			}
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		err := os.WriteFile(name, []byte(got+"\n"), 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestThePublicListenerHasNoOperatorRoute(t *testing.T) {
	i := start(t, nil)
	for _, path := range []string{"/", "/metrics", "/admin/v1/keys", "/admin/v1/apis", "/debug/pprof/", "/oauth2", "/oauth2/token/"} {
		got := i.do(t, get(path))
		if got.status != http.StatusNotFound {
			t.Errorf("%s: got %d %s", path, got.status, got.body)
		}
	}
}

func TestMetricsAreOnTheAdminListener(t *testing.T) {
	i := start(t, nil)
	i.form(t, grantForm)
	i.form(t, "grant_type=password")
	i.revoke(t, admin.CreatedKey{Key: admin.Key{ClientID: i.Demo.Plain.ClientID}, ClientSecret: i.Demo.Plain.ClientSecret},
		i.form(t, grantForm).fields["access_token"], "").revoked(t)
	i.Issuer = "http://" + i.AdminAddr
	got := i.do(t, get("/metrics")).body
	for _, line := range []string{
		`grantd_tokens_issued_total{format="jwt",grant_type="client_credentials"} 2`,
		`grantd_http_requests_total{error="unsupported_grant_type",route="/oauth2/token",status="400"} 1`,
		`grantd_mirror_keys 2`,
		`grantd_mirror_revocations 1`,
	} {
		if !strings.Contains(got, line) {
			t.Errorf("there is no line %s", line)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status := i.do(t, get(path)).status; status != http.StatusOK {
			t.Errorf("%s: got %d", path, status)
		}
	}
}

// A body that does not arrive is answered within a second, and the connection
// is not kept.
func TestASlowBodyIsRefusedInTime(t *testing.T) {
	i := start(t, nil)
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", i.PublicAddr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\ngrant_type=", formType)
	if err != nil {
		t.Fatal(err)
	}
	err = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusRequestTimeout || !response.Close {
		t.Errorf("got %d, close %v", response.StatusCode, response.Close)
	}
}
