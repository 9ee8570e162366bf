package clients

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"

	"github.com/grantd/grantd/test/blackbox"
)

// opaqueAPI has opaque tokens that end before x/oauth2 would use them twice: it
// asks for a new one ten seconds before the old one expires.
const opaqueAPI = "https://opaque.example"

type lifeFixture struct {
	fixture
	// api is the key of the resource server behind both APIs.
	api blackbox.Key
}

func newLifeFixture(t *testing.T) lifeFixture {
	t.Helper()
	f := lifeFixture{fixture: newFixture(t)}
	f.CreateAPI(t, "--audience", opaqueAPI, "--scope", "/opaque.read", "--token-format", "opaque", "--access-token-lifetime", "9s")
	f.api = f.CreateKey(t, "--name", "api", "--scope", "/opaque.read")
	for _, audience := range []string{es256API, opaqueAPI} {
		r := blackbox.Run(t, "", "api", "resource-server", "add", "--data", f.Options.Data, "--", audience, f.api.ID)
		if r.Code != 0 {
			t.Fatalf("api resource-server add: %s", r.Stderr)
		}
	}
	return f
}

// refreshing makes a key that may refresh tokens of the opaque API.
func (f lifeFixture) refreshing(t *testing.T, flags ...string) blackbox.Key {
	t.Helper()
	return f.CreateKey(t, append([]string{
		"--name", "loop", "--scope", "/opaque.read", "--grant-type", "client_credentials", "--grant-type", "refresh_token",
	}, flags...)...)
}

// active asks as the resource server.
func (f lifeFixture) active(t *testing.T, token string) bool {
	t.Helper()
	body, status, _ := curl(t, "-u", f.api.ID+":"+f.api.Secret, "-d", "token="+token, f.URL+"/oauth2/introspect")
	var answer struct {
		Active bool `json:"active"`
	}
	err := json.Unmarshal([]byte(body), &answer)
	if err != nil || status != "200" {
		t.Fatalf("got %s %s (%v), want an introspection response", status, body, err)
	}
	return answer.Active
}

func TestXOAuth2FollowsTheRotationOfRefreshTokens(t *testing.T) {
	f := newLifeFixture(t)
	k := f.refreshing(t)
	first := f.Token(t, k, nil)
	config := oauth2.Config{ClientID: k.ID, ClientSecret: k.Secret, Endpoint: oauth2.Endpoint{TokenURL: f.URL + "/oauth2/token"}}
	source := config.TokenSource(t.Context(), &oauth2.Token{RefreshToken: first.RefreshToken})
	seen := map[string]bool{first.RefreshToken: true, first.AccessToken: true}
	for range 20 {
		token, err := source.Token()
		if err != nil {
			t.Fatal(err)
		}
		f.Hide(token.AccessToken, token.RefreshToken)
		if seen[token.AccessToken] || seen[token.RefreshToken] {
			t.Fatal("got a token twice, want a new one each time")
		}
		seen[token.AccessToken], seen[token.RefreshToken] = true, true
		if !f.active(t, token.AccessToken) {
			t.Fatal("the resource server does not know the new access token")
		}
	}
	// The thief of the first token ends it all.
	thief := config.TokenSource(t.Context(), &oauth2.Token{RefreshToken: first.RefreshToken})
	for i, user := range []oauth2.TokenSource{thief, source} {
		_, err := user.Token()
		refused, ok := errors.AsType[*oauth2.RetrieveError](err)
		if !ok || refused.ErrorCode != "invalid_grant" {
			t.Errorf("user %d: got %v, want invalid_grant", i, err)
		}
	}
}

