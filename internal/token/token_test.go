package token

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func api(audience string) *mirror.API {
	return &mirror.API{API: store.API{Audience: audience}}
}

func TestClaimsAreJSONWhateverTheyHold(t *testing.T) {
	for _, id := range []string{"plain", `quote " and \ backslash`, "tab\tand\x01", "é€", "<script>"} {
		c := claims{issuer: "https://i.example", clientID: id, audience: []*mirror.API{api("https://a.example")}, scope: "/a /b", issued: 1, expires: 2}
		var got map[string]any
		text := c.append(nil)
		err := json.Unmarshal(text, &got)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		want := map[string]any{
			"iss": "https://i.example", "sub": id, "client_id": id, "aud": "https://a.example",
			"scope": "/a /b", "iat": 1.0, "exp": 2.0, "jti": strings.Repeat("A", 22),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", id, diff)
		}
	}
}

func TestAudience(t *testing.T) {
	tests := []struct {
		name string
		apis []*mirror.API
		want string
	}{
		{"one audience is a string", []*mirror.API{api("https://a.example")}, `"https://a.example"`},
		{"RFC 7519 §4.1.3: several audiences are an array", []*mirror.API{api("https://a.example"), api("https://b.example"), api("https://c.example")}, `["https://a.example","https://b.example","https://c.example"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := claims{audience: tt.apis}
			if got := string(c.appendAudience(nil)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
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

func TestRefreshHandleRoundTrip(t *testing.T) {
	h := refreshHandle{
		clientID: "5clTR_MdVrrkgxw2", scopes: []string{"/a", "/b"}, resources: []string{"https://a.example"},
		issued: time.Unix(1_700_000_000, 0), expires: time.Unix(1_800_000_000, 0),
	}
	got, err := decodeRefreshHandle(h.encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h, got, cmp.AllowUnexported(refreshHandle{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for n := range len(h.encode()) {
		_, err = decodeRefreshHandle(h.encode()[:n])
		if err == nil {
			t.Errorf("%d bytes of a payload were read", n)
		}
	}
}

func FuzzRefreshHandle(f *testing.F) {
	h := refreshHandle{clientID: "id", scopes: []string{"/a"}, issued: time.Unix(1, 0), expires: time.Unix(2, 0)}
	f.Add(h.encode())
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeRefreshHandle(b)
		if err != nil {
			return
		}
		again, err := decodeRefreshHandle(h.encode())
		if err != nil || again.clientID != h.clientID || !again.expires.Equal(h.expires) {
			t.Errorf("%x reads as %+v, and that as %+v, %v", b, h, again, err)
		}
	})
}
