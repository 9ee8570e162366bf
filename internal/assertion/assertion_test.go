package assertion

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/store"
)

const (
	clientID = "5clTR_MdVrrkgxw2"
	issuer   = "https://auth.example.com"
	endpoint = issuer + "/oauth2/token"
)

var noon = time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)

// pair is a key pair of a client.
type pair struct {
	algorithm jose.SignatureAlgorithm
	private   crypto.Signer
	kid       string
}

// pairs are made once: RSA keys are slow to make.
var pairs = sync.OnceValue(func() map[string]pair {
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	product, _ := rsa.GenerateKey(rand.Reader, leastRSA)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return map[string]pair{
		"ES256": {jose.ES256, p256, "e1"},
		"other": {jose.ES256, other, "e2"},
		"ES384": {jose.ES384, p384, "e3"},
		"EdDSA": {jose.EdDSA, edwards, "o1"},
		"RS256": {jose.RS256, product, "r1"},
		"PS256": {jose.PS256, product, "r1"},
	}
})

// jwks is the set of the public halves.
func jwks(t testing.TB, names ...string) string {
	t.Helper()
	set := jose.JSONWebKeySet{}
	for _, name := range names {
		p := pairs()[name]
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: p.private.Public(), KeyID: p.kid})
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func compile(t testing.TB, a store.Assertions) *Keys {
	t.Helper()
	keys, err := Compile(a)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

var decoys = sync.OnceValue(func() *Keys {
	keys, err := Decoys()
	if err != nil {
		panic(err)
	}
	return keys
})

// goodClaims are those of an assertion that is good at noon.
func goodClaims() map[string]any {
	return map[string]any{
		"iss": clientID, "sub": clientID, "aud": issuer, "jti": "once", "iat": noon.Unix(), "exp": noon.Add(time.Minute).Unix(),
	}
}

// with returns the good claims with one more, or another one; nil takes it out.
func with(name string, value any) string {
	claims := goodClaims()
	claims[name] = value
	if value == nil {
		delete(claims, name)
	}
	text, _ := json.Marshal(claims)
	return string(text)
}

// sign makes a JWT with any payload, and any header that names the algorithm.
func sign(t testing.TB, p pair, header map[jose.HeaderKey]any, payload string) string {
	t.Helper()
	options := &jose.SignerOptions{ExtraHeaders: header}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: p.algorithm, Key: p.private}, options)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// raw signs any header whatsoever with ES256.
