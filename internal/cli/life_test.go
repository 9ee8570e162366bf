package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// step is one command and what it must do. TOKEN, REFRESH, OLD and NEW stand for
// what the test has at hand.
type step struct {
	args   string
	stdin  string
	code   int
	stdout string
	stderr string
}

func runSteps(t *testing.T, env []string, known *strings.Replacer, steps []step) {
	t.Helper()
	for _, s := range steps {
		got := run(known.Replace(s.stdin), env, strings.Fields(known.Replace(s.args))...)
		if got.code != s.code || !strings.Contains(got.stdout, known.Replace(s.stdout)) || !strings.Contains(got.stderr, known.Replace(s.stderr)) {
			t.Errorf("grantd %s: %+v, want %+v", s.args, got, s)
		}
		checkForm(t, got.stderr)
	}
}

// running starts a server with an API and the key k1, whose secret is
// 0123456789abcdef, and returns it with the environment that leads commands to
// it. The caller terminates it.
func running(t *testing.T) (*process, []string) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	p := startServe(t, nil, append(anyPort, "--dev", "--data", data)...)
	env := []string{"GRANTD_DATA_DIR=" + data, "GRANTD_CLIENT_SECRET=0123456789abcdef"}
	runSteps(t, env, strings.NewReplacer(), []step{
		{args: "api create --audience https://o.example --scope o --token-format opaque --refresh-token-idle-lifetime 7d", stdout: "refresh token idle limit  7d"},
		{
			args:  "key create --name k --scope o --client-id k1 --client-secret-file - --grant-type client_credentials --grant-type refresh_token",
			stdin: "0123456789abcdef\n", stdout: "imported key k1\n",
		},
	})
	return p, env
}

func TestSecretsOfAKey(t *testing.T) {
	p, env := running(t)
	defer p.terminate(t)
	hash := filepath.Join(t.TempDir(), "hash")
	err := os.WriteFile(hash, []byte("$2b$05$4ap/H1W5BbqSWNl8C9bCkOlzJMq3jEZM81WXRGMlToc2zZLKEzrCS\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	runSteps(t, env, strings.NewReplacer("HASH", hash, "ISSUER", p.issuer), []step{
		{args: "key secret add k1 --name new", stdout: "added secret new to key k1\n\n  client_id      k1\n  client_secret  "},
		{args: "key secret add k1 --name new", code: 1, stderr: `error: the key has a secret "new" already`},
		{args: "key secret add k1 --name brief --expires-in 90d --json", stdout: `"expires_at": "`},
		{args: "key secret add k1 --name past --expires-at 2001-01-01", code: 1, stderr: "error: expires_at is not in the future"},
		{args: "key secret add k1 --name mine --client-secret-file -", stdin: "fedcba9876543210\n", stdout: "imported secret mine of key k1\n"},
		{args: "key secret add k1 --name hashed --client-secret-hash-file HASH", stdout: "imported secret hashed of key k1\n"},
		{args: "key secret add k1 --name none --client-secret-hash-file -", code: 1, stderr: "error: there is no hash in standard input"},
		{args: "key secret add k1 --name none --client-secret-hash-file /nowhere", code: 1, stderr: "error: there is no file /nowhere"},
		{args: "key secret add k1 --name none --client-secret-file -", stdin: "not \xff UTF-8, and long enough", code: 1, stderr: "error: the secret in standard input is not UTF-8\ngrantd: hint: "},
		{args: "key secret add k1 --name none --client-secret-file /", code: 1, stderr: "error: cannot read /: is a directory\ngrantd: hint: "},
		{args: "key secret add k2 --name new", code: 1, stderr: `error: there is no key "k2"`},
		{args: "key create --name brief --scope o --secret-expires-in 90d", stdout: "\n  expires        20"},
		{args: "key secret list k1", stdout: "\ndefault  works          "},
		{args: "key secret list k1", stdout: "\nhashed   works, bcrypt  "},
		{args: "key secret list k1 --json", stdout: `"scheme": "bcrypt"`},
		{args: "key show k1", stdout: "  secret                 hashed, bcrypt, never used\n"},
		{args: "key secret retire k1 new", code: 1, stderr: "hint: move its users to a newer secret first; --force retires it all the same\n"},
		{args: "key secret retire k1 new --in 1d --force", stdout: "secret new of key k1 ends at "},
		{args: "token --issuer ISSUER --client-id k1", stdout: "gda_"},
		{args: "key secret retire k1 default --in 2h", stdout: " from 127.0.0.1. Whoever uses it needs another one by then.\n"},
		{args: "key secret retire k1 new --force --json", stdout: `"removed": true`},
		{args: "key secret retire k1 hashed --force", stdout: "retired secret hashed of key k1\n"},
		{args: "key secret retire k1 hashed", code: 1, stderr: `error: there is no secret "hashed"`},
	})
}

