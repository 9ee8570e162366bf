package token

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// signed is a JWT of our own signing key that says what a test wants.
func (k *kit) signed(t testing.TB, typ, payload string) string {
	t.Helper()
	w := workspace{payload: []byte(payload)}
	token, err := w.sign(k.ring.Active(keys.ES256, k.now()), typ, false)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// A build before this one gave its tokens ids without the time in them.
func TestATokenWithARandomIDWasIssuedAtItsIAT(t *testing.T) {
	k := newKit(t)
	k.advance(2 * time.Minute)
	id := identity{token: newFamily()}
	issued := k.now().Add(-time.Minute).Unix()
	token := k.signed(t, "at+jwt", fmt.Sprintf(
		`{"iss":%q,"sub":"owner","client_id":"owner","aud":%q,"scope":"/jwt","iat":%d,"exp":%d,"jti":%q}`,
		issuer, jwtAPI, issued, issued+3600, id.append(nil)))
	if !k.active(t, "owner", token) {
		t.Fatal("it is not active")
	}
	if got := k.reader.Inspect(token).IssuedAt.Unix(); got != issued {
		t.Errorf("it was issued at %d, want %d", got, issued)
	}
	k.write(t, store.RevokeClientTokens{ID: "owner", Before: k.now()})
	k.sync(t)
	if k.active(t, "owner", token) {
		t.Error("it outlives the end of all tokens of its key")
	}
}

// What our own key signed is not therefore an access token.
func TestOnlyAccessTokensAreTakenForAccessTokens(t *testing.T) {
	k := newKit(t)
	claims := func(change func(map[string]string)) string {
		members := map[string]string{
			"iss": `"` + issuer + `"`, "sub": `"owner"`, "client_id": `"owner"`, "aud": `"` + jwtAPI + `"`, "scope": `"/jwt"`,
			"iat": fmt.Sprint(k.now().Unix()), "exp": fmt.Sprint(k.now().Add(time.Hour).Unix()),
		}
		id := identity{token: newID(k.now())}
		members["jti"] = `"` + string(id.append(nil)) + `"`
		if change != nil {
			change(members)
		}
		var list []string
		for name, value := range members {
			list = append(list, `"`+name+`":`+value)
		}
		return "{" + strings.Join(list, ",") + "}"
	}
	set := func(name, value string) string {
		return claims(func(m map[string]string) { m[name] = value })
	}
	without := func(name string) string {
		return claims(func(m map[string]string) { delete(m, name) })
	}
	for _, tt := range []struct {
		name, typ, payload string
		want               bool
	}{
		{"RFC 9068 §4: typ at+jwt", "at+jwt", claims(nil), true},
		{"an API may want typ JWT", "JWT", claims(nil), true},
		{"several audiences", "at+jwt", set("aud", `["`+jwtAPI+`","`+opaqueAPI+`"]`), true},
		{"RFC 9701 §8.1: typ token-introspection+jwt", "token-introspection+jwt", claims(nil), false},
		{"no typ", "", claims(nil), false},
		{"another typ", "secevent+jwt", claims(nil), false},
		{"typ in another case", "AT+JWT", claims(nil), false},
		{"another issuer", "at+jwt", set("iss", `"https://another.example"`), false},
		{"no issuer", "at+jwt", without("iss"), false},
		{"no client_id", "at+jwt", without("client_id"), false},
		{"an unknown client_id", "at+jwt", set("client_id", `"nobody"`), false},
		{"no jti", "at+jwt", without("jti"), false},
		{"a jti of another kind", "at+jwt", set("jti", `"4f1g23a12aa"`), false},
		{"no exp", "at+jwt", without("exp"), false},
		{"exp is a text", "at+jwt", set("exp", `"9999999999"`), false},
		{"aud is a number", "at+jwt", set("aud", "1"), false},
		{"a member twice", "at+jwt", strings.Replace(claims(nil), "{", `{"scope":"/opaque",`, 1), false},
		{"no object", "at+jwt", `"text"`, false},
		{"an empty object", "at+jwt", `{}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			token := k.signed(t, tt.typ, tt.payload)
			if got := k.active(t, ownerKey, token); got != tt.want {
				t.Errorf("active is %t for %s of %s", got, tt.payload, tt.typ)
			}
			rows := k.auditRows(t)
			status, body := k.post(t, "revoke", ownerKey, "token="+token)
			if written := k.auditRows(t) > rows; written != tt.want || k.active(t, ownerKey, token) {
				t.Errorf("revoke: got %d %s, and it was written: %t", status, body, written)
			}
		})
	}
}

// Handles of one kind are not taken for those of another, whatever their prefix.
func TestHandlesAreNotTakenForEachOther(t *testing.T) {
	k := newKit(t)
	tokens := k.grant(t, ownerKey, "/opaque")
	for _, token := range []string{
		keys.RefreshTokenPrefix + strings.TrimPrefix(tokens.AccessToken, keys.AccessTokenPrefix),
		keys.AccessTokenPrefix + strings.TrimPrefix(tokens.RefreshToken, keys.RefreshTokenPrefix),
	} {
		if k.active(t, ownerKey, token) {
			t.Errorf("%s is active", token)
		}
		status, body := k.post(t, "token", ownerKey, "grant_type=refresh_token&refresh_token="+token)
		if status != http.StatusBadRequest {
			t.Errorf("refresh: got %d %s", status, body)
		}
	}
}

// Whatever is sent as a token, it is inactive unless it is one that was issued.
func FuzzIntrospection(f *testing.F) {
	k := newKit(f)
	opaque, jwt := k.grant(f, ownerKey, "/opaque"), k.grant(f, ownerKey, "/jwt")
	good := map[string]bool{opaque.AccessToken: true, opaque.RefreshToken: true, jwt.AccessToken: true, jwt.RefreshToken: true}
	for token := range good {
		f.Add(token)
		f.Add(token[:len(token)-1])
		f.Add(strings.Replace(token, "A", "B", 1))
	}
	header, rest, _ := strings.Cut(jwt.AccessToken, ".")
	for _, head := range []string{`{"alg":"none"}`, `{"alg":"HS256"}`, `{"alg":"ES256","jwk":{}}`, `{"alg":"ES256","crit":["x"],"x":1}`} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + rest)
	}
	f.Add(header + "..")
	f.Add(header + "." + rest + ".")
	f.Add("gda_\n" + opaque.AccessToken[4:])
	f.Add(`{"payload":"e30","signatures":[]}`)
	f.Fuzz(func(t *testing.T, token string) {
		status, body := k.post(t, "introspect", ownerKey, "token="+url.QueryEscape(token))
		switch {
		case good[token] && status == http.StatusOK && strings.HasPrefix(body, `{"active":true,`):
		case !good[token] && status == http.StatusOK && body == `{"active":false}`:
		case !good[token] && status == http.StatusBadRequest:
			// It is empty, too long, or no text.
		default:
			t.Errorf("%q: got %d %s", token, status, body)
		}
	})
}
