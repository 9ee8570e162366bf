package cli

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// signer makes tokens as the server does.
type signer struct {
	ring *keys.Ring
}

func newSigner(t *testing.T) *signer {
	t.Helper()
	sealer, err := keys.NewSealer(keys.Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	ring := &keys.Ring{Sealer: sealer}
	key, err := ring.New(keys.ES256, time.Now(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	err = ring.Load([]store.SigningKey{key})
	if err != nil {
		t.Fatal(err)
	}
	return &signer{ring: ring}
}

// sign makes a token; KID in the header is the key's id.
func (s *signer) sign(t *testing.T, header, claims string) string {
	t.Helper()
	key := s.ring.Active(keys.ES256, time.Now())
	encode := base64.RawURLEncoding.EncodeToString
	input := encode([]byte(strings.ReplaceAll(header, "KID", key.ID))) + "." + encode([]byte(claims))
	signature, err := key.Sign(nil, []byte(input))
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + encode(signature)
}

func TestInspect(t *testing.T) {
	s := newStandIn(t)
	ours, theirs := newSigner(t), newSigner(t)
	s.jwks = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(ours.ring.JWKS(time.Now()).Body) }
	const header = `{"alg":"ES256","typ":"at+jwt","kid":"KID"}`
	now := time.Now().Unix()
	claims := func(iss string, exp, nbf int64) string {
		return fmt.Sprintf(`{"iss":%q,"sub":"key1","aud":"https://api.example.com","scope":"/ping.read","iat":%d,"exp":%d,"nbf":%d,"big":12345678901234567890,"evil":"a\u001b[2J"}`,
			iss, now, exp, nbf)
	}
	good := ours.sign(t, header, claims(s.URL, now+630, now))
	parts := strings.Split(good, ".")
	altered := parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(claims(s.URL, now+6000, now))) + "." + parts[2]
	tests := []struct {
		name   string
		args   []string
		stdin  string
		code   int
		stdout []string
		stderr string
	}{
		{
			name: "a good token", args: []string{good},
			stdout: []string{
				"alg  ES256", "scope  /ping.read", "exp    " + fmt.Sprint(now+630), ", in 10m", "big    12345678901234567890",
				`a\u001b[2J`, "signature: valid (kid " + ours.ring.Active(keys.ES256, time.Now()).ID + ")", "validity: valid, it expires in ",
			},
		},
		{name: "a token on standard input", args: []string{"-"}, stdin: good + "\n", stdout: []string{"signature: valid"}},
		{name: "the issuer can be named", args: []string{good, "--issuer", s.URL}, stdout: []string{"signature: valid"}},
		{
			name: "an expired token", args: []string{ours.sign(t, header, claims(s.URL, now-90, now-600))}, code: 1,
			stdout: []string{"signature: valid", "validity: expired 1m3"}, stderr: "error: the token has expired",
		},
		{
			name: "a token from the future", args: []string{ours.sign(t, header, claims(s.URL, now+600, now+300))}, code: 1,
			stdout: []string{"signature: valid", "not valid yet, it begins in "}, stderr: "error: the token is not valid yet",
		},
		{
			name: "a token without an expiry", args: []string{ours.sign(t, header, fmt.Sprintf(`{"iss":%q}`, s.URL))}, code: 1,
			stdout: []string{"signature: valid", "no expiry"}, stderr: "never expires",
		},
		{
			name: "claims that were changed", args: []string{altered}, code: 1,
			stdout: []string{"scope  /ping.read", "signature: not valid"}, stderr: "error: the signature is not valid",
		},
		{
			name: "a key that the issuer does not publish", args: []string{theirs.sign(t, header, claims(s.URL, now+600, now))}, code: 1,
			stdout: []string{"signature: not valid"}, stderr: "hint: do not trust this token",
		},
		{
			name: "keys and addresses in the header are not fetched", code: 1,
			args:   []string{theirs.sign(t, fmt.Sprintf(`{"alg":"ES256","kid":"KID","jku":"%s/evil","x5u":"%s/evil"}`, s.URL, s.URL), claims(s.URL, now+600, now))},
			stdout: []string{"jku", "signature: not valid"}, stderr: "do not trust",
		},
		{
			name: "a token of another issuer", args: []string{good, "--issuer", "https://auth.example.com"}, code: 1,
			stdout: []string{"signature: not verified"}, stderr: "not by https://auth.example.com",
		},
		{
			name: "a token that names no issuer", args: []string{ours.sign(t, header, `{"exp":1}`)}, code: 1,
			stdout: []string{"signature: not verified"}, stderr: "does not say who issued it",
		},
		{name: "RFC 8725 §3.1: alg none", args: []string{"eyJhbGciOiJub25lIn0.e30."}, code: 1, stderr: "grantd: error: "},
		{name: "an opaque access token", args: []string{"gda_AAAA"}, code: 1, stderr: "error: only the server that issued this token can read it: no grantd is running on ./grantd-data"},
		{name: "a refresh token", args: []string{"gdr_AAAA", "--data", "/nowhere"}, code: 1, stderr: "can read it: no grantd is running on /nowhere"},
		{
			name: "a JWT that the server should know", args: []string{good, "--data", "/nowhere"}, code: 1,
			stdout: []string{"scope  /ping.read"}, stderr: "error: no grantd is running on /nowhere",
		},
		{name: "an encrypted token", args: []string{"a.b.c.d.e"}, code: 1, stderr: "error: this is an encrypted token"},
		{name: "anything else", args: []string{"hello"}, code: 1, stderr: "error: this is not a JWT"},
		{name: "a file where the token belongs", args: []string{"inspect_test.go"}, code: 1, stderr: "hint: to inspect the token in the file: grantd inspect - <inspect_test.go"},
		{name: "three parts of nothing", args: []string{"a.b.c"}, code: 1, stderr: "hint: check that the token is complete"},
		{name: "nothing on standard input", args: []string{"-"}, code: 1, stderr: "error: standard input holds no token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.asked = nil
			got := run(tt.stdin, nil, append([]string{"inspect"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.stderr, tt.stderr) {
				t.Errorf("got %+v, want code %d with %q", got, tt.code, tt.stderr)
			}
			for _, want := range tt.stdout {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("stdout lacks %q:\n%s", want, got.stdout)
				}
			}
			for _, path := range s.asked {
				if path == "/evil" {
					t.Error("an address in the token's header was asked")
				}
			}
			checkForm(t, got.stderr)
		})
	}
}

func TestInspectWithoutUsableKeys(t *testing.T) {
	s := newStandIn(t)
	token := newSigner(t).sign(t, `{"alg":"ES256","kid":"KID"}`, fmt.Sprintf(`{"iss":%q}`, s.URL))
	for body, want := range map[string]string{
		"<html>":     "there is no key set at",
		`{}`:         "there is no key set at",
		`{"keys":1}`: "there is no key set at",
	} {
		s.jwks = answer(200, body)
		got := run("", nil, "inspect", token)
		if got.code != 1 || !strings.Contains(got.stdout, "signature: not verified") || !strings.Contains(got.stderr, want) {
			t.Errorf("JWKS %s: %+v, want %q", body, got, want)
		}
	}
}

func TestClaimTime(t *testing.T) {
	for _, bad := range []any{nil, "1700000000", true} {
		_, ok := claimTime(bad)
		if ok {
			t.Errorf("claimTime(%v) took it for a time", bad)
		}
	}
}
