package keys_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/keys"
)

func TestEverySignatureVerifiesWithThePublishedKey(t *testing.T) {
	tests := []struct{ name, algorithm string }{
		{"RFC 7518 §3.4: ES256 is R and S of 32 bytes each", keys.ES256},
		{"RFC 7518 §3.3: RS256 with a key of 2048 bits", keys.RS256},
		{"RFC 7518 §3.5: PS256 with a salt as long as the hash", keys.PS256},
		{"RFC 8037 §3.1: EdDSA with Ed25519", keys.EdDSA},
	}
	ring := newRing(t, keys.Algorithms()...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			token := signed(t, ring.Active(tt.algorithm, noon), `{"iss":"x"}`)
			seen, err := keys.Parse(token)
			if err != nil {
				t.Fatal(err)
			}
			err = seen.Verify(ring.JWKS(noon).Body)
			if err != nil {
				t.Errorf("%s does not verify: %v", token, err)
			}
			cut := token[:len(token)-4] + "AAAA"
			altered, err := keys.Parse(cut)
			if err == nil && altered.Verify(ring.JWKS(noon).Body) == nil {
				t.Errorf("an altered signature verifies: %s", cut)
			}
			stranger := newRing(t, tt.algorithm)
			if seen.Verify(stranger.JWKS(noon).Body) == nil {
				t.Errorf("the token verifies with another server's key")
			}
		})
	}
}

func TestRepeatableSignatures(t *testing.T) {
	ring := newRing(t, keys.Algorithms()...)
	var set jose.JSONWebKeySet
	decode(t, ring.JWKS(noon).Body, &set)
	for _, algorithm := range keys.Algorithms() {
		t.Run(algorithm, func(t *testing.T) {
			key := ring.Active(algorithm, noon)
			input := []byte(base64url(`{"alg":"`+algorithm+`"}`) + "." + base64url(claims))
			first, err := key.SignRepeatably([]byte("before"), input)
			if err != nil {
				t.Fatal(err)
			}
			again, err := key.SignRepeatably([]byte("before"), input)
			if err != nil || !bytes.Equal(first, again) {
				t.Errorf("equal inputs: got %x and %x, %v", first, again, err)
			}
			signature, found := bytes.CutPrefix(first, []byte("before"))
			if !found {
				t.Fatalf("what was there before is gone: %x", first)
			}
			jws, err := jose.ParseSignedCompact(string(input)+"."+base64url(string(signature)), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)})
			if err != nil {
				t.Fatal(err)
			}
			payload, err := jws.Verify(set.Key(key.ID)[0].Key)
			if err != nil || string(payload) != claims {
				t.Errorf("go-jose: %v, payload %s", err, payload)
			}
			other, err := key.SignRepeatably([]byte("before"), append(input, 'A'))
			if err != nil || bytes.Equal(first, other) {
				t.Errorf("another input has the same signature: %x, %v", other, err)
			}
		})
	}
}

func TestRepeatableSignaturesOfTwoNodesAreEqual(t *testing.T) {
	one := &keys.Ring{Sealer: newSealer(t, keys.Secret{1}), Schedule: schedule}
	two := &keys.Ring{Sealer: newSealer(t, keys.Secret{1}), Schedule: schedule}
	for _, algorithm := range keys.Algorithms() {
		record := newKey(t, one, algorithm, noon)
		load(t, one, record)
		load(t, two, record)
		a, err := one.Active(algorithm, noon).SignRepeatably(nil, []byte("input"))
		if err != nil {
			t.Fatal(err)
		}
		b, err := two.Active(algorithm, noon.Add(time.Hour)).SignRepeatably(nil, []byte("input"))
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: got %x and %x, %v", algorithm, a, b, err)
		}
	}
}

func TestOrdinarySignaturesHaveARandomSaltWhereTheAlgorithmHasOne(t *testing.T) {
	key := newRing(t, keys.PS256).Active(keys.PS256, noon)
	a, err := key.Sign(nil, []byte("input"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := key.Sign(nil, []byte("input"))
	if err != nil || bytes.Equal(a, b) {
		t.Errorf("two signatures are %x, %v", a, err)
	}
}
