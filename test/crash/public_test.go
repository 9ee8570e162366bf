package crash

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

// errRefused is an answer that says no; any other error is no answer at all.
var errRefused = errors.New("refused")

// public makes the calls of a client with one key.
type public struct {
	server *blackbox.Server
	client *http.Client
	key    blackbox.Key
}

func newPublic(t *testing.T, s *blackbox.Server, k blackbox.Key) public {
	t.Helper()
	return public{s, s.Client(t), k}
}

// post returns the answer's body if it is a success.
func (p public) post(path string, form url.Values) ([]byte, error) {
	req, err := http.NewRequest(http.MethodPost, p.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(p.key.ID, p.key.Secret)
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("post to %s: %w", path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("post to %s: %w", path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("post to %s: %w: %s %s", path, errRefused, resp.Status, body)
	}
	return body, nil
}

func (p public) tokens(form url.Values) (blackbox.Token, error) {
	body, err := p.post("/oauth2/token", form)
	if err != nil {
		return blackbox.Token{}, err
	}
	var t blackbox.Token
	err = json.Unmarshal(body, &t)
	if err != nil {
		return blackbox.Token{}, fmt.Errorf("read %q: %w", body, err)
	}
	if t.AccessToken == "" || t.RefreshToken == "" {
		return blackbox.Token{}, fmt.Errorf("got %q, want an access token and a refresh token", body)
	}
	p.server.Hide(t.AccessToken, t.RefreshToken)
	return t, nil
}

// first returns the first tokens of a new family.
func (p public) first() (blackbox.Token, error) {
	return p.tokens(url.Values{"grant_type": {"client_credentials"}})
}

func (p public) refresh(token string) (blackbox.Token, error) {
	return p.tokens(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

func (p public) revoke(token string) error {
	_, err := p.post("/oauth2/revoke", url.Values{"token": {token}})
	return err
}

func (p public) active(token string) (bool, error) {
	body, err := p.post("/oauth2/introspect", url.Values{"token": {token}})
	if err != nil {
		return false, err
	}
	var answer struct {
		Active *bool `json:"active"`
	}
	err = json.Unmarshal(body, &answer)
	if err != nil {
		return false, fmt.Errorf("read %q: %w", body, err)
	}
	if answer.Active == nil {
		return false, fmt.Errorf("got %q, want an introspection response", body)
	}
	return *answer.Active, nil
}

// published returns the kids of the key set.
func (p public) published(t *testing.T) map[string]bool {
	t.Helper()
	resp, err := p.client.Get(p.server.URL + "/oauth2/jwks")
	if err != nil {
		t.Fatalf("get the key set: %v", err)
	}
	defer resp.Body.Close()
	var set struct {
		Keys []struct {
			ID string `json:"kid"`
		} `json:"keys"`
	}
	err = json.NewDecoder(resp.Body).Decode(&set)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("get the key set: got %s (%v)", resp.Status, err)
	}
	kids := map[string]bool{}
	for _, k := range set.Keys {
		kids[k.ID] = true
	}
	return kids
}
