package keys_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/keys"
)

// The payload of most examples of RFC 7515, and the public keys of the examples.
const (
	examplePayload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	exampleRSA     = `{"kty":"RSA","alg":"RS256","e":"AQAB",
		"n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}`
	exampleEC = `{"kty":"EC","alg":"ES256","crv":"P-256",
		"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	exampleEd25519 = `{"kty":"OKP","alg":"EdDSA","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	exampleRS256   = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)

// The examples name no kid, so the keys here have none either.
func TestTheExamplesOfTheRFCs(t *testing.T) {
	for _, tt := range []struct{ name, key, token string }{
		{"RFC 7515 §5.2: the RS256 example of A.2 verifies", exampleRSA, "eyJhbGciOiJSUzI1NiJ9." + examplePayload + "." + exampleRS256},
		{"RFC 7515 §5.2: the ES256 example of A.3 verifies", exampleEC, exampleToken},
		{
			"RFC 8037 §3.1: the example of A.4 verifies", exampleEd25519,
			"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ring := exampleVerifier(t, tt.key)
			if got := verified(t, ring, tt.token); got.Type != "" || base64url(string(got.Payload)) != strings.Split(tt.token, ".")[1] {
				t.Errorf("got typ %q and payload %s", got.Type, got.Payload)
			}
			set := `{"keys":[` + tt.key + `]}`
			err := inspect(tt.token, set)
			if err != nil {
				t.Errorf("inspect: %v", err)
			}
			dot := strings.Index(tt.token, ".")
			altered := tt.token[:dot+1] + "X" + tt.token[dot+2:]
			refuseToken(t, ring, "altered", altered)
			if inspect(altered, set) == nil {
				t.Errorf("inspect: %s verifies", altered)
			}
			refuseToken(t, newRing(t, keys.Algorithms()...), "no key has its kid", tt.token)
		})
	}
}

// exampleVerifier has the key under no name.
func exampleVerifier(t *testing.T, text string) *keys.Ring {
	t.Helper()
	var key jose.JSONWebKey
	decode(t, []byte(text), &key)
	return keys.RingOf("", key.Algorithm, key.Key)
}

func TestTheExamplesOfWhatIsNotAllowed(t *testing.T) {
	es256 := strings.Split(exampleToken, ".")[2]
	for _, tt := range []struct{ name, token string }{
		{"the HS256 of RFC 7515 §A.1", "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + examplePayload + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
		{
			"the ES512 of RFC 7515 §A.4",
			"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
		},
		{"the unsecured JWS of RFC 7515 §A.5 and RFC 7519 §6.1", "eyJhbGciOiJub25lIn0." + examplePayload + "."},
		{
			"the general JSON form of RFC 7515 §A.6",
			`{"payload":"` + examplePayload + `","signatures":[` +
				`{"protected":"eyJhbGciOiJSUzI1NiJ9","header":{"kid":"2010-12-29"},"signature":"` + exampleRS256 + `"},` +
				`{"protected":"eyJhbGciOiJFUzI1NiJ9","header":{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"},"signature":"` + es256 + `"}]}`,
		},
		{
			"the flattened JSON form of RFC 7515 §A.7",
			`{"payload":"` + examplePayload + `","protected":"eyJhbGciOiJFUzI1NiJ9","header":{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"},"signature":"` + es256 + `"}`,
		},
		{
			"the critical extension of RFC 7515 §E",
			"eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, key := range []string{exampleRSA, exampleEC} {
				refuseToken(t, exampleVerifier(t, key), key, tt.token)
				if inspect(tt.token, `{"keys":[`+key+`]}`) == nil {
					t.Errorf("inspect: %s verifies", tt.token)
				}
			}
			_, err := keys.Parse(tt.token)
			if err == nil {
				t.Errorf("%s was read as a JWT", tt.token)
			}
		})
	}
}

// thumbprint is that of RFC 7638 §3, made without go-jose: the hash of the required
// members in order, without white space.
func thumbprint(t *testing.T, jwk []byte) string {
	t.Helper()
	var all map[string]any
	decode(t, jwk, &all)
	required := map[string]any{}
	for _, name := range []string{"kty", "crv", "x", "y", "n", "e"} {
		if all[name] != nil {
			required[name] = all[name]
		}
	}
	text, err := json.Marshal(required)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func TestAKidIsTheBeginningOfTheThumbprint(t *testing.T) {
	for _, tt := range []struct{ name, jwk, want string }{
		{
			"the example of RFC 7638 §3.1",
			`{"kty":"RSA","alg":"RS256","kid":"2011-04-29","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}`,
			"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
		},
		{"the example of RFC 8037 §A.3", exampleEd25519, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
	} {
		if got := thumbprint(t, []byte(tt.jwk)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	decode(t, newRing(t, keys.Algorithms()...).JWKS(noon).Body, &set)
	if len(set.Keys) != len(keys.Algorithms()) {
		t.Fatalf("got %d keys", len(set.Keys))
	}
	for _, key := range set.Keys {
		var named struct {
			KeyID string `json:"kid"`
		}
		decode(t, key, &named)
		if want := thumbprint(t, key); len(named.KeyID) != 16 || !strings.HasPrefix(want, named.KeyID) {
			t.Errorf("the kid of %s is not the beginning of %s", key, want)
		}
	}
}
