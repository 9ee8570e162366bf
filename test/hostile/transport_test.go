package hostile

import (
	"bufio"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
)

// grantForm is the shortest body that gets a token.
const grantForm = "grant_type=client_credentials"

func (f fixture) testTransport(t *testing.T) {
	t.Run("methods", f.testMethods)
	t.Run("query", f.testQuery)
	t.Run("media type", f.testMediaType)
	t.Run("paths", f.testPaths)
	t.Run("host", f.testHost)
}

func (f fixture) testMethods(t *testing.T) {
	cases := []struct{ name, path, allow string }{
		{"RFC 6749 §3.2: the token endpoint takes POST only", tokenPath, "POST"},
		{"the revocation endpoint takes POST only", revokePath, "POST"},
		{"the introspection endpoint takes POST only", introspectPath, "POST"},
		{"the key set is for reading", "/oauth2/jwks", "GET, HEAD"},
		{"the metadata are for reading", "/.well-known/oauth-authorization-server", "GET, HEAD"},
	}
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "POSTPOST"}
	for _, c := range cases {
		for _, method := range methods {
			if strings.Contains(" "+c.allow+",", " "+method+",") {
				continue
			}
			t.Run(c.name+": "+method, func(t *testing.T) {
				got := f.send(t, request{method: method, path: c.path, body: grantForm, key: f.plain})
				if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != c.allow {
					t.Errorf("got %d with Allow %q, want 405 with %q", got.status, got.header.Get("Allow"), c.allow)
				}
			})
		}
	}
}

func (f fixture) testQuery(t *testing.T) {
	credentials := "client_id=" + f.plain.ID + "&client_secret=" + f.plain.Secret
	f.try(t, []attempt{
		{"RFC 6749 §2.3.1: credentials in the URL are refused", request{path: tokenPath + "?" + credentials, body: grantForm}, 400, "invalid_request"},
		{"RFC 6749 §2.3.1: a secret in the URL is refused beside good credentials", request{path: tokenPath + "?client_secret=x", body: grantForm, key: f.plain}, 400, "invalid_request"},
		{"RFC 6749 §2.3.1: an encoded name does not hide a secret in the URL", request{path: tokenPath + "?client%5Fsecret=x", body: grantForm, key: f.plain}, 400, "invalid_request"},
		{"a refresh token in the URL is refused", request{path: tokenPath + "?refresh_token=x", body: grantForm, key: f.plain}, 400, "invalid_request"},
		{"a grant_type in the URL is not read", request{path: tokenPath + "?" + grantForm, body: "x=y", key: f.plain}, 400, "invalid_request"},
		{"a scope in the URL is not read", request{path: tokenPath + "?scope=/nothing", body: grantForm, key: f.plain}, 200, ""},
	})
}

func (f fixture) testMediaType(t *testing.T) {
	f.try(t, []attempt{
		{"no content type is refused", request{kind: "none", body: grantForm, key: f.plain}, 400, "invalid_request"},
		{"an empty content type is refused", request{kind: " ", body: grantForm, key: f.plain}, 400, "invalid_request"},
		{"multipart is refused", request{kind: "multipart/form-data; boundary=x", body: "--x\r\n", key: f.plain}, 400, "invalid_request"},
		{"text is refused", request{kind: "text/plain", body: grantForm, key: f.plain}, 400, "invalid_request"},
		{"XML is refused", request{kind: "application/xml", body: "<a/>", key: f.plain}, 400, "invalid_request"},
		{"a content type that begins like a form is refused", request{kind: formType + "x", body: grantForm, key: f.plain}, 400, "invalid_request"},
		{"the case of the content type does not matter", request{kind: "Application/X-WWW-Form-URLEncoded", body: grantForm, key: f.plain}, 200, ""},
		{"parameters of the content type do not matter", request{kind: formType + ` ; charset="utf-8"; x=y`, body: grantForm, key: f.plain}, 200, ""},
		{"broken parameters of the content type do not matter", request{kind: formType + "; charset", body: grantForm, key: f.plain}, 200, ""},
		{"Accept is no reason to refuse", request{body: grantForm, key: f.plain, header: map[string]string{"Accept": "image/png"}}, 200, ""},
		{"a body that says it is compressed is not unpacked", request{body: "\x1f\x8b\x08\x00", key: f.plain, header: map[string]string{"Content-Encoding": "gzip"}}, 400, "invalid_request"},
	})
}

func (f fixture) testPaths(t *testing.T) {
	for _, path := range []string{
		"/", tokenPath + "/", "/OAuth2/Token", "/oauth2", "/oauth2/token.json", "/oauth2/%2e%2e/token", "/metrics",
		"/admin", "/admin/v1/keys", "/debug/pprof/", "/" + strings.Repeat(".", 4000), "/%00", "/oauth2/token%00",
	} {
		t.Run("nothing is at "+path[:min(len(path), 30)], func(t *testing.T) {
			got := f.send(t, request{path: path, body: grantForm, key: f.plain})
			if got.status != http.StatusNotFound {
				t.Errorf("got %d %.200q, want 404", got.status, got.body)
			}
		})
	}
}

// testHost sees to it that a token never says what the caller wants it to say.
func (f fixture) testHost(t *testing.T) {
	for name, header := range map[string]string{
		"Host": "Host: evil.example", "X-Forwarded-Host": "Host: a\r\nX-Forwarded-Host: evil.example",
		"Forwarded": "Host: a\r\nForwarded: host=evil.example;proto=https",
	} {
		t.Run(name+" does not change the issuer", func(t *testing.T) {
			conn := f.dial(t)
			defer conn.Close()
			head := strings.Replace(f.head("Content-Length: 29"), "Host: a", header, 1)
			_, err := io.WriteString(conn, head+grantForm)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readAnswer(bufio.NewReader(conn))
			if err != nil {
				t.Fatal(err)
			}
			f.checkToken(t, got)
			parts := strings.Split(f.ParseToken(t, []byte(got.body)).AccessToken, ".")
			claims, err := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
			if err != nil || !strings.Contains(string(claims), `"iss":"`+f.URL+`"`) {
				t.Errorf("got claims %s (%v), want the issuer %s", claims, err, f.URL)
			}
		})
	}
}
