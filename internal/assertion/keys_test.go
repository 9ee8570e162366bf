package assertion

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/store"
)

func jwkOf(t testing.TB, k jose.JSONWebKey) string {
	t.Helper()
	text, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestKeysThatAreNotTaken(t *testing.T) {
	p256 := pairs()["ES256"].private
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p384 := pairs()["ES384"].private.Public()
	one := jwkOf(t, jose.JSONWebKey{Key: p256.Public(), KeyID: "a"})
	many := strings.Repeat(one+",", maxKeys) + one
	moved := strings.Replace(one, `"x":"`, `"x":"AAAA`, 1)
	for _, tt := range []struct {
		name string
		in   store.Assertions
		// field and reason are of the fault; reason is a part of it.
		field, reason string
	}{
		{"RFC 7523 §3: a private key", store.Assertions{JWKS: jwkOf(t, jose.JSONWebKey{Key: p256})}, "jwks.keys[0]", `the member "d"`},
		{"the second is private", store.Assertions{JWKS: `{"keys":[` + one + `,` + jwkOf(t, jose.JSONWebKey{Key: pairs()["EdDSA"].private}) + `]}`}, "jwks.keys[1]", `the member "d"`},
		{"a shared key", store.Assertions{JWKS: `{"kty":"oct","k":"AAAA"}`}, "jwks.keys[0]", `the member "k"`},
		{"half of a private RSA key", store.Assertions{JWKS: `{"kty":"RSA","n":"AQAB","e":"AQAB","qi":""}`}, "jwks.keys[0]", `the member "qi"`},
		{"RFC 8725 §3.2: an RSA key of 1024 bits", store.Assertions{JWKS: jwkOf(t, jose.JSONWebKey{Key: small.Public()})}, "jwks.keys[0]", "too few or too many bits"},
		{"an RSA key with an even exponent", store.Assertions{JWKS: jwkOf(t, jose.JSONWebKey{Key: &rsa.PublicKey{N: pairs()["RS256"].private.(*rsa.PrivateKey).N, E: 65536}})}, "jwks.keys[0]", "even"},
		{"another curve", store.Assertions{JWKS: jwkOf(t, jose.JSONWebKey{Key: p384})}, "jwks.keys[0]", "P-384"},
		{"a point that is not on the curve", store.Assertions{JWKS: moved}, "jwks.keys[0]", "not a public key that can be read"},
		{"an unknown kty", store.Assertions{JWKS: `{"kty":"XYZ"}`}, "jwks.keys[0]", "not a public key that can be read"},
		{"RFC 7517 §4.2: a key for encryption", store.Assertions{JWKS: jwkOf(t, jose.JSONWebKey{Key: p256.Public(), Use: "enc"})}, "jwks.keys[0]", "use"},
		{"RFC 7517 §4.4: an alg that is not the key's", store.Assertions{JWKS: jwkOf(t, jose.JSONWebKey{Key: p256.Public(), Algorithm: "RS256"})}, "jwks.keys[0]", "alg"},
		{"a key twice", store.Assertions{JWKS: `{"keys":[` + one + `,` + strings.Replace(one, `"a"`, `"b"`, 1) + `]}`}, "jwks.keys[1]", "twice"},
		{"a kid twice", store.Assertions{JWKS: `{"keys":[` + one + `,` + jwkOf(t, jose.JSONWebKey{Key: pairs()["other"].private.Public(), KeyID: "a"}) + `]}`}, "jwks.keys[1]", "kid"},
		{"a long kid", store.Assertions{JWKS: jwkOf(t, jose.JSONWebKey{Key: p256.Public(), KeyID: strings.Repeat("k", maxKid+1)})}, "jwks.keys[0]", "kid"},
		{"a kid that is not ASCII", store.Assertions{JWKS: jwkOf(t, jose.JSONWebKey{Key: p256.Public(), KeyID: "\u202e"})}, "jwks.keys[0]", "kid"},
		{"too many keys", store.Assertions{JWKS: `{"keys":[` + many + `]}`}, "jwks", "9 keys"},
		{"no keys", store.Assertions{JWKS: `{"keys":[]}`}, "jwks", "no list of keys"},
		{"keys are no list", store.Assertions{JWKS: `{"keys":{}}`}, "jwks", "no list of keys"},
		{"a key is null", store.Assertions{JWKS: `{"keys":[null]}`}, "jwks.keys[0]", "not a JSON object"},
		{"an address in the place of keys", store.Assertions{JWKS: `{"jwks_uri":"https://a.example"}`}, "jwks", "no list of keys"},
		{"a member twice", store.Assertions{JWKS: `{"keys":[],"keys":[` + one + `]}`}, "jwks", "twice"},
		{"no JSON", store.Assertions{JWKS: "x"}, "jwks", "not a JSON object"},
		{"null", store.Assertions{JWKS: "null"}, "jwks", "not a JSON object"},
		{"17 KiB", store.Assertions{JWKS: `{"keys":[` + one + `],"z":"` + strings.Repeat("z", 17<<10) + `"}`}, "jwks", "longer than"},
		{"an algorithm that no key has", store.Assertions{JWKS: one, Algorithms: []string{"ES256", "RS256"}}, "assertion_algorithms[1]", "none of the keys"},
		{"a key that is left without an algorithm", store.Assertions{JWKS: jwks(t, "ES256", "EdDSA"), Algorithms: []string{"ES256"}}, "jwks.keys[1]", "leaves it no algorithm"},
		{"an unknown audience", store.Assertions{JWKS: one, Audience: "anybody"}, "assertion_audience", "none of"},
		{"algorithms without keys", store.Assertions{Algorithms: []string{"ES256"}}, "jwks", "no key"},
		{"an audience without keys", store.Assertions{Audience: store.IssuerAudience}, "jwks", "no key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Normalize(tt.in)
			fault, ok := errors.AsType[*Fault](err)
			if !ok || fault.Field != tt.field || !strings.Contains(fault.Reason, tt.reason) || fault.Hint == "" {
				t.Errorf("got %v, want %s: …%s…", err, tt.field, tt.reason)
			}
		})
	}
}

