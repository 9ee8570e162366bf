package clients

import (
	"os"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

// The APIs of the fixture: one for each algorithm, two of them with the typ that
// older verifiers insist on.
const (
	es256API = "https://es256.example"
	rs256API = "https://rs256.example"
	ps256API = "https://ps256.example"
)

type fixture struct {
	*blackbox.Server
	// jwks is the jwks_uri of the metadata document.
	jwks string
	// plain may use client_credentials, sdk may refresh too; rs256 and ps256 are
	// for the APIs of these names.
	plain, sdk, rs256, ps256 blackbox.Key
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	s := blackbox.Start(t, blackbox.Options{})
	s.CreateAPI(t, "--audience", es256API, "--scope", "/accounts.read", "--scope", "/accounts.write")
	s.CreateAPI(t, "--audience", rs256API, "--scope", "/rs256.read", "--alg", "RS256", "--typ", "JWT")
	s.CreateAPI(t, "--audience", ps256API, "--scope", "/ps256.read", "--alg", "PS256", "--typ", "JWT")
	return fixture{
		Server: s,
		jwks:   jwksURI(t, s),
		plain:  s.CreateKey(t, "--name", "plain", "--api", es256API, "--scope", "/accounts.read", "--scope", "/accounts.write"),
		sdk: s.CreateKey(t, "--name", "sdk", "--scope", "/accounts.read", "--scope", "/accounts.write",
			"--grant-type", "client_credentials", "--grant-type", "refresh_token"),
		rs256: s.CreateKey(t, "--name", "rs256", "--scope", "/rs256.read"),
		ps256: s.CreateKey(t, "--name", "ps256", "--scope", "/ps256.read"),
	}
}

// both is every scope of the ES256 API, in the order in which the clients ask.
const both = "/accounts.read /accounts.write"

// expect is what a token for a key of the ES256 API must say.
func expect(k blackbox.Key, scope string) expected {
	return expected{client: k.ID, audience: es256API, scope: scope, algorithm: "ES256", typ: "at+jwt"}
}