func TestXOAuth2KeepsARefreshTokenThatIsNotRotated(t *testing.T) {
	f := newLifeFixture(t)
	k := f.refreshing(t, "--refresh-rotation", "off")
	first := f.Token(t, k, nil)
	config := oauth2.Config{ClientID: k.ID, ClientSecret: k.Secret, Endpoint: oauth2.Endpoint{TokenURL: f.URL + "/oauth2/token"}}
	source := config.TokenSource(t.Context(), &oauth2.Token{RefreshToken: first.RefreshToken})
	for range 3 {
		token, err := source.Token()
		if err != nil || token.RefreshToken != first.RefreshToken {
			t.Fatalf("got error %v, want the refresh token that was sent", err)
		}
		f.Hide(token.AccessToken)
	}
}

func TestMoovSDKRevokes(t *testing.T) {
	f := newLifeFixture(t)
	type call struct {
		URL          string `json:"url"`
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
		Credentials  string `json:"credentials"`
		Token        string `json:"token"`
		Hint         string `json:"token_type_hint,omitempty"`
	}
	var calls []call
	var issued []blackbox.Token
	for _, c := range []struct{ credentials, hint string }{
		{"basic", ""}, {"body", "access_token"}, {"both", "refresh_token"},
	} {
		token := f.Token(t, f.sdk, nil)
		issued = append(issued, token)
		calls = append(calls, call{f.URL, f.sdk.ID, f.sdk.Secret, c.credentials, token.AccessToken, c.hint})
	}
	family := f.Token(t, f.sdk, nil)
	another := f.Token(t, f.plain, nil)
	calls = append(calls,
		call{f.URL, f.sdk.ID, f.sdk.Secret, "both", family.RefreshToken, "refresh_token"},
		call{f.URL, f.sdk.ID, f.sdk.Secret, "both", "i1qxz68gu50zp4i8ceyxqogmq7y0yienm52351c6", ""},
		call{f.URL, f.sdk.ID, f.sdk.Secret, "both", another.AccessToken, ""},
	)
	var answers []moovAnswer
	python(t, "moov_revoke.py", calls, &answers)
	if len(answers) != len(calls) {
		t.Fatalf("got %d answers, want %d", len(answers), len(calls))
	}
	for i, a := range answers[:len(calls)-1] {
		if a.Error != "" {
			t.Errorf("call %d: the SDK raised %s %d %s, want success", i, a.Error, a.Status, a.Body)
		}
	}
	for i, token := range append(issued, family) {
		if f.active(t, token.AccessToken) {
			t.Errorf("access token %d is active after it was revoked", i)
		}
	}
	refused := answers[len(answers)-1]
	if refused.Error != "GenericError" || refused.Status != 400 || !f.active(t, another.AccessToken) {
		t.Errorf("the token of another key: got %s %d %s, want a GenericError with 400 and a token that lives on", refused.Error, refused.Status, refused.Body)
	}
}

func TestCurlRevokes(t *testing.T) {
	f := newLifeFixture(t)
	credentials := fmt.Sprintf(`"client_id":%q,"client_secret":%q`, f.sdk.ID, f.sdk.Secret)
	basic := []string{"-u", f.sdk.ID + ":" + f.sdk.Secret}
	cases := []struct {
		name   string
		args   func(token string) []string
		status string
	}{
		{"RFC 7009 §2.1: Basic credentials and a form", func(token string) []string { return join(basic, []string{"-d", "token=" + token}) }, "200"},
		{"credentials in the form and a hint that is wrong", func(token string) []string {
			return []string{"-d", "client_id=" + f.sdk.ID, "-d", "client_secret=" + f.sdk.Secret, "-d", "token=" + token, "-d", "token_type_hint=pizza"}
		}, "200"},
		{"curl --json", func(token string) []string { return jsonFlags(t, fmt.Sprintf(`{%s,"token":%q}`, credentials, token)) }, "204"},
		{"a JSON object under curl's form content type", func(token string) []string {
			return []string{"-d", fmt.Sprintf(`{%s,"token":%q,"token_type_hint":"access_token"}`, credentials, token)}
		}, "204"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			token := f.Token(t, f.sdk, nil)
			// Once for the token, once more because it is revoked, once with the refresh token.
			for _, text := range []string{token.AccessToken, token.AccessToken, token.RefreshToken} {
				body, status, _ := curl(t, append(c.args(text), f.URL+"/oauth2/revoke")...)
				if status != c.status || body != "" {
					t.Errorf("got %s %q, want %s and nothing", status, body, c.status)
				}
				if f.active(t, token.AccessToken) {
					t.Error("the access token is active after it was revoked")
				}
			}
			body, status, _ := curl(t, append(basic, "-d", "grant_type=refresh_token", "-d", "refresh_token="+token.RefreshToken, f.URL+"/oauth2/token")...)
			if status != "400" || !strings.Contains(body, `"invalid_grant"`) {
				t.Errorf("the refresh token after it was revoked: got %s %s, want invalid_grant", status, body)
			}
		})
	}
}