func TestNormalize(t *testing.T) {
	p := pairs()["ES256"].private.Public()
	plain := jwkOf(t, jose.JSONWebKey{Key: p, Use: "sig"})
	for _, tt := range []struct {
		name     string
		in, want store.Assertions
	}{
		{"nothing", store.Assertions{}, store.Assertions{}},
		{"one JWK becomes a set", store.Assertions{JWKS: plain}, store.Assertions{JWKS: `{"keys":[` + plain + `]}`, Audience: store.IssuerAudience}},
		{
			"RFC 7517 §5: other members go",
			store.Assertions{JWKS: `{"keys":[` + strings.Replace(plain, "{", `{"key_ops":["verify"],"iat":1,`, 1) + `],"more":1}`},
			store.Assertions{JWKS: `{"keys":[` + plain + `]}`, Audience: store.IssuerAudience},
		},
		{
			"all algorithms are the same as none",
			store.Assertions{JWKS: jwks(t, "RS256"), Algorithms: []string{"PS256", "RS256"}},
			store.Assertions{JWKS: setOf(t, "RS256"), Audience: store.IssuerAudience},
		},
		{
			"some are in order and once each",
			store.Assertions{JWKS: jwks(t, "RS256", "ES256"), Algorithms: []string{"PS256", "ES256", "PS256"}, Audience: store.IssuerOrEndpointAudience},
			store.Assertions{JWKS: setOf(t, "RS256", "ES256"), Algorithms: []string{"ES256", "PS256"}, Audience: store.IssuerOrEndpointAudience},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Normalize(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again, err := Normalize(got)
			if err != nil || !cmp.Equal(got, again) {
				t.Errorf("a second time it is %+v, %v", again, err)
			}
		})
	}
}

// setOf is a set as it is stored.
func setOf(t testing.TB, names ...string) string {
	t.Helper()
	var list []string
	for _, name := range names {
		p := pairs()[name]
		list = append(list, jwkOf(t, jose.JSONWebKey{Key: p.private.Public(), KeyID: p.kid, Use: "sig"}))
	}
	return `{"keys":[` + strings.Join(list, ",") + `]}`
}

func TestReadPublicKeys(t *testing.T) {
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	public := func(name string) string {
		der, err := x509.MarshalPKIXPublicKey(pairs()[name].private.Public())
		if err != nil {
			t.Fatal(err)
		}
		return block("PUBLIC KEY", der)
	}
	private, err := x509.MarshalPKCS8PrivateKey(pairs()["ES256"].private)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := x509.MarshalPKIXPublicKey(curve.Public())
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&pairs()["RS256"].private.(*rsa.PrivateKey).PublicKey))
	for _, tt := range []struct {
		name, file string
		keys       int
		fault      string
	}{
		{"one", public("ES256"), 1, ""},
		{"several, with spaces around", "\n" + public("ES256") + "\n\n" + public("EdDSA") + public("RS256"), 3, ""},
		{"PKCS #1", pkcs1, 1, ""},
		{"a JWK set", jwks(t, "ES256", "RS256"), 2, ""},
		{"one JWK", jwkOf(t, jose.JSONWebKey{Key: pairs()["ES256"].private.Public()}), 1, ""},
		{"a private key", block("PRIVATE KEY", private), 0, "private key"},
		{"an encrypted private key", block("ENCRYPTED PRIVATE KEY", private), 0, "private key"},
		{"a private key behind a public one", public("ES256") + block("EC PRIVATE KEY", private), 0, "private key"},
		{"another curve", block("PUBLIC KEY", wrong), 0, "P-521"},
		{"a key twice", public("ES256") + public("ES256"), 0, "twice"},
		{"garbage in PEM", block("PUBLIC KEY", []byte("x")), 0, "no public key"},
		{"cut off", public("ES256")[:60], 0, "not whole"},
		{"text behind it", public("ES256") + "x", 0, "not whole"},
		{"another kind", block("CERTIFICATE REQUEST", private), 0, "no public key"},
		{"nothing", "", 0, "not a JSON object"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := ReadPublicKeys([]byte(tt.file))
			if tt.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Errorf("got %v, want …%s…", err, tt.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			described := Describe(store.Assertions{JWKS: text})
			if len(described) != tt.keys {
				t.Errorf("got %s", fmt.Sprint(described))
			}
		})
	}
}
