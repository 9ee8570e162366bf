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
	}
	s.AddResourceServer(t, audience, f.judge)
	f.disabledToken = s.Token(t, f.disabled, nil)
	f.percent = f.imported(t, "percent-import", "50%zz-of+it-all-of-it", scopes)
	f.special = f.imported(t, "special-import", "a:b c+d%20&=é and more", scopes)
	s.DisableKey(t, f.disabled)
	return f
}

// imported creates a key with a secret of somebody else's choosing.
func (f fixture) imported(t *testing.T, id, secret string, scopes []string) blackbox.Key {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	err := os.WriteFile(file, []byte(secret), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	k := f.CreateKey(t, append([]string{"--name", id, "--client-id", id, "--client-secret-file", file}, scopes...)...)
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
	t.Run("revocation", f.testRevocation)
	t.Run("introspection", f.testIntrospection)
	t.Run("unknown callers", f.testUnknownCallers)
	t.Run("size", f.testSize)
	t.Run("connection", f.testConnection)
	t.Run("crowd", f.testCrowd)
	t.Run("random bytes", f.testRandom)
	t.Run("memory is steady", func(t *testing.T) { f.checkMemory(t, before) })
	t.Run("the log stays small", f.testLog)
	t.Run("the metrics stay small", f.testMetrics)
	t.Run("the server still issues tokens", func(t *testing.T) { f.Token(t, f.plain, nil) })
}
