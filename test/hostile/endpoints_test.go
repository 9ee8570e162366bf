package hostile

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

const (
	revokePath     = "/oauth2/revoke"
	introspectPath = "/oauth2/introspect"
	inactive       = `{"active":false}`
)

// question is a request to one of the endpoints that take a token, and what must
// come back: an error's code, or else the whole body.
type question struct {
	name    string
	request request
	status  int
	code    string
	body    string
}

func (f fixture) ask(t *testing.T, questions []question) {
	t.Helper()
	for _, q := range questions {
		t.Run(q.name, func(t *testing.T) {
			got := f.send(t, q.request)
			if q.code != "" {
				checkError(t, got, q.status, q.code)
				return
			}
			if got.status != q.status || got.body != q.body {
				t.Errorf("got %d %.300q, want %d %q", got.status, got.body, q.status, q.body)
			}
			if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Pragma") != "no-cache" {
				t.Errorf("the answer may be cached: %v", got.header)
			}
		})
	}
}

// about asks about a token as the key does.
func about(path, token string, k blackbox.Key) request {
	return request{path: path, body: "token=" + url.QueryEscape(token), key: k}
}

// forged are texts that look like tokens of this server.
func (f fixture) forged(t *testing.T) map[string]string {
	t.Helper()
	good := f.Token(t, f.refresher, nil)
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	parts := strings.Split(good.AccessToken, ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := encode(strings.Replace(string(claims), `"iss":"`, `"iss":"x`, 1))
	forged := map[string]string{
		"a token without a signature":             encode(`{"alg":"none","typ":"at+jwt"}`) + "." + parts[1] + ".",
		"a token that is signed with the key set": encode(`{"alg":"HS256","typ":"at+jwt"}`) + "." + parts[1] + "." + parts[2],
		"a token that brings its own key":         encode(`{"alg":"ES256","typ":"at+jwt","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}`) + "." + parts[1] + "." + parts[2],
		"a token whose key lies elsewhere":        encode(`{"alg":"ES256","typ":"at+jwt","jku":"https://evil.example/jwks","kid":"x"}`) + "." + parts[1] + "." + parts[2],
		"a kid that is a path":                    encode(`{"alg":"ES256","typ":"at+jwt","kid":"../../../../etc/passwd"}`) + "." + parts[1] + "." + parts[2],
		"a token with another payload":            parts[0] + "." + elsewhere + "." + parts[2],
		"a token in the JSON serialization":       fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, parts[0], parts[1], parts[2]),
		"a token with something after it":         good.AccessToken + ".x",
		"a token with a space after it":           good.AccessToken + " ",
		"a token that was cut":                    good.AccessToken[:len(good.AccessToken)-8],
		"a refresh token that was cut":            good.RefreshToken[:len(good.RefreshToken)-1],
		"a prefix":                                "gda_",
		"a prefix with rubbish":                   "gdr_" + strings.Repeat("A", 300),
		"a prefix with other rubbish":             "gda_\x01é\"\\<>",
		"a refresh token under another prefix":    "gda_" + strings.TrimPrefix(good.RefreshToken, "gdr_"),
		"dots":                                    "..",
		"16 000 dots":                             strings.Repeat(".", 16_000),
		"markup":                                  "<script>alert(1)</script>",
		"a secret":                                f.plain.Secret,
		"a client id":                             f.plain.ID,
	}
	for _, text := range forged {
		if len(text) > 20 {
			f.Hide(text)
		}
	}
	return forged
}

