package keys_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// The example of RFC 7515 §A.3: its private key and its token, which names no kid.
const (
	exampleKey   = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
	exampleToken = "eyJhbGciOiJFUzI1NiJ9." +
		"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
		"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
	exampleKeyID = "example"
)

// exampleRing signs with the key of the example.
func exampleRing(t testing.TB) *keys.Ring {
	t.Helper()
	d, err := base64.RawURLEncoding.DecodeString(exampleKey)
	if err != nil {
		t.Fatal(err)
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	sealer := newSealer(t, keys.Secret{1})
	ring := &keys.Ring{Sealer: sealer, Schedule: schedule}
	load(t, ring, store.SigningKey{
		ID: exampleKeyID, Algorithm: keys.ES256, Sealed: sealer.Seal(keys.SigningKey, exampleKeyID, der),
		CreatedAt: noon, ActivatesAt: noon,
	})
	return ring
}

func TestTheExampleOfTheRFC(t *testing.T) {
	ring := exampleRing(t)
	refuseToken(t, ring, "without a kid", exampleToken)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(exampleToken, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	named := signed(t, ring.Active(keys.ES256, noon), string(payload))
	if got := verified(t, ring, named); string(got.Payload) != string(payload) {
		t.Errorf("got %s", got.Payload)
	}
	seen, err := keys.Parse(exampleToken)
	if err != nil {
		t.Fatal(err)
	}
	// The set names its key, the token does not: verifiers that try them all agree
	// that the signature is that key's.
	unnamed := strings.Replace(string(ring.JWKS(noon).Body), `"kid":"`+exampleKeyID+`",`, "", 1)
	err = seen.Verify([]byte(unnamed))
	if err != nil {
		t.Errorf("the example's signature: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	ring := exampleRing(f)
	// Every process of the fuzzer must know the same good token.
	input := base64url(`{"typ":"at+jwt","alg":"ES256","kid":"example"}`) + "." + base64url(claims)
	made, err := ring.Active(keys.ES256, noon).SignRepeatably(nil, []byte(input))
	if err != nil {
		f.Fatal(err)
	}
	good := input + "." + base64url(string(made))
	header, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	for _, seed := range []string{
		exampleToken, good, good + "\n", good + "=", "", "..", header + "..", header + "." + payload + ".", header + ".." + signature,
		base64url(`{"alg":"none","kid":"example"}`) + "." + payload + ".",
		base64url(`{"alg":"HS256","kid":"example"}`) + "." + payload + "." + signature,
		base64url(`{"alg":"ES256","kid":"example","crit":["b64"],"b64":false}`) + "." + payload + "." + signature,
		base64url(`{"alg":"ES256","kid":"example","jwk":{"kty":"EC"}}`) + "." + payload + "." + signature,
		base64url(`{"alg":"ES256","alg":"none","kid":"example"}`) + "." + payload + "." + signature,
		`{"protected":"` + header + `","payload":"` + payload + `","signature":"` + signature + `"}`,
		header + "." + base64url(`{}`) + "." + signature,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		got, err := ring.Verify(token, noon)
		if err != nil && !errors.Is(err, keys.ErrToken) {
			t.Errorf("%q: the error is %v", token, err)
		}
		if err == nil && (token != good || string(got.Payload) != claims) {
			t.Errorf("%q verifies as %+v", token, got)
		}
	})
}
