package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
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

// createKey returns an error unless the server acknowledged the key.
func (s socket) createKey(name string) (blackbox.Key, error) {
	body, err := json.Marshal(map[string]any{"name": name, "scopes": []string{"/crash.read"}})
	if err != nil {
		return blackbox.Key{}, fmt.Errorf("encode the call: %w", err)
	}
	resp, err := s.client.Post("http://grantd/admin/v1/keys", "application/json", bytes.NewReader(body))
	if err != nil {
		return blackbox.Key{}, fmt.Errorf("create key %s: %w", name, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return blackbox.Key{}, fmt.Errorf("create key %s: %w", name, err)
	}
	if resp.StatusCode != http.StatusCreated {
		return blackbox.Key{}, fmt.Errorf("create key %s: got %s %s", name, resp.Status, answer)
	}
	var k blackbox.Key
	err = json.Unmarshal(answer, &k)
	if err != nil || k.ID == "" || k.Secret == "" {
		return blackbox.Key{}, fmt.Errorf("create key %s: got %s (%w)", name, answer, err)
	}
	return k, nil
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
