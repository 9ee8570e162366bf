package keys_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

func TestParse(t *testing.T) {
	t.Run("RFC 8725 §3.1: what is no signed token is refused", func(t *testing.T) {
		for name, token := range noTokens() {
			_, err := keys.Parse(token)
			if err == nil {
				t.Errorf("%s was read as a signed token", name)
			}
		}
	})
}

// noTokens are what no key can have signed.
func noTokens() map[string]string {
	return map[string]string{
		"nothing":          "",
		"alg none":         base64url(`{"alg":"none"}`) + "." + base64url(`{}`) + ".",
		"a symmetric key":  base64url(`{"alg":"HS256"}`) + "." + base64url(`{}`) + "." + base64url("x"),
		"JSON":             `{"payload":"e30","signatures":[]}`,
		"one million dots": strings.Repeat(".", 1_000_000),
	}
}

// rings is a ring that has never seen a token, and one that remembers those it
// has verified: both must give the same answers.
func rings(t *testing.T, algorithms ...string) (fresh, used *keys.Ring) {
	t.Helper()
	used = newRing(t)
	var records []store.SigningKey
	for _, algorithm := range algorithms {
		records = append(records, newKey(t, used, algorithm, noon))
	}
	load(t, used, records...)
	for _, algorithm := range algorithms {
		verified(t, used, signed(t, used.Active(algorithm, noon), claims))
	}
	fresh = newRing(t)
	load(t, fresh, records...)
	return fresh, used
}

func verified(t *testing.T, ring *keys.Ring, token string) keys.Verified {
	t.Helper()
	got, err := ring.Verify(token, noon)
	if err != nil {
		t.Fatalf("%s: %v", token, err)
	}
	return got
}

func refuseToken(t *testing.T, ring *keys.Ring, name, token string) {
	t.Helper()
	got, err := ring.Verify(token, noon)
	if !errors.Is(err, keys.ErrToken) {
		t.Errorf("%s: %.80q gives %+v, %v", name, token, got, err)
	}
}

func TestVerify(t *testing.T) {
	fresh, used := rings(t, keys.Algorithms()...)
	for _, algorithm := range keys.Algorithms() {
		key := used.Active(algorithm, noon)
		token := signed(t, key, claims)
		want := keys.Verified{KeyID: key.ID, Algorithm: algorithm, Type: "at+jwt", Payload: []byte(claims)}
		for _, ring := range []*keys.Ring{fresh, used, used} {
			diff := cmp.Diff(want, verified(t, ring, token))
			if diff != "" {
				t.Errorf("%s (-want +got):\n%s", algorithm, diff)
			}
		}
	}
	key := fresh.Active(keys.ES256, noon)
	good := signed(t, key, claims)
	header, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	headed := func(members string) string {
		return signedWith(t, key, `{"alg":"ES256","kid":"`+key.ID+`"`+members+`}`, claims)
	}
	refused := func(t *testing.T, tokens map[string]string) {
		t.Helper()
		for name, token := range tokens {
			refuseToken(t, fresh, name, token)
			refuseToken(t, used, name, token)
			// Nothing is remembered of a refusal.
			refuseToken(t, fresh, name, token)
		}
		verified(t, fresh, good)
	}
	t.Run("RFC 8725 §3.1: a token that is not signed with the key's own algorithm is refused", func(t *testing.T) {
		confused := base64url(`{"alg":"HS256","kid":"`+key.ID+`"}`) + "." + payload
		mac := hmac.New(sha256.New, publicDER(t, fresh, key.ID))
		mac.Write([]byte(confused))
		rsa, pss := fresh.Active(keys.RS256, noon), fresh.Active(keys.PS256, noon)
		refused(t, map[string]string{
			"HMAC with the public key as the secret": confused + "." + base64url(string(mac.Sum(nil))),
			"PS256 with the key of RS256":            signedWith(t, rsa, `{"alg":"PS256","kid":"`+rsa.ID+`"}`, claims),
			"RS256 with the key of PS256":            signedWith(t, pss, `{"alg":"RS256","kid":"`+pss.ID+`"}`, claims),
			"ES256 with the key of RS256":            signedWith(t, key, `{"alg":"ES256","kid":"`+rsa.ID+`"}`, claims),
			"alg in other letters":                   signedWith(t, key, `{"alg":"es256","kid":"`+key.ID+`"}`, claims),
			"no alg":                                 signedWith(t, key, `{"kid":"`+key.ID+`"}`, claims),
		})
	})
	t.Run("a header much longer than ours is not even read", func(t *testing.T) {
		fits := headed(`,"x":"` + strings.Repeat("a", 200) + `"`)
		verified(t, fresh, fits)
		refused(t, map[string]string{
			"long":   headed(`,"x":"` + strings.Repeat("a", 400) + `"`),
			"nested": headed(`,"x":` + strings.Repeat("[", 3000) + strings.Repeat("]", 3000)),
		})
	})
	t.Run("RFC 8725 §3.2: none is refused", func(t *testing.T) {
		for _, none := range []string{"none", "None", "NONE", ""} {
			h := base64url(`{"alg":"` + none + `","kid":"` + key.ID + `"}`)
			refused(t, map[string]string{
				"no signature": h + "." + payload + ".",
				"no last dot":  h + "." + payload,
				"a signature":  h + "." + payload + "." + signature,
			})
		}
	})
	t.Run("RFC 8725 §3.10: a key inside the token is not trusted", func(t *testing.T) {
		stranger := newRing(t, keys.ES256)
		foreign := stranger.Active(keys.ES256, noon)
		jwk := jwkOf(t, stranger, foreign.ID)
		for name, member := range map[string]string{
			"jwk": `,"jwk":` + jwk,
			"jku": `,"jku":"https://attacker.example/jwks"`,
			"x5u": `,"x5u":"https://attacker.example/chain"`,
		} {
			refused(t, map[string]string{
				name + " with our kid":   signedWith(t, foreign, `{"alg":"ES256","kid":"`+key.ID+`"`+member+`}`, claims),
				name + " with its kid":   signedWith(t, foreign, `{"alg":"ES256","kid":"`+foreign.ID+`"`+member+`}`, claims),
				name + " without a kid":  signedWith(t, foreign, `{"alg":"ES256"`+member+`}`, claims),
				"our key without a kid":  signedWith(t, key, `{"alg":"ES256"}`, claims),
				"our key and kid a list": signedWith(t, key, `{"alg":"ES256","kid":["`+key.ID+`"]}`, claims),
			})
			verified(t, fresh, headed(member))
		}
	})
	t.Run("RFC 7515 §4.1.11: a critical extension is refused", func(t *testing.T) {
		refused(t, map[string]string{
			"unknown":       headed(`,"crit":["exp"],"exp":1`),
			"unencoded":     headed(`,"crit":["b64"],"b64":true`),
			"an empty list": headed(`,"crit":[]`),
			"no list":       headed(`,"crit":"b64"`),
		})
	})
	t.Run("RFC 7515 §4: a header with a member twice is refused", func(t *testing.T) {
		refused(t, map[string]string{"kid": headed(`,"kid":"` + key.ID + `"`), "alg": headed(`,"alg":"ES256"`)})
	})
	t.Run("RFC 7515 §5.2: a token with other characters in it is refused", func(t *testing.T) {
		refused(t, map[string]string{
			"a line break at the end":     good + "\n",
			"a line break in the header":  header[:8] + "\n" + header[8:] + "." + payload + "." + signature,
			"a line break in the payload": header + "." + payload[:8] + "\r\n" + payload[8:] + "." + signature,
			"a line break in the middle":  header + ".\n" + payload + "." + signature,
			"padding":                     good + "==",
			"white space":                 " " + good,
			"spare bits":                  good[:len(good)-1] + string(good[len(good)-1]+1),
			"a fourth part":               good + "." + signature,
			"two parts":                   header + "." + payload,
			"the JSON form":               `{"protected":"` + header + `","payload":"` + payload + `","signature":"` + signature + `"}`,
		})
	})
	t.Run("every altered or cut token is refused", func(t *testing.T) {
		tokens := map[string]string{}
		for at := range len(good) {
			tokens["cut "+good[:at]] = good[:at]
			for _, c := range []byte("A_z.") {
				if good[at] != c {
					token := good[:at] + string(c) + good[at+1:]
					tokens["altered "+token] = token
				}
			}
		}
		refused(t, tokens)
	})
	t.Run("what is no token is refused", func(t *testing.T) { refused(t, noTokens()) })
	t.Run("a token of another server is refused", func(t *testing.T) {
		stranger := newRing(t, keys.ES256).Active(keys.ES256, noon)
		refused(t, map[string]string{"its own": signed(t, stranger, claims)})
	})
	t.Run("a long token is refused before it is read", func(t *testing.T) {
		verified(t, fresh, signed(t, key, `{"x":"`+strings.Repeat("x", 11_000)+`"}`))
		refused(t, map[string]string{"long": signed(t, key, `{"x":"`+strings.Repeat("x", 13_000)+`"}`)})
	})
}