func raw(t testing.TB, header, payload string) string {
	t.Helper()
	input := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	sum := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, pairs()["ES256"].private.(*ecdsa.PrivateKey), sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// judge does all that is done with an assertion.
func judge(text string, keys *Keys) error {
	a, err := Parse(text)
	if err != nil {
		return err
	}
	err = a.Verify(keys, decoys())
	if err != nil {
		return err
	}
	return a.Check(keys, Place{Issuer: issuer, TokenEndpoint: endpoint, Now: noon})
}

func TestEveryAlgorithmVerifies(t *testing.T) {
	keys := compile(t, store.Assertions{JWKS: jwks(t, "ES256", "EdDSA", "RS256")})
	for _, name := range Algorithms() {
		err := judge(sign(t, pairs()[name], nil, with("jti", "x")), keys)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClaims(t *testing.T) {
	keys := compile(t, store.Assertions{JWKS: jwks(t, "ES256")})
	lax := compile(t, store.Assertions{JWKS: jwks(t, "ES256"), Audience: store.IssuerOrEndpointAudience})
	at := func(d time.Duration) int64 { return noon.Add(d).Unix() }
	for _, tt := range []struct {
		name    string
		payload string
		want    error
		// lax is what it comes to when the token endpoint is an audience, too.
		lax error
	}{
		{"the usual ones", with("jti", "x"), nil, nil},
		{"RFC 7523 §3: iss is required", with("iss", nil), errSubject, errSubject},
		{"RFC 7523 §3: sub is required", with("sub", nil), errSubject, errSubject},
		{"RFC 7523 §3: iss and sub are the same client", with("iss", "another"), errSubject, errSubject},
		{"RFC 7523 §3: aud is required", with("aud", nil), errAudience, errAudience},
		{"RFC 7523 §3: aud is this server", with("aud", "https://elsewhere.example"), errNotOurs, errNotOurs},
		{"an issuer with a slash at its end is another one", with("aud", issuer+"/"), errNotOurs, errNotOurs},
		{"an issuer in capitals is another one", with("aud", strings.ToUpper(issuer)), errNotOurs, errNotOurs},
		{"the issuer in a list of one", with("aud", []string{issuer}), nil, nil},
		{"the token endpoint", with("aud", endpoint), errNotOurs, nil},
		{"the token endpoint in a list of one", with("aud", []string{endpoint}), errNotOurs, nil},
		{"issuer and token endpoint", with("aud", []string{issuer, endpoint}), errNotOurs, nil},
		{"the issuer and somebody else", with("aud", []string{issuer, "https://elsewhere.example"}), errNotOurs, errNotOurs},
		{"the issuer twice", with("aud", []string{issuer, issuer}), errNotOurs, nil},
		{"an empty list", with("aud", []string{}), errAudience, errAudience},
		{"RFC 7519 §4.1.3: aud is no object", with("aud", map[string]string{"a": issuer}), errAudience, errAudience},
		{"aud is a list in a list", with("aud", [][]string{{issuer}}), errAudience, errAudience},
		{"aud is a number", with("aud", 1), errAudience, errAudience},
		{"aud has null in it", with("aud", []any{issuer, nil}), errAudience, errAudience},
		{"RFC 7523 §3: exp is required", with("exp", nil), errNoExpiry, errNoExpiry},
		{"RFC 7523 §3: one that has expired is refused", with("exp", at(-time.Minute)), errExpired, errExpired},
		{"a clock that is a minute behind", with("exp", at(-59*time.Second)), nil, nil},
		{"RFC 7523 §3: an exp too far away is refused", with("exp", at(6*time.Minute+time.Second)), errTooLong, errTooLong},
		{"a clock that is a minute ahead", with("exp", at(6*time.Minute)), nil, nil},
		{"RFC 7519 §2: exp is no text", with("exp", "1935835260"), errDate, errDate},
		{"exp is null", strings.Replace(with("exp", 1), `"exp":1`, `"exp":null`, 1), errDate, errDate},
		{"exp is true", with("exp", true), errDate, errDate},
		{"exp is 1e308", strings.Replace(with("exp", 1), `"exp":1`, `"exp":1e308`, 1), errDate, errDate},
		{"exp is 1e400", strings.Replace(with("exp", 1), `"exp":1`, `"exp":1e400`, 1), errDate, errDate},
		{"exp is NaN", strings.Replace(with("exp", 1), `"exp":1`, `"exp":NaN`, 1), errClaims, errClaims},
		{"exp has a thousand digits", strings.Replace(with("exp", 1), `"exp":1`, `"exp":1`+strings.Repeat("0", 1000), 1), errDate, errDate},
		{"exp is negative", with("exp", -1), errDate, errDate},
		{"exp is before 1970 by a fraction", with("exp", -0.5), errDate, errDate},
		{"RFC 7519 §2: a fraction of a second", with("exp", float64(at(time.Minute))+0.25), nil, nil},
		{"RFC 7523 §3: one that is not valid yet is refused", with("nbf", at(2*time.Minute)), errFuture, errFuture},
		{"nbf within the skew", with("nbf", at(time.Minute)), nil, nil},
		{"nbf is a text", with("nbf", "now"), errDate, errDate},
		{"iat in the future", with("iat", at(61*time.Second)), errFuture, errFuture},
		{"iat long ago", with("iat", at(-time.Hour)), nil, nil},
		{"without iat", with("iat", nil), nil, nil},
		{"RFC 7523 §3: jti is required", with("jti", nil), errID, errID},
		{"jti is empty", with("jti", ""), errID, errID},
		{"jti of 256 bytes", with("jti", strings.Repeat("x", 256)), nil, nil},
		{"jti of 257 bytes", with("jti", strings.Repeat("x", 257)), errID, errID},
		{"jti is a number", with("jti", 1), errClaims, errClaims},
		{"RFC 7519 §4: a claim that is there twice", strings.Replace(with("jti", "x"), "{", `{"sub":"`+clientID+`",`, 1), errClaims, errClaims},
		{"an unknown claim that is there twice", strings.Replace(with("jti", "x"), "{", `{"z":1,"z":2,`, 1), errClaims, errClaims},
		{"a name in another case is another claim", strings.Replace(with("jti", "x"), `"sub"`, `"Sub"`, 1), errSubject, errSubject},
		{"RFC 7523 §3: other claims are left alone", with("scope", map[string]any{"deep": []int{1}}), nil, nil},
		{"the payload is a list", "[]", errClaims, errClaims},
		{"the payload is null", "null", errClaims, errClaims},
		{"the payload is not UTF-8", strings.Replace(with("jti", "x"), `"x"`, "\"\xff\"", 1), errClaims, errClaims},
		{"two objects", with("jti", "x") + with("jti", "y"), errClaims, errClaims},
		{"a thousand lists in each other", strings.Replace(with("jti", "x"), "{", `{"z":`+strings.Repeat("[", 1000)+strings.Repeat("]", 1000)+",", 1), nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := sign(t, pairs()["ES256"], nil, tt.payload)
			if got := judge(text, keys); got != tt.want { //nolint:errorlint // they are not wrapped
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if got := judge(text, lax); got != tt.lax { //nolint:errorlint // they are not wrapped
				t.Errorf("with the token endpoint as an audience: got %v, want %v", got, tt.lax)
			}
		})
	}
}

func TestHostileAssertions(t *testing.T) {
	keys := compile(t, store.Assertions{JWKS: jwks(t, "ES256", "other", "EdDSA", "RS256"), Algorithms: []string{"ES256", "EdDSA", "RS256"}})
	good := with("jti", "x")
	encoded := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	es256, other := pairs()["ES256"], pairs()["other"]
	public, err := x509.MarshalPKIXPublicKey(es256.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	mac := func(header string, secret []byte) string {
		input := encoded(header) + "." + encoded(good)
		h := hmac.New(sha256.New, secret)
		h.Write([]byte(input))
		return input + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
	}
	signed := sign(t, es256, nil, good)
	cut := strings.LastIndexByte(signed, '.') + 1
	parts := strings.Split(signed, ".")
	flat := fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, parts[0], parts[1], parts[2])
	own := jose.JSONWebKey{Key: other.private.Public(), KeyID: "mine"}
	stranger := func() pair {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return pair{jose.ES256, key, "s"}
	}()
	embedded := jose.JSONWebKey{Key: stranger.private.Public()}
	for _, tt := range []struct {
		name, text string
		want       error
	}{
		{"it is good", signed, nil},
		{"RFC 8725 §3.2: alg none", encoded(`{"alg":"none"}`) + "." + encoded(good) + ".", errForm},
		{"alg none with a signature", raw(t, `{"alg":"none"}`, good), errForm},
		{"alg nOnE", raw(t, `{"alg":"nOnE"}`, good), errForm},
		{"RFC 7523 §3: a MAC under the public key in DER", mac(`{"alg":"HS256"}`, public), errForm},
		{"a MAC under the JWK set", mac(`{"alg":"HS256"}`, []byte(jwks(t, "ES256"))), errForm},
		{"another curve", sign(t, pairs()["ES384"], nil, good), errForm},
		{"RFC 8725 §3.1: an algorithm that the key is not registered for", sign(t, pairs()["PS256"], nil, good), errSignature},
		{"alg is missing", raw(t, `{"typ":"JWT"}`, good), errForm},
		{"alg is a list", raw(t, `{"alg":["ES256"]}`, good), errForm},
		{"alg is there twice", raw(t, `{"alg":"ES256","alg":"none"}`, good), errForm},
		{"the kid of another key", raw(t, `{"alg":"ES256","kid":"e2"}`, good), errSignature},
		{"a kid that is nobody's", raw(t, `{"alg":"ES256","kid":"e9"}`, good), errSignature},
		{"a kid that is a path", raw(t, `{"alg":"ES256","kid":"../../dev/null"}`, good), errSignature},
		{"a kid that is a number", raw(t, `{"alg":"ES256","kid":1}`, good), errForm},
		{"its own kid", raw(t, `{"alg":"ES256","kid":"e1"}`, good), nil},
		{"the key of a stranger", sign(t, stranger, nil, good), errSignature},
		{"RFC 7523 §3: a key in the header is not used", sign(t, stranger, map[jose.HeaderKey]any{"jwk": embedded}, good), errSignature},
		{"an address of keys in the header is not used", sign(t, stranger, map[jose.HeaderKey]any{"jku": "http://127.0.0.1/keys"}, good), errSignature},
		{"an address of certificates in the header is not used", sign(t, stranger, map[jose.HeaderKey]any{"x5u": "http://127.0.0.1/x"}, good), errSignature},
		{"a registered key in the header helps nobody", sign(t, stranger, map[jose.HeaderKey]any{"jwk": own}, good), errSignature},
		{"RFC 7515 §4.1.11: crit", sign(t, es256, map[jose.HeaderKey]any{"crit": []string{"exp"}, "exp": 1}, good), errCritical},
		{"a payload that is not encoded", raw(t, `{"alg":"ES256","b64":false,"crit":["b64"]}`, good), errCritical},
		{"RFC 8725 §3.11: an access token", raw(t, `{"alg":"ES256","typ":"at+jwt"}`, good), errType},
		{"a DPoP proof", raw(t, `{"alg":"ES256","typ":"dpop+jwt"}`, good), errType},
		{"typ is a number", raw(t, `{"alg":"ES256","typ":1}`, good), errType},
		{"typ of the draft", raw(t, `{"alg":"ES256","typ":"client-authentication+jwt"}`, good), nil},
		{"typ with its tree", raw(t, `{"alg":"ES256","typ":"application/JWT"}`, good), nil},
		{"a header of 64 KB", raw(t, `{"alg":"ES256","z":"`+strings.Repeat("z", 64<<10)+`"}`, good), errForm},
		{"a payload of 16 KB", raw(t, `{"alg":"ES256"}`, with("z", strings.Repeat("z", 16<<10))), errForm},
		{"a signature of 16 KB", signed + strings.Repeat("A", 16<<10), errForm},
		{"a header that is no JSON", encoded("x") + signed[strings.IndexByte(signed, '.'):], errForm},
		{"no signature", signed[:cut], errForm},
		{"a signature of zeros", signed[:cut] + encoded(strings.Repeat("\x00", 64)), errSignature},
		{"half a signature", signed[:cut] + encoded(strings.Repeat("h", 32)), errSignature},
		{"a signature in DER", signed[:cut] + encoded("\x30\x06\x02\x01\x01\x02\x01\x01"), errSignature},
		{"RFC 7515 §5.2: padding", signed + "=", errForm},
		{"a line break in it", signed[:20] + "\n" + signed[20:], errForm},
		{"spare bits", signed[:len(signed)-1] + "B", errForm},
		{"a space before it", " " + signed, errForm},
		{"four parts", signed + ".x", errForm},
		{"the JSON serialization", flat, errForm},
		{"nothing but dots", "..", errForm},
		{"nothing", "", errForm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := judge(tt.text, keys); got != tt.want { //nolint:errorlint // they are not wrapped
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNobodySignsForAClientWithoutKeys(t *testing.T) {
	good := sign(t, pairs()["ES256"], nil, with("jti", "x"))
	for name, keys := range map[string]*Keys{"no client": nil, "a record that cannot be read": None()} {
		if got := judge(good, keys); got != errSignature { //nolint:errorlint // not wrapped
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestAKidSaysNothingOfKeysWithoutOne(t *testing.T) {
	p := pairs()["ES256"]
	set, err := json.Marshal(jose.JSONWebKey{Key: p.private.Public()})
	if err != nil {
		t.Fatal(err)
	}
	keys := compile(t, store.Assertions{JWKS: string(set)})
	err = judge(raw(t, `{"alg":"ES256","kid":"whatever the client calls it"}`, with("jti", "x")), keys)
	if err != nil {
		t.Error(err)
	}
}

func TestSpanIsWhenCheckTakesIt(t *testing.T) {
	keys := compile(t, store.Assertions{JWKS: jwks(t, "ES256")})
	for name, payload := range map[string]string{
		"with iat": with("jti", "x"), "without iat": with("iat", nil), "with nbf": with("nbf", noon.Add(30*time.Second).Unix()),
		"iat long ago": with("iat", noon.Add(-time.Hour).Unix()), "iat after exp": with("iat", noon.Add(10*time.Minute).Unix()),
	} {
		a, err := Parse(sign(t, pairs()["ES256"], nil, payload))
		if err != nil {
			t.Fatal(err)
		}
		from, until := a.Span()
		for second := -20 * 60; second < 20*60; second++ {
			now := noon.Add(time.Duration(second) * time.Second)
			taken := a.Check(keys, Place{Issuer: issuer, Now: now}) == nil
			if within := !now.Before(from) && now.Before(until); taken != within {
				t.Fatalf("%s: at %+d s it is taken: %v; within its span: %v", name, second, taken, within)
			}
		}
		if until.Sub(from) > store.LongestUse {
			t.Errorf("%s: it can be used for %v", name, until.Sub(from))
		}
	}
}

func FuzzParse(f *testing.F) {
	keys := compile(f, store.Assertions{JWKS: jwks(f, "ES256")})
	// RFC 7515 §A.3, and what this package is made for.
	f.Add("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
		"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
	f.Add(sign(f, pairs()["ES256"], nil, with("jti", "x")))
	f.Add(raw(f, `{"alg":"ES256","crit":["b64"],"b64":false}`, `{"aud":[null],"exp":1e308}`))
	f.Add(raw(f, `{"alg":"ES256","x5c":["AA"]}`, with("aud", []string{issuer})))
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse(text)
		if err != nil {
			return
		}
		if len(text) > 16<<10 {
			t.Errorf("%d bytes were read", len(text))
		}
		from, until := a.Span()
		if a.Verify(nil, decoys()) == nil {
			t.Error("nobody's assertion is verified")
		}
		// What is good is good once, within a time that can be remembered.
		if a.Check(keys, Place{Issuer: issuer, Now: noon}) == nil && (noon.Before(from) || !noon.Before(until) || until.Sub(noon) > store.LongestUse) {
			t.Errorf("%q is good at noon, and can be from %v until %v", text, from, until)
		}
	})
}