func TestTokensAreEnded(t *testing.T) {
	p, env := running(t)
	defer p.terminate(t)
	token := run("", env, "token", "--issuer", p.issuer, "--client-id", "k1", "--json")
	var issued struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
	}
	err := json.Unmarshal([]byte(token.stdout), &issued)
	if err != nil {
		t.Fatalf("%v: %+v", err, token)
	}
	// A mail program or a terminal breaks long lines.
	wrapped := issued.AccessToken[:40] + "\r\n  " + issued.AccessToken[40:80] + "\n" + issued.AccessToken[80:] + "\n"
	runSteps(t, env, strings.NewReplacer("TOKEN", issued.AccessToken, "REFRESH", issued.RefreshToken, "WRAPPED", wrapped), []step{
		{args: "inspect -", stdin: "TOKEN\n", stdout: "opaque access token\n  mode       live\n  client_id  k1\n  aud        https://o.example\n  scope      o\n"},
		{args: "inspect -", stdin: "REFRESH", stdout: "status: active unless a newer one has replaced it, it expires in 30d\n"},
		{args: "inspect gda_none", code: 1, stderr: "error: only the server that issued this token can read it: it is no token of this server"},
		{args: "inspect -", stdin: "WRAPPED", stdout: "opaque access token\n  mode       live\n  client_id  k1\n"},
		{args: "revoke token -", stdin: "WRAPPED", stdout: "revoked access token "},
		{args: "revoke token -", stdin: "TOKEN\n", stdout: "revoked access token "},
		{args: "inspect -", stdin: "TOKEN", code: 1, stdout: "status: not active, it was revoked\n", stderr: "error: the token is not active\n"},
		{args: "revoke token - --json", stdin: "REFRESH\n", stdout: `"kind": "refresh_token"`},
		{args: "inspect -", stdin: "REFRESH", code: 1, stdout: "status: not active, "},
		{args: "revoke token -", code: 1, stderr: "error: standard input holds no token"},
		{args: "revoke token -", stdin: "nonsense", code: 1, stderr: "error: it is no token of this server"},
		{args: "revoke token TOKEN", code: 2, stderr: "error: a token is not given as an argument"},
		{args: "revoke key k1", stdout: "every token of key k1 that was issued before "},
		{args: "revoke key k1 --json", stdout: `"tokens_not_before": "`},
		{args: "revoke key k1 --before 2200-01-01", code: 1, stderr: "error: before is in the future"},
		{args: "revoke key k2", code: 1, stderr: `error: there is no key "k2"`},
		{args: "revoke api https://o.example", stdout: "every token for API https://o.example that was issued before "},
		{args: "revoke api https://p.example", code: 1, stderr: `error: there is no API "https://p.example"`},
		{args: "revoke all --yes", stdout: "every token of all keys that was issued before "},
		{args: "key show k1", stdout: "  tokens not before      "},
		{args: "api show https://o.example", stdout: "  tokens not before         "},
	})
}