func TestCurlIntrospects(t *testing.T) {
	f := newLifeFixture(t)
	token := f.Token(t, f.plain, nil)
	object := fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"token":%q}`, f.api.ID, f.api.Secret, token.AccessToken)
	cases := []struct {
		name string
		args []string
	}{
		{"Basic credentials and a form", []string{"-u", f.api.ID + ":" + f.api.Secret, "-d", "token=" + token.AccessToken}},
		{"curl --json", jsonFlags(t, object)},
		{"a JSON object under curl's form content type", []string{"-d", object}},
		{"the owner itself", []string{"-u", f.plain.ID + ":" + f.plain.Secret, "-d", "token=" + token.AccessToken}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, status, _ := curl(t, append(c.args, f.URL+"/oauth2/introspect")...)
			var got struct {
				Active          bool
				ClientID        string `json:"client_id"`
				Scope, Aud, Iss string
				TokenType       string `json:"token_type"`
				Exp, Iat        int64
			}
			err := json.Unmarshal([]byte(body), &got)
			if err != nil || status != "200" || !got.Active || got.ClientID != f.plain.ID || got.Scope != both || got.Aud != es256API ||
				got.Iss != f.URL || got.TokenType != "Bearer" || got.Exp-got.Iat != 3600 {
				t.Errorf("got %s %s (%v), want what the token says", status, body, err)
			}
		})
	}
	for name, args := range map[string][]string{
		"a key that is neither owner nor resource server": {"-u", f.sdk.ID + ":" + f.sdk.Secret, "-d", "token=" + token.AccessToken},
		"a token that is none":                            {"-u", f.api.ID + ":" + f.api.Secret, "-d", "token=nonsense"},
	} {
		body, status, _ := curl(t, append(args, f.URL+"/oauth2/introspect")...)
		if status != "200" || body != `{"active":false}` {
			t.Errorf("%s: got %s %s, want active false and nothing else", name, status, body)
		}
	}
}

func TestStockVerifierReadsASignedIntrospection(t *testing.T) {
	f := newLifeFixture(t)
	token := f.Token(t, f.plain, nil)
	body, status, _ := curl(t, "-u", f.api.ID+":"+f.api.Secret, "-H", "Accept: application/token-introspection+jwt",
		"-d", "token="+token.AccessToken, f.URL+"/oauth2/introspect")
	keys, err := keyfunc.NewDefaultCtx(t.Context(), []string{f.jwks})
	if err != nil {
		t.Fatalf("read %s: %v", f.jwks, err)
	}
	claims := jwt.MapClaims{}
	read, err := jwt.ParseWithClaims(body, claims, keys.Keyfunc,
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(f.URL), jwt.WithAudience(f.api.ID), jwt.WithIssuedAt(), jwt.WithLeeway(time.Second))
	if err != nil {
		t.Fatalf("got %s %s: %v", status, body, err)
	}
	inside, _ := claims["token_introspection"].(map[string]any)
	if read.Header["typ"] != "token-introspection+jwt" || inside["active"] != true || inside["client_id"] != f.plain.ID {
		t.Errorf("got header %v and claims %v, want an introspection of the token", read.Header, claims)
	}
}
