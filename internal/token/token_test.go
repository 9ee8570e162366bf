package token

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestClaimsAreJSONWhateverTheyHold(t *testing.T) {
	for _, id := range []string{"plain", `quote " and \ backslash`, "tab\tand\x01", "é€", "<script>"} {
		c := claims{
			issuer: "https://i.example", clientID: id, audience: []string{"https://a.example"}, scope: "/a /b",
			issued: time.Unix(1, 0), expires: time.Unix(2, 0), mode: store.Test, static: []byte(`,"tenant":"acme"`),
		}
		var got map[string]any
		text := c.append(nil)
		err := json.Unmarshal(text, &got)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		want := map[string]any{
			"iss": "https://i.example", "sub": id, "client_id": id, "aud": "https://a.example",
			"scope": "/a /b", "iat": 1.0, "exp": 2.0, "jti": strings.Repeat("A", 22),
			"mode": "test", "tenant": "acme",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", id, diff)
		}
	}
}

func TestAudience(t *testing.T) {
	tests := []struct {
		name     string
		audience []string
		want     string
	}{
		{"one audience is a string", []string{"https://a.example"}, `"https://a.example"`},
		{"RFC 7519 §4.1.3: several audiences are an array", []string{"https://a.example", "https://b.example", "https://c.example"}, `["https://a.example","https://b.example","https://c.example"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(appendAudience(nil, tt.audience)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestStaticClaimsInAJWT(t *testing.T) {
	t.Run("RFC 9068 §2.2: the static claims of the key are added, and none stands for another", func(t *testing.T) {
		k := newKit(t)
		k.change(t, ownerKey, func(c *store.Client) { c.Policy.Claims = `{"tenant":"acme","roles":["a"]}` })
		payload := func(key string) (map[string]any, int) {
			verified, err := k.ring.Verify(k.grant(t, key, "/jwt").AccessToken, k.now())
			if err != nil {
				t.Fatal(err)
			}
			var claims map[string]any
			err = json.Unmarshal(verified.Payload, &claims)
			if err != nil {
				t.Fatal(err)
			}
			return claims, strings.Count(string(verified.Payload), `"mode":"live"`)
		}
		got, modes := payload(ownerKey)
		plain, _ := payload(plainKey)
		if got["tenant"] != "acme" || len(got) != len(plain)+2 || got["mode"] != "live" || modes != 1 || got["client_id"] != ownerKey {
			t.Errorf("got %v, and without static claims %v", got, plain)
		}
	})
}

// Our own writer and the public type with its tags say the same.
func TestTheResponseIsWhatThePublicTypeSays(t *testing.T) {
	for _, r := range []oauth.TokenResponse{
		{AccessToken: "a", TokenType: oauth.Bearer, ExpiresIn: 3600, RefreshToken: "r", Scope: "/a /b"},
		{AccessToken: "a", TokenType: oauth.Bearer, ExpiresIn: 1},
	} {
		want, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(appendResponse(nil, r)); got != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