func TestWhatBecameOfATokenIsSaid(t *testing.T) {
	access := admin.Inspection{Kind: admin.AccessToken, ClientID: "k1", ID: "jti", Family: "f", Why: "it expired 3 days ago"}
	refresh := access
	refresh.Kind, refresh.ID = admin.RefreshToken, ""
	for _, tt := range []struct {
		in   admin.RevokedToken
		want string
	}{
		{admin.RevokedToken{Inspection: access, Revoked: true}, "revoked access token jti of key k1"},
		{admin.RevokedToken{Inspection: access}, "nothing was left to revoke of access token jti of key k1: it expired 3 days ago"},
		{admin.RevokedToken{Inspection: refresh, Revoked: true}, "revoked a refresh token of key k1, and every token of its family f"},
		{admin.RevokedToken{Inspection: refresh}, "nothing was left to revoke of a refresh token of key k1, and every token of its family f: it expired 3 days ago"},
	} {
		got := outcome(tt.in)
		if got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestASecretIsDescribedInALine(t *testing.T) {
	now := time.Date(2027, 1, 31, 18, 0, 0, 0, time.UTC)
	a := &app{now: func() time.Time { return now }}
	for _, tt := range []struct {
		secret admin.Secret
		want   string
	}{
		{admin.Secret{Name: "a"}, "a, never used"},
		{admin.Secret{Name: "a", Scheme: "bcrypt", LastUsedAt: now.Add(-time.Minute), LastUsedFrom: "10.0.0.7"}, "a, bcrypt, last used 1m ago from 10.0.0.7"},
		{admin.Secret{Name: "a", LastUsedAt: now.Add(-time.Minute)}, "a, last used 1m ago"},
	} {
		got := a.secretLine(tt.secret)
		if got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestASigningKeyThatWasRevokedBeforeItSigned(t *testing.T) {
	at := time.Date(2027, 1, 31, 18, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name    string
		revoked time.Time
		want    time.Time
	}{
		{"never signs", at.Add(-time.Minute), time.Time{}},
		{"has signed", at.Add(time.Minute), at},
	} {
		got := signsFrom(admin.SigningKey{ActivatesAt: at, RevokedAt: tt.revoked})
		if got != tt.want {
			t.Errorf("a key revoked %s its time %s: it signs from %s, want %s", tt.revoked, tt.name, got, tt.want)
		}
	}
	if got := signsFrom(admin.SigningKey{ActivatesAt: at}); got != at {
		t.Errorf("a key that was not revoked signs from %s, want %s", got, at)
	}
}

func TestSigningKeysFollowEachOther(t *testing.T) {
	p, env := running(t)
	defer p.terminate(t)
	first := signingKeys(t, env)[0]
	runSteps(t, env, strings.NewReplacer("OLD", first.ID), []step{
		{args: "signing-key list", stdout: "OLD  ES256  active "},
		{args: "signing-key rotate", stdout: "It is published now and signs from "},
		{args: "signing-key list", stdout: "  ES256  pending "},
		{args: "signing-key rotate", code: 1, stderr: "hint: wait until it does; with --now yet another one signs at once\n"},
		{args: "signing-key rotate --now", stdout: "It signs from now on.\n"},
		{args: "signing-key rotate --alg HS256", code: 1, stderr: "grantd: error: "},
		{args: "signing-key list", stdout: "OLD  ES256  retiring "},
		{args: "signing-key revoke OLD --yes", stdout: "revoked signing key OLD (ES256)\n"},
		{args: "signing-key revoke OLD --yes --json", stdout: `"state": "revoked"`},
		{args: "signing-key revoke nobody --yes", code: 1, stderr: `error: there is no signing key "nobody"`},
		{args: "signing-key rotate --now --json", stdout: `"state": "active"`},
	})
	states := map[string]int{}
	for _, key := range signingKeys(t, env) {
		states[string(key.State)]++
	}
	if states["active"] != 1 || states["revoked"] != 1 || states["pending"] != 1 || states["retiring"] != 1 {
		t.Errorf("got %v, want one of each", states)
	}
}

func signingKeys(t *testing.T, env []string) []admin.SigningKey {
	t.Helper()
	listed := run("", env, "signing-key", "list", "--json")
	var keys []admin.SigningKey
	err := json.Unmarshal([]byte(listed.stdout), &keys)
	if err != nil || len(keys) == 0 {
		t.Fatalf("%v: %+v", err, listed)
	}
	return keys
}

func TestResourceServersOfAnAPI(t *testing.T) {
	p, env := running(t)
	defer p.terminate(t)
	runSteps(t, env, strings.NewReplacer(), []step{
		{args: "api show https://o.example", stdout: "  resource servers          none\n"},
		{args: "api resource-server add https://o.example k1", stdout: "key k1 may introspect tokens for https://o.example\n"},
		{args: "api resource-server add https://o.example k1 --json", stdout: "\"resource_servers\": [\n    \"k1\"\n  ]"},
		{args: "api show https://o.example", stdout: "  resource servers          k1\n"},
		{args: "api resource-server add https://o.example k2", code: 1, stderr: `error: there is no key "k2"`},
		{args: "api resource-server add https://p.example k1", code: 1, stderr: `error: there is no API "https://p.example"`},
		{args: "api resource-server remove https://o.example k1", stdout: "key k1 may no longer introspect tokens for https://o.example\n"},
		{args: "key create --name rs --resource-server https://o.example --client-id k4 --client-secret-file -", stdin: "0123456789abcdef", stdout: "imported key k4"},
		{args: "key show k4", stdout: "  scopes                 none\n"},
		{args: "key list", stdout: "Z  none\n"},
		{args: "api resource-server remove https://o.example k4", stdout: "key k4 may no longer"},
		{args: "api resource-server remove https://o.example k1", code: 1, stderr: "grantd: error: "},
		{args: "api show https://o.example", stdout: "  resource servers          none\n"},
	})
}
