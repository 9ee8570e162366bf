package crash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

// socket makes admin calls over the Unix socket in the data directory, as the
// CLI does, without a process for each.
type socket struct{ client *http.Client }

func newSocket(t *testing.T, s *blackbox.Server) socket {
	t.Helper()
	path := filepath.Join(s.Options.Data, "admin.sock")
	var d net.Dialer
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) },
	}
	t.Cleanup(transport.CloseIdleConnections)
	return socket{&http.Client{Transport: transport, Timeout: blackbox.Patience}}
}

// post makes a call with a JSON body, or with none, and reads its answer, which
// must have the status.
func (s socket) post(path, body string, status int, out any) error {
	resp, err := s.client.Post("http://grantd/admin/v1"+path, "application/json", strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("post to %s: %w", path, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("post to %s: %w", path, err)
	}
	if resp.StatusCode != status {
		return fmt.Errorf("post to %s: %w: %s %s", path, errRefused, resp.Status, answer)
	}
	err = json.Unmarshal(answer, out)
	if err != nil {
		return fmt.Errorf("post to %s: got %s: %w", path, answer, err)
	}
	return nil
}

// createKey returns an error unless the server acknowledged the key.
func (s socket) createKey(name string) (blackbox.Key, error) {
	body, err := json.Marshal(map[string]any{"name": name, "scopes": []string{"/crash.read"}})
	if err != nil {
		return blackbox.Key{}, fmt.Errorf("encode the call: %w", err)
	}
	var k blackbox.Key
	err = s.post("/keys", string(body), http.StatusCreated, &k)
	if err != nil {
		return blackbox.Key{}, err
	}
	if k.ID == "" || k.Secret == "" {
		return blackbox.Key{}, fmt.Errorf("create key %s: got %+v, want an id and a secret", name, k)
	}
	return k, nil
}

// rotateSigningKey has a new signing key sign from now on and returns its kid.
func (s socket) rotateSigningKey() (string, error) {
	var k struct {
		ID string `json:"kid"`
	}
	err := s.post("/signing-keys/rotate", `{"now":true}`, http.StatusCreated, &k)
	if err == nil && k.ID == "" {
		err = errors.New("a signing key without a kid")
	}
	return k.ID, err
}

func (s socket) revokeSigningKey(kid string) error {
	var k struct {
		State string `json:"state"`
	}
	err := s.post("/signing-keys/"+kid+"/revoke", "", http.StatusOK, &k)
	if err == nil && k.State != "revoked" {
		err = fmt.Errorf("got state %q, want revoked", k.State)
	}
	return err
}

// keys returns the names of all keys by their ids.
func (s socket) keys(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	for after := ""; ; {
		var page struct {
			Items []struct {
				ClientID string `json:"client_id"`
				Name     string `json:"name"`
			} `json:"items"`
			Next string `json:"next"`
		}
		resp, err := s.client.Get("http://grantd/admin/v1/keys?limit=1000&after=" + url.QueryEscape(after))
		if err != nil {
			t.Fatalf("list the keys: %v", err)
		}
		err = json.NewDecoder(resp.Body).Decode(&page)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("list the keys: got %s (%v)", resp.Status, err)
		}
		for _, k := range page.Items {
			names[k.ClientID] = k.Name
		}
		if page.Next == "" {
			return names
		}
		after = page.Next
	}
}
