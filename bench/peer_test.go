package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const examplePeerJSON = `{
	"name": "one 1.0", "package": "one", "version": "1.0", "settings": "s",
	"setup": "setup.sh --quick", "run": ["{build}/one", "--port", "{port}", "--from={here}"],
	"tokens": [
		{"format": "ES256 JWT", "path": "/t", "authentication": "basic", "client_id": "a:b", "client_secret": "s", "body": "grant_type=client_credentials&scope=x",
		 "introspection": {"path": "/i", "authentication": "post", "client_id": "a", "client_secret": "s", "body": "token={token}"}},
		{"format": "opaque", "path": "/o", "authentication": "post", "client_id": "a", "client_secret": "s", "body": ""}
	]}`

func TestParsePeer(t *testing.T) {
	p, err := parsePeer([]byte(examplePeerJSON))
	if err != nil {
		t.Fatal(err)
	}
	if p.Tokens[0].Format != "ES256" || p.Tokens[0].title() != "ES256 JWT" || p.Tokens[1].title() != "opaque token" {
		t.Errorf("got the tokens %+v", p.Tokens)
	}
	here := t.TempDir()
	err = os.WriteFile(filepath.Join(here, "setup.sh"), nil, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	got := []command{p.Setup.filled(here, "/build", 0), p.Run.filled(here, "/build", 42), command(nil).filled(here, "/build", 42)}
	want := []command{{here + "/setup.sh", "--quick"}, {"/build/one", "--port", "42", "--from=" + here}, {}}
	diff := cmp.Diff(want, got)
	if diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

func TestPeersThatAreRefused(t *testing.T) {
	tests := []struct{ name, old, changed, want string }{
		{"no JSON", "{", "", "invalid"},
		{"no name", `"one 1.0"`, `""`, "no name"},
		{"an unknown format", "ES256 JWT", "HS256 JWT", "format"},
		{"an unknown authentication", `"basic"`, `"mtls"`, "authentication"},
		{"an unknown authentication of introspection", `"/i", "authentication": "post"`, `"/i", "authentication": "none"`, "authentication"},
		{"no path", `"/o"`, `""`, "path"},
		{"nothing to run", `["{build}/one", "--port", "{port}", "--from={here}"]`, `[]`, "neither run"},
		{"a command that is none", `"setup.sh --quick"`, `7`, "a text or a list"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := parsePeer([]byte(strings.Replace(examplePeerJSON, test.old, test.changed, 1)))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
	p, err := parsePeer([]byte(`{"name": "gone", "missing": "it is not published"}`))
	if err != nil || p.Missing == "" {
		t.Errorf("a peer that is missing: got %+v and %v", p, err)
	}
}

// The peers of this repository can be read, and each says how it runs or why not.
func TestOurPeers(t *testing.T) {
	peers, err := readPeers("peers")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range peers {
		if p.Settings == "" || p.Package == "" {
			t.Errorf("%s: it does not say what it is and how it is set up", p.folder)
		}
		if p.goal() == 0 && filepath.Base(p.folder) != "authlib" {
			t.Errorf("%s: no goal says how grantd should do beside it", p.folder)
		}
	}
}

func TestRequestsToPeers(t *testing.T) {
	p, err := parsePeer([]byte(examplePeerJSON))
	if err != nil {
		t.Fatal(err)
	}
	seen := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		seen = r.URL.Path + " " + r.PostFormValue("token") + " " + r.PostForm.Encode() + " " + id + " " + secret
		w.Write([]byte(`{"active": true, "access_token":"a.b"}`))
	}))
	defer server.Close()
	host := server.Listener.Addr().String()
	tests := []struct {
		name, token string
		call        call
		want        string
	}{
		{"Basic, form-encoded", "", p.Tokens[0].call, "/t  grant_type=client_credentials&scope=x a%3Ab s"},
		{"a body without a grant type", "", p.Tokens[1].call, "/o  client_id=a&client_secret=s&grant_type=client_credentials  "},
		{"introspection", "x+y", *p.Tokens[0].Introspection, "/i x+y client_id=a&client_secret=s&token=x%2By  "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request, err := test.call.request(host, test.token)
			if err != nil {
				t.Fatal(err)
			}
			err = confirm(t.Context(), host, request)
			if err != nil || seen != test.want {
				t.Errorf("got %q and %v, want %q", seen, err, test.want)
			}
		})
	}
	request, err := p.Tokens[1].request(host, "")
	if err != nil {
		t.Fatal(err)
	}
	token, err := p.Tokens[1].get(t.Context(), host, request)
	if err != nil || token != "a.b" {
		t.Errorf("got the token %q and %v, want a.b", token, err)
	}
	_, err = p.Tokens[0].get(t.Context(), host, request)
	if err == nil || !strings.Contains(err.Error(), "not ES256") {
		t.Errorf("an opaque token in place of a JWT: got %v", err)
	}
}

func TestVariantsAreNotIntrospectedAgain(t *testing.T) {
	there := &call{}
	peers := []peer{
		{folder: "x/a", Tokens: []ware{{Format: "ES256", Introspection: there}, {Format: "opaque"}}},
		{folder: "x/a-slow", Tokens: []ware{{Format: "ES256", Introspection: there}, {Format: "opaque", Introspection: there}}},
		{folder: "x/ab", Tokens: []ware{{Format: "ES256", Introspection: there}}},
	}
	dropRepetitions(peers)
	var got []bool
	for _, p := range peers {
		for _, w := range p.Tokens {
			got = append(got, w.Introspection != nil)
		}
	}
	diff := cmp.Diff([]bool{true, false, false, true, true}, got)
	if diff != "" {
		t.Errorf("introspections (-want +got):\n%s", diff)
	}
}

func TestGoalsOfPeers(t *testing.T) {
	for folder, want := range map[string]float64{"a/fosite": 1.4, "a/fosite-bcrypt": 1.4, "a/fosite-sqlite": 50, "a/oidc-provider": 5, "a/keycloak": 10, "a/hydra": 50, "a/authlib": 0} {
		if got := (peer{folder: folder}).goal(); got != want {
			t.Errorf("%s: got %v, want %v", folder, got, want)
		}
	}
}