// badRequests are what both endpoints refuse in the same way.
func (f fixture) badRequests(path string, token string) []question {
	post := func(body string) request { return request{path: path, body: body, key: f.plain} }
	object := func(body string) request { return request{path: path, kind: jsonType, body: body, key: f.plain} }
	dots := strings.Repeat(".", million)
	inURL := request{path: path + "?token=" + token, key: f.plain}
	hidden := request{path: path + "?t%6Fken=x", body: "token=x", key: f.plain}
	return []question{
		{"a token in the URL", inURL, 400, "invalid_request", ""},
		{"a token in the URL under an encoded name", hidden, 400, "invalid_request", ""},
		{"no token", post("x=y"), 400, "invalid_request", ""},
		{"an empty token", post("token="), 400, "invalid_request", ""},
		{"an empty body", post(""), 400, "invalid_request", ""},
		{"a repeated token", post("token=x&token=x"), 400, "invalid_request", ""},
		{"a repeated hint", post("token=x&token_type_hint=a&token_type_hint=b"), 400, "invalid_request", ""},
		{"a name in another case is another name", post("Token=x"), 400, "invalid_request", ""},
		{"a broken escape", post("token=%zz"), 400, "invalid_request", ""},
		{"NUL", post("token=%00"), 400, "invalid_request", ""},
		{"multipart", request{path: path, kind: "multipart/form-data; boundary=x", body: "--x\r\n", key: f.plain}, 400, "invalid_request", ""},
		{"a member twice", object(`{"token":"x","token":"x"}`), 400, "invalid_request", ""},
		{"a member twice, once escaped", object(`{"token":"x","t\u006fken":"y"}`), 400, "invalid_request", ""},
		{"a member in another case", object(`{"Token":"x"}`), 400, "invalid_request", ""},
		{"null as token", object(`{"token":null}`), 400, "invalid_request", ""},
		{"a number as token", object(`{"token":1}`), 400, "invalid_request", ""},
		{"an array as token", object(`{"token":["x"]}`), 400, "invalid_request", ""},
		{"an object as token", object(`{"token":{"a":"b"}}`), 400, "invalid_request", ""},
		{"a number as hint", object(`{"token":"x","token_type_hint":1}`), 400, "invalid_request", ""},
		{"two objects", object(`{"token":"x"}{}`), 400, "invalid_request", ""},
		{"a form under the JSON content type", object("token=x"), 400, "invalid_request", ""},
		{"a token of one million dots", post("token=" + dots), 413, "invalid_request", ""},
		{"a token of one million dots in JSON", object(`{"token":"` + dots + `"}`), 413, "invalid_request", ""},
		{"a token of 60 000 dots", post("token=" + dots[:60_000]), 400, "invalid_request", ""},
		{"a hint of 60 000 dots", post("token=x&token_type_hint=" + dots[:60_000]), 400, "invalid_request", ""},
	}
}

// badCallers are who both endpoints refuse, whatever the token.
func (f fixture) badCallers(path string, token string) []question {
	twice := about(path, token, f.plain)
	twice.body += "&client_id=" + f.plain.ID + "&client_secret=" + f.plain.Secret
	bearer := about(path, token, blackbox.Key{})
	bearer.header = map[string]string{"Authorization": "Bearer " + token}
	return []question{
		{"no credentials", about(path, token, blackbox.Key{}), 401, "invalid_client", ""},
		{"a wrong secret", about(path, token, blackbox.Key{ID: f.plain.ID, Secret: "wrong"}), 401, "invalid_client", ""},
		{"an unknown key", about(path, token, blackbox.Key{ID: "AAAAAAAAAAAAAAAA", Secret: f.plain.Secret}), 401, "invalid_client", ""},
		{"a disabled key", about(path, token, f.disabled), 401, "invalid_client", ""},
		{"a disabled key that asks about its own token", about(path, f.disabledToken.AccessToken, f.disabled), 401, "invalid_client", ""},
		{"the token itself as credentials", bearer, 401, "invalid_client", ""},
		{"Basic and a secret in the form are two methods", twice, 400, "invalid_request", ""},
	}
}

