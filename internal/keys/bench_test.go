package keys_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/keys"
)

// payload is about as long as what an opaque access token holds.
var payload = make([]byte, 160)

func BenchmarkSealHandle(b *testing.B) {
	sealer := newSealer(b, keys.Secret{1})
	b.ReportAllocs()
	for b.Loop() {
		sealer.SealHandle(keys.AccessToken, payload)
	}
}

func BenchmarkSealRepeatably(b *testing.B) {
	sealer := newSealer(b, keys.Secret{1})
	b.ReportAllocs()
	for b.Loop() {
		sealer.SealRepeatably(keys.AccessToken, payload)
	}
}

func BenchmarkOpenHandle(b *testing.B) {
	sealer := newSealer(b, keys.Secret{1})
	handle := sealer.SealHandle(keys.AccessToken, payload)
	b.ReportAllocs()
	for b.Loop() {
		_, err := sealer.OpenHandle(keys.AccessToken, handle)
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkActive(b *testing.B) {
	ring := newRing(b, keys.Algorithms()...)
	b.ReportAllocs()
	for b.Loop() {
		ring.Active(keys.ES256, noon)
	}
}

func BenchmarkJWKS(b *testing.B) {
	ring := newRing(b, keys.Algorithms()...)
	b.ReportAllocs()
	for b.Loop() {
		ring.JWKS(noon)
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, algorithm := range keys.Algorithms() {
		record := newKey(b, newRing(b), algorithm, noon)
		fresh := func() *keys.Ring {
			ring := newRing(b)
			load(b, ring, record)
			return ring
		}
		var tokens []string
		for n := range 500 {
			tokens = append(tokens, signed(b, fresh().Active(algorithm, noon), strings.Replace(claims, "AZuB", "A"+strconv.Itoa(100+n), 1)))
		}
		b.Run(algorithm+"/first", func(b *testing.B) {
			b.ReportAllocs()
			ring, n := fresh(), 0
			for b.Loop() {
				verify(b, ring, tokens[n])
				n++
				if n == len(tokens) {
					b.StopTimer()
					ring, n = fresh(), 0
					b.StartTimer()
				}
			}
		})
		b.Run(algorithm+"/again", func(b *testing.B) {
			b.ReportAllocs()
			ring := fresh()
			for b.Loop() {
				verify(b, ring, tokens[0])
			}
		})
	}
}

func verify(b *testing.B, ring *keys.Ring, token string) {
	_, err := ring.Verify(token, noon)
	if err != nil {
		b.Fatal(err)
	}
}

func BenchmarkDerive(b *testing.B) {
	sealer := newSealer(b, keys.Secret{1})
	b.ReportAllocs()
	for b.Loop() {
		sealer.Derive("label", payload)
	}
}

// claims are those of an ordinary access token.
const claims = `{"iss":"https://auth.example.com","sub":"5clTR_MdVrrkgxw2","client_id":"5clTR_MdVrrkgxw2",` +
	`"aud":"https://api.example.com","scope":"/accounts.read /accounts.write","iat":1767225600,"exp":1767229200,` +
	`"jti":"AZuB4kQAq1yrFzN6mXqfQQ"}`
