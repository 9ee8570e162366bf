package clients

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

// curl runs curl and returns the body, the status and the HTTP version.
func curl(t *testing.T, args ...string) (string, string, string) {
	t.Helper()
	r := blackbox.Exec(t, "", "curl", append([]string{"-sS", "--max-time", "20", "-w", "\n%{http_code} %{http_version}"}, args...)...)
	if r.Code != 0 {
		t.Fatalf("curl %q: got exit code %d\n%s", args, r.Code, r.Stderr)
	}
	at := strings.LastIndexByte(r.Stdout, '\n')
	status, version, _ := strings.Cut(r.Stdout[at+1:], " ")
	return r.Stdout[:at], status, version
}

// jsonFlags are what curl --json stands for; curl knows it since 7.82.
func jsonFlags(t *testing.T, body string) []string {
	t.Helper()
	help := blackbox.Exec(t, "", "curl", "--help", "all")
	if strings.Contains(help.Stdout, "--json") {
		return []string{"--json", body}
	}
	return []string{"-H", "Content-Type: application/json", "-H", "Accept: application/json", "-d", body}
}

func TestCurl(t *testing.T) {
	f := newFixture(t)
	k := f.plain
	object := func(members string) string {
		return fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q%s}`, k.ID, k.Secret, members)
	}
	basic := []string{"-u", k.ID + ":" + k.Secret}
	form := []string{"-d", "grant_type=client_credentials"}
	cases := []struct {
		name  string
		args  []string
		scope string
	}{
		{"RFC 6749 §4.4.2: Basic credentials and a form", join(basic, form), both},
		{
			"RFC 6749 §2.3.1: credentials in the form",
			join(form, []string{"-d", "client_id=" + k.ID, "-d", "client_secret=" + k.Secret}), both,
		},
		{
			"RFC 6749 §3.3: one scope of two, form-encoded",
			join(basic, form, []string{"--data-urlencode", "scope=/accounts.write"}), "/accounts.write",
		},
		{
			"a raw space between two scopes, in the order asked for",
			join(basic, form, []string{"-d", "scope=/accounts.write /accounts.read"}), "/accounts.write /accounts.read",
		},
		{"a JSON object under curl's form content type", []string{"-d", object("")}, both},
		{
			"a JSON object under curl's form content type with Basic and the same credentials inside",
			join(basic, []string{"-d", object(`,"scope":"/accounts.read"`)}), "/accounts.read",
		},
		{"curl --json", jsonFlags(t, object(`,"scope":"/accounts.read"`)), "/accounts.read"},
		{
			"curl --json with Basic and no credentials inside",
			join(basic, jsonFlags(t, `{"grant_type":"client_credentials"}`)), both,
		},
		{"a chunked body", join(basic, form, []string{"-H", "Transfer-Encoding: chunked"}), both},
		{"Expect: 100-continue", join(basic, form, []string{"-H", "Expect: 100-continue"}), both},
		{"an Accept that names something else", join(basic, form, []string{"-H", "Accept: text/html"}), both},
		{"HTTP/1.0", join(basic, form, []string{"--http1.0"}), both},
	}
	var tokens []issued
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, status, _ := curl(t, append(c.args, f.URL+"/oauth2/token")...)
			if status != "200" {
				t.Fatalf("got %s %s, want 200", status, body)
			}
			tokens = append(tokens, issued{"curl: " + c.name, f.ParseToken(t, []byte(body)), expect(k, c.scope)})
		})
	}
	f.verify(t, tokens)
}

func TestCurlRefused(t *testing.T) {
	f := newFixture(t)
	cases := []struct {
		name         string
		args         []string
		status, code string
	}{
		{
			"RFC 6749 §5.2: curl sees 401 for a wrong secret",
			[]string{"-u", f.plain.ID + ":wrong", "-d", "grant_type=client_credentials"},
			"401", "invalid_client",
		},
		{
			"RFC 6749 §5.2: curl sees 400 for a scope that is not granted",
			[]string{"-u", f.plain.ID + ":" + f.plain.Secret, "-d", "grant_type=client_credentials&scope=/rs256.read"},
			"400", "invalid_scope",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, status, _ := curl(t, append(c.args, f.URL+"/oauth2/token")...)
			var e struct {
				Error string `json:"error"`
			}
			err := json.Unmarshal([]byte(body), &e)
			if err != nil || status != c.status || e.Error != c.code {
				t.Errorf("got %s %s (%v), want %s %s", status, body, err, c.status, c.code)
			}
		})
	}
}

func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
