package hostile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

const audience = "https://api.example"

// fixture is the one server that gets all of it, so that what one request
// breaks shows in the next.
type fixture struct {
	*blackbox.Server
	// plain has client_credentials only; refresher and other have refresh_token
	// too; disabled is what it says; template was granted a template only; judge is
	// a resource server of the API.
	plain, refresher, other, disabled, template, judge blackbox.Key
	// pair was granted two accounts; page lists an origin, and fenced a network that
	// this machine is not in.
	pair, page, fenced blackbox.Key
	// guessed is the one whose secret is guessed, and slow one with a slow hash.
	guessed, slow blackbox.Key
	// disabledToken was issued while disabled was not.
	disabledToken blackbox.Token
	// imported have secrets that mean something in an encoded form.
	percent, special blackbox.Key
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	s := blackbox.Start(t, blackbox.Options{})
	s.CreateAPI(t, "--audience", audience, "--scope", "/a.read", "--scope", "/a.write", "--scope", "urn:x:read",
		"--scope", "/accounts/{accountID}/wallets.read")
	s.CreateAPI(t, "--audience", "https://other.example", "--scope", "/other.read")
	refresh := []string{"--grant-type", "client_credentials", "--grant-type", "refresh_token"}
	scopes := []string{"--scope", "/a.read", "--scope", "/a.write", "--scope", "urn:x:read"}
	create := func(name string, flags ...string) blackbox.Key {
		return s.CreateKey(t, append([]string{"--name", name}, flags...)...)
	}
	f := fixture{
		Server:    s,
		plain:     create("plain", scopes...),
		refresher: create("refresher", append(refresh, scopes...)...),
		other:     create("other", append(refresh, scopes...)...),
		disabled:  create("disabled", scopes...),
		template:  create("template", "--scope", "/accounts/{accountID}/wallets.read"),
		judge:     create("judge", scopes...),
		pair:      create("pair", "--scope", "/accounts/{accountID=a1|a2}/wallets.read"),
		page:      create("page", "--scope", "/a.read", "--origin", listedOrigin, "--origin", "https://www.example:8443"),
		fenced:    create("fenced", "--scope", "/a.read", "--network", "192.0.2.0/24", "--network", "2001:db8::/32"),
		guessed:   create("guessed", scopes...),
	}
	s.AddResourceServer(t, audience, f.judge)
	f.disabledToken = s.Token(t, f.disabled, nil)
	f.percent = f.imported(t, "percent-import", "50%zz-of+it-all-of-it", scopes)
	f.special = f.imported(t, "special-import", "a:b c+d%20&=é and more", scopes)
	f.slow = f.hashed(t, "slow-import", "correct horse battery staple",
		"$2b$05$4ap/H1W5BbqSWNl8C9bCkOlzJMq3jEZM81WXRGMlToc2zZLKEzrCS", scopes)
	s.DisableKey(t, f.disabled)
	return f
}

// imported creates a key with a secret of somebody else's choosing.
func (f fixture) imported(t *testing.T, id, secret string, scopes []string) blackbox.Key {
	t.Helper()
	return f.importedFrom(t, id, secret, "--client-secret-file", secret, scopes)
}

// hashed creates a key with a secret that is known by its hash only.
func (f fixture) hashed(t *testing.T, id, secret, hash string, scopes []string) blackbox.Key {
	t.Helper()
	return f.importedFrom(t, id, secret, "--client-secret-hash-file", hash, scopes)
}

func (f fixture) importedFrom(t *testing.T, id, secret, flag, text string, scopes []string) blackbox.Key {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	err := os.WriteFile(file, []byte(text), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	k := f.CreateKey(t, append([]string{"--name", id, "--client-id", id, flag, file}, scopes...)...)
	k.Secret = secret
	f.HideKey(k)
	return k
}

// TestHostileRequests is one test, so that its last steps see the same server
// after everything that came before them.
func TestHostileRequests(t *testing.T) {
	f := newFixture(t)
	f.warmUp(t)
	before := f.memory(t)
	t.Run("transport", f.testTransport)
	t.Run("form", f.testForm)
	t.Run("json", f.testJSON)
	t.Run("client", f.testClient)
	t.Run("grant", f.testGrant)
	t.Run("scope", f.testScope)
	t.Run("account", f.testAccount)
	t.Run("scope size", f.testScopeSize)
	t.Run("origin", f.testOrigin)
	t.Run("network", f.testNetwork)
	t.Run("revocation", f.testRevocation)
	t.Run("introspection", f.testIntrospection)
	t.Run("unknown callers", f.testUnknownCallers)
	t.Run("size", f.testSize)
	t.Run("connection", f.testConnection)
	t.Run("crowd", f.testCrowd)
	t.Run("guesses", f.testGuesses)
	t.Run("guesses at many keys", f.testGuessesAtMany)
	t.Run("guesses at a slow hash", f.testSlowGuesses)
	t.Run("origins nobody lists", f.testOriginFlood)
	t.Run("random bytes", f.testRandom)
	t.Run("memory is steady", func(t *testing.T) { f.checkMemory(t, before) })
	t.Run("the log stays small", f.testLog)
	t.Run("the metrics stay small", f.testMetrics)
	t.Run("the server still issues tokens", func(t *testing.T) { f.Token(t, f.plain, nil) })
}
