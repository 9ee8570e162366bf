package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestABodyThatNobodyReadsHoldsNoConnection(t *testing.T) {
	i := start(t, map[string]string{"limits.body_timeout": "100ms"})
	tests := []struct {
		name, address, line, contentType string
		status                           int
	}{
		{"a path that is not there", i.PublicAddr, "POST /nope", formType, http.StatusNotFound},
		{"a path that is not clean", i.PublicAddr, "POST //oauth2/token", formType, http.StatusNotFound},
		{"another content type", i.PublicAddr, "POST /oauth2/token", "text/plain", http.StatusBadRequest},
		{"a secret in the URL", i.PublicAddr, "POST /oauth2/token?client_secret=x", formType, http.StatusBadRequest},
		{"another method", i.PublicAddr, "PUT /oauth2/token", formType, http.StatusMethodNotAllowed},
		{"a document", i.PublicAddr, "GET /oauth2/jwks", formType, http.StatusOK},
		{"a path for reading only", i.PublicAddr, "POST /healthz", formType, http.StatusMethodNotAllowed},
		{"the metrics", i.AdminAddr, "POST /metrics", formType, http.StatusMethodNotAllowed},
		{"a path that is not there on the admin listener", i.AdminAddr, "POST /nope", formType, http.StatusNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			conn, reader := dial(t, tt.address, 4*time.Second)
			fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\n", tt.line, tt.contentType)
			response, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatalf("there was no answer: %v", err)
			}
			defer response.Body.Close()
			_, err = io.Copy(io.Discard, response.Body)
			if err != nil || response.StatusCode != tt.status {
				t.Errorf("got %d, %v; want %d", response.StatusCode, err, tt.status)
			}
			rest, err := io.ReadAll(reader)
			if err != nil || len(rest) > 0 {
				t.Errorf("after the answer: got %q, %v; want the end of the connection", rest, err)
			}
		})
	}
}

// A client that follows a redirect would send its credentials once more, and to
// a place that the path names.
func TestAPathThatIsNotCleanIsNotRedirected(t *testing.T) {
	i := start(t, nil)
	for _, path := range []string{
		"//oauth2/token", "/oauth2//token", "/./oauth2/token", "/oauth2/token/", "/oauth2/token/.",
		"/x/../oauth2/token?client_secret=astray", "/x/%2e%2e/oauth2/token?client_secret=astray",
		"//example.com/..//oauth2/token", "//.well-known/oauth-authorization-server",
		"/oauth2%2Ftoken", "/oauth2/%74oken",
	} {
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			r, err := http.NewRequestWithContext(t.Context(), method, i.Issuer+path, strings.NewReader(grantForm))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", formType)
			r.SetBasicAuth(i.Demo.Plain.ClientID, i.Demo.Plain.ClientSecret)
			// The transport follows no redirect.
			response, err := i.http.Transport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusNotFound || response.Header.Get("Location") != "" {
				t.Errorf("%s %s: got %d, Location %q", method, path, response.StatusCode, response.Header.Get("Location"))
			}
		}
	}
	if log := i.log.String(); strings.Contains(log, "astray") {
		t.Errorf("the log holds a secret from the URL:\n%s", log)
	}
}

func TestPathsForReadingTakeNoOtherMethod(t *testing.T) {
	i := start(t, nil)
	for address, paths := range map[string][]string{
		i.PublicAddr: {"/healthz", "/readyz"},
		i.AdminAddr:  {"/healthz", "/readyz", "/metrics"},
	} {
		i.Issuer = "http://" + address
		for _, path := range paths {
			for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
				t.Run("RFC 9110 §15.5.6: "+method+" "+path, func(t *testing.T) {
					got := i.do(t, request{method: method, path: path})
					if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "GET, HEAD" {
						t.Errorf("got %d, Allow %q", got.status, got.header.Get("Allow"))
					}
				})
			}
			if got := i.do(t, request{method: http.MethodHead, path: path}); got.status != http.StatusOK || got.body != "" {
				t.Errorf("HEAD %s: got %d %s", path, got.status, got.body)
			}
		}
	}
}
