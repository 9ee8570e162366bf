package server_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// The requests of this test are one table: what is sent, and what comes back.
// ID, SECRET, SDKID and SDKSECRET stand for the demo keys' credentials.
func TestTokenEndpoint(t *testing.T) {
	i := start(t, nil)
	fill := strings.NewReplacer(
		"SDKID", i.Demo.SDK.ClientID, "SDKSECRET", i.Demo.SDK.ClientSecret,
		"ID", i.Demo.Plain.ClientID, "SECRET", i.Demo.Plain.ClientSecret,
	)
	basic := func(id, secret string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(fill.Replace(id)+":"+fill.Replace(secret)))
	}
	const (
		grant = "grant_type=client_credentials"
		body  = "client_id=ID&client_secret=SECRET"
		js    = "application/json"
	)
	tests := []struct {
		name   string
		send   request
		status int
		code   string // the error, or empty for a token
		says   string // a part of the description, or of the whole answer
	}{
		// Client authentication.
		{"RFC 6749 §2.3.1: credentials in Basic", request{contentType: formType, body: grant, header: basic("ID", "SECRET")}, 200, "", `"token_type":"Bearer"`},
		{"RFC 6749 §2.3.1: credentials in the body", request{contentType: formType, body: grant + "&" + body}, 200, "", ""},
		{"RFC 7617 §2: the scheme is matched in any case", request{contentType: formType, body: grant, header: strings.Replace(basic("ID", "SECRET"), "Basic", "bAsIC", 1)}, 200, "", ""},
		{"JSON with the credentials in the body", request{contentType: js, body: `{"grant_type":"client_credentials","client_id":"ID","client_secret":"SECRET"}`}, 200, "", ""},
		{"JSON with the same credentials twice", request{contentType: js, body: `{"grant_type":"client_credentials","client_id":"ID","client_secret":"SECRET"}`, header: basic("ID", "SECRET")}, 200, "", ""},
		{"JSON with another secret in the body", request{contentType: js, body: `{"grant_type":"client_credentials","client_id":"ID","client_secret":"x"}`, header: basic("ID", "SECRET")}, 400, "invalid_request", "differs"},
		{"JSON under the form content type of curl -d", request{contentType: formType, body: ` {"grant_type":"client_credentials"}`, header: basic("ID", "SECRET")}, 200, "", ""},
		{"RFC 6749 §2.3: two methods in one form are refused", request{contentType: formType, body: grant + "&" + body, header: basic("ID", "SECRET")}, 400, "invalid_request", "in one of them"},
		{"the same client_id beside Basic", request{contentType: formType, body: grant + "&client_id=ID", header: basic("ID", "SECRET")}, 200, "", ""},
		{"another client_id beside Basic", request{contentType: formType, body: grant + "&client_id=SDKID", header: basic("ID", "SECRET")}, 400, "invalid_request", "client_id"},
		{"no credentials", request{contentType: formType, body: grant}, 401, "invalid_client", "send id and secret"},
		{"an id without a secret", request{contentType: formType, body: grant + "&client_id=ID"}, 401, "invalid_client", "send id and secret"},
		{"RFC 6749 §5.2: a wrong secret is 401", request{contentType: formType, body: grant, header: basic("ID", "wrong")}, 401, "invalid_client", "client authentication failed"},
		{"another key's secret", request{contentType: formType, body: grant, header: basic("ID", "SDKSECRET")}, 401, "invalid_client", "client authentication failed"},
		{"another scheme", request{contentType: formType, body: grant, header: "Bearer abc"}, 401, "invalid_client", "not Basic"},
		{"Basic without base64", request{contentType: formType, body: grant, header: "Basic ***"}, 401, "invalid_client", "not Basic"},
		{"Basic without a colon", request{contentType: formType, body: grant, header: "Basic " + base64.StdEncoding.EncodeToString([]byte("abc"))}, 401, "invalid_client", "not Basic"},
		{"RFC 6749 §2.3.1: credentials in the URL are refused", request{contentType: formType, path: "/oauth2/token?client_id=ID&client_secret=SECRET", body: grant}, 400, "invalid_request", "in the URL"},
		{"a parameter in the URL is not read", request{contentType: formType, path: "/oauth2/token?grant_type=client_credentials", header: basic("ID", "SECRET")}, 400, "invalid_request", "grant_type is missing"},

		// The request.
		{"RFC 6749 §3.2: GET is refused", request{method: "GET", contentType: formType}, 405, "invalid_request", "POST only"},
		{"no content type", request{body: grant, header: basic("ID", "SECRET")}, 400, "invalid_request", "Content-Type"},
		{"multipart", request{contentType: "multipart/form-data; boundary=x", body: grant, header: basic("ID", "SECRET")}, 400, "invalid_request", "Content-Type"},
		{"a content type in another case with a parameter", request{contentType: "Application/X-WWW-Form-URLencoded; charset=UTF-8", body: grant, header: basic("ID", "SECRET")}, 200, "", ""},
		{"no grant_type", request{contentType: formType, body: "scope=/ping.read", header: basic("ID", "SECRET")}, 400, "invalid_request", "grant_type is missing"},
		{"an empty grant_type", request{contentType: formType, body: "grant_type=", header: basic("ID", "SECRET")}, 400, "invalid_request", "grant_type is missing"},
		{"RFC 6749 §3.2: a repeated grant_type is refused", request{contentType: formType, body: grant + "&" + grant, header: basic("ID", "SECRET")}, 400, "invalid_request", "grant_type was sent more than once"},
		{"RFC 6749 §5.2: an unknown grant", request{contentType: formType, body: "grant_type=password", header: basic("ID", "SECRET")}, 400, "unsupported_grant_type", "client_credentials"},
		{"RFC 6749 §5.2: a grant the key may not use", request{contentType: formType, body: "grant_type=refresh_token&refresh_token=x", header: basic("ID", "SECRET")}, 400, "unauthorized_client", "refresh_token"},
		{"unknown parameters are ignored", request{contentType: formType, body: grant + "&client_type=web&nonsense=1", header: basic("ID", "SECRET")}, 200, "", ""},
		{"refresh_token beside client_credentials is ignored", request{contentType: formType, body: grant + "&refresh_token=i1qxz68gu50zp4i8ceyxqogmq7y0yienm52351c6", header: basic("ID", "SECRET")}, 200, "", ""},
		{"a body over 64 KiB", request{contentType: formType, body: grant + "&x=" + strings.Repeat("a", 65<<10), header: basic("ID", "SECRET")}, 413, "invalid_request", "64 KiB"},

		// Scopes.
		{"RFC 6749 §3.3: without scope the token has all that was granted", request{contentType: formType, body: grant, header: basic("ID", "SECRET")}, 200, "", `"scope":"/ping.read /accounts.read"`},
		{"RFC 6749 §3.3: request order is kept and repeats are dropped", request{contentType: formType, body: grant + "&scope=/accounts.read+/ping.read+/accounts.read", header: basic("ID", "SECRET")}, 200, "", `"scope":"/accounts.read /ping.read"`},
		{"a raw space in scope", request{contentType: formType, body: grant + "&scope=/accounts.read /ping.read", header: basic("ID", "SECRET")}, 200, "", `"scope":"/accounts.read /ping.read"`},
		{"RFC 6749 §4.4: a key gets what it was granted and no more", request{contentType: formType, body: grant + "&scope=/accounts.write", header: basic("ID", "SECRET")}, 400, "invalid_scope", "scope /accounts.write is not granted to this key; granted: /ping.read /accounts.read"},
		{"one granted and one not is refused as a whole", request{contentType: formType, body: grant + "&scope=/ping.read+/accounts.write", header: basic("ID", "SECRET")}, 400, "invalid_scope", "/accounts.write"},
		{"a malformed scope", request{contentType: formType, body: grant + "&scope=a%22b", header: basic("ID", "SECRET")}, 400, "invalid_scope", "character"},
		{"a value of a template", request{contentType: formType, body: grant + "&scope=/accounts/a1/wallets.read", header: basic("SDKID", "SDKSECRET")}, 200, "", `"scope":"/accounts/a1/wallets.read"`},
		{"a template itself", request{contentType: formType, body: grant + "&scope=" + url.QueryEscape("/accounts/{accountID}/wallets.read"), header: basic("SDKID", "SDKSECRET")}, 400, "invalid_scope", "concrete"},

		// Targets.
		{"RFC 8707 §2: resource names the API", request{contentType: formType, body: grant + "&resource=https://api.example.com", header: basic("ID", "SECRET")}, 200, "", ""},
		{"audience names the API", request{contentType: formType, body: grant + "&audience=https://api.example.com", header: basic("ID", "SECRET")}, 200, "", ""},
		{"RFC 8707 §2: an unknown resource", request{contentType: formType, body: grant + "&resource=https://other.example.com", header: basic("ID", "SECRET")}, 400, "invalid_target", "names no API"},
		{"RFC 8707 §2: a resource that is not absolute", request{contentType: formType, body: grant + "&resource=/accounts", header: basic("ID", "SECRET")}, 400, "invalid_target", "absolute"},
		{"RFC 8707 §2: a resource with a fragment", request{contentType: formType, body: grant + "&resource=https://api.example.com%23x", header: basic("ID", "SECRET")}, 400, "invalid_target", "fragment"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.send
			r.path, r.body = fill.Replace(r.path), fill.Replace(r.body)
			got := i.do(t, r)
			if got.status != tt.status || fmt.Sprint(got.fields["error"]) != orNil(tt.code) {
				t.Errorf("got %d %s, want %d %s", got.status, got.body, tt.status, tt.code)
			}
			if !strings.Contains(got.body, tt.says) {
				t.Errorf("got %s, want something about %q", got.body, tt.says)
			}
			if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Pragma") != "no-cache" {
				t.Errorf("the answer may be cached: %v", got.header)
			}
			if (got.status == 401) != (got.header.Get("WWW-Authenticate") != "") {
				t.Errorf("status %d with WWW-Authenticate %q", got.status, got.header.Get("WWW-Authenticate"))
			}
		})
	}
	log := i.log.String()
	for _, secret := range []string{i.Demo.Plain.ClientSecret, i.Demo.SDK.ClientSecret, "eyJ"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func orNil(code string) string {
	if code == "" {
		return "<nil>"
	}
	return code
}
