package hostile

import (
	"net/url"
	"strings"
	"testing"
)

func (f fixture) testGrant(t *testing.T) {
	mine := f.Token(t, f.refresher, url.Values{"scope": {"/a.read"}})
	foreign := f.Token(t, f.other, nil)
	refresh := func(token, more string) request {
		return request{body: "grant_type=refresh_token&refresh_token=" + url.QueryEscape(token) + more, key: f.refresher}
	}
	mangled := []byte(mine.RefreshToken)
	mangled[len(mangled)/2] ^= 1
	f.Hide(string(mangled))
	post := func(body string) request { return request{body: body, key: f.plain} }
	f.try(t, []attempt{
		{"RFC 6749 §5.2: an unknown grant", post("grant_type=password"), 400, "unsupported_grant_type"},
		{"RFC 6749 §5.2: a grant in another case is unknown", post("grant_type=Client_Credentials"), 400, "unsupported_grant_type"},
		{"RFC 6749 §5.2: a grant with markup in it", post("grant_type=<script>alert(1)</script>"), 400, "unsupported_grant_type"},
		{"RFC 6749 §5.2: a grant that the key may not use", post("grant_type=refresh_token&refresh_token=x"), 400, "unauthorized_client"},
		{"RFC 6749 §6: a refresh token renews", refresh(mine.RefreshToken, ""), 200, ""},
		{"RFC 6749 §6: a refresh may name the same scope", refresh(mine.RefreshToken, "&scope=/a.read"), 200, ""},
		{"RFC 6749 §6: a refresh does not widen the scope", refresh(mine.RefreshToken, "&scope=/a.read+/a.write"), 400, "invalid_scope"},
		{"RFC 6749 §5.2: a refresh without a token", refresh("", ""), 400, "invalid_request"},
		{"RFC 6749 §5.2: a refresh token of another key", refresh(foreign.RefreshToken, ""), 400, "invalid_grant"},
		{"RFC 6749 §5.2: an altered refresh token", refresh(string(mangled), ""), 400, "invalid_grant"},
		{"RFC 6749 §5.2: a cut refresh token", refresh(mine.RefreshToken[:len(mine.RefreshToken)-1], ""), 400, "invalid_grant"},
		{"RFC 6749 §5.2: a refresh token with something after it", refresh(mine.RefreshToken+"A", ""), 400, "invalid_grant"},
		{"RFC 6749 §5.2: an access token is no refresh token", refresh(mine.AccessToken, ""), 400, "invalid_grant"},
		{"RFC 6749 §5.2: a refresh token that is nothing", refresh("%\x01é\"\\<>", ""), 400, "invalid_grant"},
		{"RFC 6749 §5.2: 16 000 dots as a refresh token", refresh(strings.Repeat(".", 16_000), ""), 400, "invalid_grant"},
		{"a refresh token where the scope belongs", request{body: grantForm + "&scope=" + url.QueryEscape(mine.RefreshToken), key: f.refresher}, 400, "invalid_scope"},
		{"a refresh token where the grant belongs", request{body: "grant_type=" + url.QueryEscape(mine.RefreshToken), key: f.refresher}, 400, "unsupported_grant_type"},
		{"a secret where the scope belongs", post(grantForm + "&scope=" + f.plain.Secret), 400, "invalid_scope"},
		{"a secret where the resource belongs", post(grantForm + "&resource=" + f.plain.Secret), 400, "invalid_target"},
		{"a secret where the id belongs", request{body: grantForm + "&client_id=" + f.plain.Secret + "&client_secret=x"}, 401, "invalid_client"},
		{"a refresh token beside client_credentials is ignored", post(grantForm + "&refresh_token=" + strings.Repeat("x", 1000)), 200, ""},
	})
}

func (f fixture) testScope(t *testing.T) {
	ask := func(scope string) request {
		return request{body: grantForm + "&scope=" + url.QueryEscape(scope), key: f.plain}
	}
	target := func(name, value string) request {
		return request{body: grantForm + "&" + name + "=" + url.QueryEscape(value), key: f.plain}
	}
	f.try(t, []attempt{
		{"RFC 6749 §3.3: order and repetition do not matter", ask("/a.write /a.read /a.write"), 200, ""},
		{"RFC 6749 §3.3: a scope is matched in its own case", ask("/A.READ"), 400, "invalid_scope"},
		{"RFC 6749 §5.2: a scope nobody knows", ask("/nothing"), 400, "invalid_scope"},
		{"RFC 6749 §5.2: a scope that is not granted beside one that is", ask("/a.read /other.read"), 400, "invalid_scope"},
		{"RFC 6749 §3.3: a quote in a scope", ask(`/a"b`), 400, "invalid_scope"},
		{"RFC 6749 §3.3: a backslash in a scope", ask(`/a\b`), 400, "invalid_scope"},
		{"RFC 6749 §3.3: a control character in a scope", ask("/a\x07b"), 400, "invalid_scope"},
		{"RFC 6749 §3.3: a letter outside ASCII in a scope", ask("/а.read"), 400, "invalid_scope"},
		{"RFC 6749 §3.3: a line break in a scope", ask("/a.read\r\nSet-Cookie: x=y"), 400, "invalid_scope"},
		{"RFC 6749 §3.3: a tab between scopes", ask("/a.read\t/a.write"), 400, "invalid_scope"},
		{"markup in a scope", ask("<script>alert(1)</script>"), 400, "invalid_scope"},
		{"a path that climbs in a scope", ask("/accounts/../a.read"), 400, "invalid_scope"},
		{"16 000 dots as a scope", ask(strings.Repeat(".", 16_000)), 400, "invalid_scope"},
		{"8 000 scopes", ask(strings.Repeat("a ", 8_000)), 400, "invalid_scope"},
		{"RFC 6749 §3.3: a key with templates only has no default scope", request{body: grantForm, key: f.template}, 400, "invalid_scope"},
		{"the template itself is not a scope", request{body: grantForm + "&scope=/accounts/{accountID}/wallets.read", key: f.template}, 400, "invalid_scope"},
		{"RFC 8707 §2: resource names the API", target("resource", audience), 200, ""},
		{"audience is the same as resource", target("audience", audience), 200, ""},
		{"RFC 8707 §2: an API nobody knows", target("resource", "https://nowhere.example"), 400, "invalid_target"},
		{"RFC 8707 §2: a resource that is not absolute", target("resource", "/api"), 400, "invalid_target"},
		{"RFC 8707 §2: a resource with a fragment", target("resource", audience+"#x"), 400, "invalid_target"},
		{"RFC 8707 §2: a resource that is no URI", target("resource", "::\x01\""), 400, "invalid_target"},
		{"RFC 8707 §2: 16 000 dots as a resource", target("resource", "https://"+strings.Repeat(".", 16_000)), 400, "invalid_target"},
	})
}
