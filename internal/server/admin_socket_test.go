package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
)

// overSocket makes a call over the Unix socket, with an Authorization header if there is
// a token.
func (i *instance) overSocket(t *testing.T, method, path, token string) (int, string) {
	t.Helper()
	transport := i.socket()
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// A token says what may be done over the socket as well: whoever sends one is not the
// operator.
func TestTheSocketServesTheAdminAPIToTokens(t *testing.T) {
	i := start(t, nil)
	reader := i.administrator(t, "", admin.ScopeKeysRead)
	key := "/admin/v1/keys/" + i.Demo.Plain.ClientID
	for _, test := range []struct {
		name, method, path, token string
		status                    int
		says                      string
	}{
		{"a token that may", http.MethodGet, key, reader.token, http.StatusOK, i.Demo.Plain.ClientID},
		{"a token that may not", http.MethodDelete, key, reader.token, http.StatusForbidden, "lacks the scope"},
		{"no good token", http.MethodDelete, key, "nonsense", http.StatusUnauthorized, "not one for the Admin API"},
		{"the description", http.MethodGet, "/admin/v1/openapi.json", "", http.StatusOK, `"3.1`},
		{"the operator", http.MethodGet, key, "", http.StatusOK, i.Demo.Plain.ClientID},
		{"what only the command line has", http.MethodGet, "/admin/v1/operators", reader.token, http.StatusNotFound, "no such call"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body := i.overSocket(t, test.method, test.path, test.token)
			if status != test.status || !strings.Contains(body, test.says) {
				t.Errorf("got %d %.300s; want %d that says %q", status, body, test.status, test.says)
			}
		})
	}
}