func (f fixture) testRevocation(t *testing.T) {
	mine := f.Token(t, f.refresher, nil)
	f.ask(t, f.badRequests(revokePath, mine.AccessToken))
	f.ask(t, f.badCallers(revokePath, mine.AccessToken))
	for name, text := range f.forged(t) {
		f.ask(t, []question{{name + " is as good as revoked", about(revokePath, text, f.refresher), 200, "", ""}})
	}
	hint := about(revokePath, "x", f.refresher)
	hint.body += "&token_type_hint=" + url.QueryEscape(`"\é<script>`)
	object := request{path: revokePath, kind: jsonType, body: `{"token":"x","token_type_hint":"<script>"}`, key: f.refresher}
	f.ask(t, []question{
		{"the access token of another key", about(revokePath, mine.AccessToken, f.other), 400, "invalid_grant", ""},
		{"the refresh token of another key", about(revokePath, mine.RefreshToken, f.other), 400, "invalid_grant", ""},
		{"a resource server may not revoke", about(revokePath, mine.AccessToken, f.judge), 400, "invalid_grant", ""},
		{"a hint that nobody knows", hint, 200, "", ""},
		{"a hint that nobody knows, in JSON", object, 204, "", ""},
	})
	// After all of it the tokens are as they were.
	for _, text := range []string{mine.AccessToken, mine.RefreshToken} {
		f.checkActive(t, about(introspectPath, text, f.refresher), true)
	}
	f.ask(t, []question{
		{"RFC 7009 §2.2: a revocation", about(revokePath, mine.RefreshToken, f.refresher), 200, "", ""},
		{"RFC 7009 §2.2: a token that was revoked is as good as revoked", about(revokePath, mine.RefreshToken, f.refresher), 200, "", ""},
	})
	for _, text := range []string{mine.AccessToken, mine.RefreshToken} {
		f.checkActive(t, about(introspectPath, text, f.refresher), false)
	}
}

func (f fixture) testIntrospection(t *testing.T) {
	mine := f.Token(t, f.refresher, nil)
	f.ask(t, f.badRequests(introspectPath, mine.AccessToken))
	f.ask(t, f.badCallers(introspectPath, mine.AccessToken))
	for name, text := range f.forged(t) {
		f.ask(t, []question{{name + " is not active", about(introspectPath, text, f.judge), 200, "", inactive}})
	}
	f.ask(t, []question{
		{"RFC 7662 §2.2: the token of another key is not active", about(introspectPath, mine.AccessToken, f.other), 200, "", inactive},
		{"the refresh token of another key is not active", about(introspectPath, mine.RefreshToken, f.judge), 200, "", inactive},
		{"the token of a key that was disabled is not active", about(introspectPath, f.disabledToken.AccessToken, f.judge), 200, "", inactive},
	})
	f.checkActive(t, about(introspectPath, mine.AccessToken, f.judge), true)
	for _, accept := range []string{"image/png", "*/*;q=zzz", strings.Repeat("a/b,", 5000), "application/token-introspection+jwt;q=9", ",;,=,;q=", "\""} {
		r := about(introspectPath, mine.AccessToken, f.judge)
		r.header = map[string]string{"Accept": accept}
		f.checkActive(t, r, true)
	}
	signed := about(introspectPath, "x", f.judge)
	signed.header = map[string]string{"Accept": "application/token-introspection+jwt"}
	answered := f.send(t, signed)
	f.Hide(answered.body)
	f.ask(t, []question{{"an answer is no token", about(introspectPath, answered.body, f.judge), 200, "", inactive}})
}

func (f fixture) checkActive(t *testing.T, r request, want bool) {
	t.Helper()
	got := f.send(t, r)
	if active := strings.HasPrefix(got.body, `{"active":true,`); got.status != http.StatusOK || active != want || !active && got.body != inactive {
		t.Errorf("got %d %.300q, want active %v", got.status, got.body, want)
	}
	checkHeader(t, got.header)
}

// testUnknownCallers sends many good tokens without credentials; nobody looks at
// them, and who has credentials is served in time.
func (f fixture) testUnknownCallers(t *testing.T) {
	const callers, each = 8, 250
	token := f.Token(t, f.plain, nil).AccessToken
	var running sync.WaitGroup
	for caller := range callers {
		client := f.Client(t)
		stranger := about([]string{introspectPath, revokePath}[caller%2], token, blackbox.Key{})
		if caller%4 > 1 {
			stranger.key = blackbox.Key{ID: f.judge.ID, Secret: "wrong"}
		}
		running.Go(func() {
			for range each {
				resp, err := client.Do(f.build(t, stranger))
				if err != nil {
					t.Errorf("got no answer: %v", err)
					return
				}
				got, err := drain(resp)
				refused := got.status == http.StatusUnauthorized || got.status == http.StatusTooManyRequests && stranger.key.ID != ""
				if err != nil || !refused || strings.Contains(got.body, "active") {
					t.Errorf("got %d %.300q (%v), want 401, or 429 for one of many wrong secrets", got.status, got.body, err)
					return
				}
			}
		})
	}
	for range 20 {
		f.checkActive(t, about(introspectPath, token, f.judge), true)
	}
	running.Wait()
}
