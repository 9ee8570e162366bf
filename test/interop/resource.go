package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/test/blackbox"
)

// resource is a small API that wants a token and a scope. It believes a token
// only when its signature is right and grantd says that it is active.
type resource struct {
	issuer   *server
	audience string
	// reader is its own key, for introspection.
	reader blackbox.Key
	http   *http.Server
	url    string
}

func newResource(issuer *server, audience string, reader blackbox.Key) (*resource, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the resource server: %w", err)
	}
	r := &resource{issuer: issuer, audience: audience, reader: reader, url: "http://" + listener.Addr().String()}
	r.http = &http.Server{Handler: r}
	go func() {
		// It returns when it is closed, and has nothing else to say.
		_ = r.http.Serve(listener)
	}()
	return r, nil
}

func (r *resource) close() { r.http.Close() }

// ServeHTTP answers with the claims when the token has the scope asked for.
func (r *resource) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	token, bearer := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		http.Error(w, "a bearer token is needed", http.StatusUnauthorized)
		return
	}
	c, err := r.believe(token)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	if !slices.Contains(strings.Fields(c.Scope), req.FormValue("need")) {
		http.Error(w, fmt.Sprintf("the token has %q only", c.Scope), http.StatusForbidden)
		return
	}
	text, err := json.Marshal(c)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}

func (r *resource) believe(token string) (claims, error) {
	c, err := r.issuer.verify(token, r.audience, time.Now())
	if err != nil {
		return c, err
	}
	seen, err := r.issuer.introspect(r.reader, token)
	if err != nil {
		return c, err
	}
	if !seen.Active || seen.ClientID != c.ClientID || seen.Scope != c.Scope {
		return c, errors.New("introspection does not say what the token says")
	}
	return c, nil
}

// visit calls the API with a token and returns what it knows of the caller.
func (r *resource) visit(token, scope string) (claims, error) {
	var c claims
	req, err := http.NewRequest(http.MethodGet, r.url+"/?need="+url.QueryEscape(scope), nil)
	if err != nil {
		return c, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return c, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return c, err
	}
	if resp.StatusCode != http.StatusOK {
		return c, fmt.Errorf("the resource server refuses the token: %s: %s", resp.Status, strings.TrimSpace(string(body)))
	}
	return c, json.Unmarshal(body, &c)
}
