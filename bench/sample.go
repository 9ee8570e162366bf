package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// sample is one answer of an endpoint, for the limit servers to imitate.
type sample struct {
	headers http.Header
	body    []byte
}

// ask sends one form the ordinary way.
func (g *grantd) ask(ctx context.Context, path string, form url.Values) (sample, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+g.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return sample{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return answerOf(req)
}

// document gets what is at a path.
func (g *grantd) document(ctx context.Context, path string) (sample, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.address+path, http.NoBody)
	if err != nil {
		return sample{}, err
	}
	return answerOf(req)
}

func answerOf(req *http.Request) (sample, error) {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return sample{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return sample{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return sample{}, fmt.Errorf("ask %s: %s: %s", req.URL.Path, resp.Status, body)
	}
	return sample{headers: imitable(resp.Header), body: body}, nil
}

// imitable drops the headers that net/http adds by itself.
func imitable(headers http.Header) http.Header {
	kept := headers.Clone()
	for _, name := range []string{"Date", "Content-Length", "Connection"} {
		kept.Del(name)
	}
	return kept
}

// token asks for one token.
func (g *grantd) token(ctx context.Context, who credentials) (sample, error) {
	return g.ask(ctx, tokenPath, who.form("client_credentials"))
}

// introspect asks about one token, which has to be active or not.
func (g *grantd) introspect(ctx context.Context, who credentials, token string, active bool) (sample, error) {
	form := url.Values{"client_id": {who.ID}, "client_secret": {who.Secret}, "token": {token}}
	s, err := g.ask(ctx, introspectionPath, form)
	if err != nil {
		return s, err
	}
	if want := fmt.Sprintf(`{"active":%t`, active); !bytes.HasPrefix(s.body, []byte(want)) {
		return s, fmt.Errorf("introspection answers %s, want %s", s.body, want)
	}
	return s, nil
}

// token is the access token in a token response.
func (s sample) token() string { return string(member(s.body, "access_token")) }

// part decodes the header (0) or the claims (1) of the JWT in a token response.
func (s sample) part(number int, into any) error {
	parts := strings.Split(s.token(), ".")
	if len(parts) != 3 {
		return fmt.Errorf("the access token is no JWT: %s", s.body)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[number])
	if err != nil {
		return fmt.Errorf("read the token: %w", err)
	}
	err = json.Unmarshal(text, into)
	if err != nil {
		return fmt.Errorf("read the token: %w", err)
	}
	return nil
}

// algorithm is the alg of the JWT, or opaque when the token is none.
func (s sample) algorithm() (string, error) {
	token := s.token()
	if token != "" && !strings.Contains(token, ".") {
		return "opaque", nil
	}
	header := struct {
		Algorithm string `json:"alg"`
	}{}
	err := s.part(0, &header)
	return header.Algorithm, err
}