func jwkOf(t *testing.T, ring *keys.Ring, kid string) string {
	t.Helper()
	var set jose.JSONWebKeySet
	decode(t, ring.JWKS(noon).Body, &set)
	text, err := json.Marshal(set.Key(kid)[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func publicDER(t *testing.T, ring *keys.Ring, kid string) []byte {
	t.Helper()
	var set jose.JSONWebKeySet
	decode(t, ring.JWKS(noon).Body, &set)
	der, err := x509.MarshalPKIXPublicKey(set.Key(kid)[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestVerifyFollowsTheKeysState(t *testing.T) {
	fresh, used := newRing(t), newRing(t)
	a, b := newKey(t, fresh, keys.ES256, noon), newKey(t, fresh, keys.ES256, minute(100))
	load(t, fresh, a, b)
	load(t, used, a, b)
	older, newer := signed(t, fresh.Active(keys.ES256, noon), claims), signed(t, fresh.Active(keys.ES256, minute(100)), claims)
	verified(t, used, older)
	verified(t, used, newer)
	tests := []struct {
		name         string
		minute       int
		older, newer bool
	}{
		{"a key that waits verifies, since another node's clock may be ahead", 0, true, true},
		{"a key that retires verifies", 100, true, true},
		{"until its last token has expired", 100 + 1440, true, true},
		{"a key that is gone does not", 100 + 1441, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, ring := range map[string]*keys.Ring{"fresh": fresh, "used": used} {
				_, olderErr := ring.Verify(older, minute(tt.minute))
				_, newerErr := ring.Verify(newer, minute(tt.minute))
				if (olderErr == nil) != tt.older || (newerErr == nil) != tt.newer {
					t.Errorf("%s ring: the older key's token %v, the newer one's %v", name, olderErr, newerErr)
				}
			}
		})
	}
	t.Run("a key that is revoked does not, though its token is remembered", func(t *testing.T) {
		a.RevokedAt = minute(5)
		for name, ring := range map[string]*keys.Ring{"fresh": fresh, "used": used} {
			load(t, ring, a, b)
			refuseToken(t, ring, name, older)
			verified(t, ring, newer)
		}
	})
}
