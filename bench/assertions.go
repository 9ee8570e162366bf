package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grantd/grantd/oauth"
)

// signer is a key that authenticates with assertions (RFC 7523).
type signer struct {
	id      string
	private *ecdsa.PrivateKey
}

// signer makes such a key, as an operator does.
func (g *grantd) signer(ctx context.Context) (signer, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return signer{}, err
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return signer{}, err
	}
	file := filepath.Join(g.data, "bench-signer.pem")
	err = os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600)
	if err != nil {
		return signer{}, err
	}
	text, err := g.command(ctx, "key", "create", "--data", g.data, "--json", "--name", "signer",
		"--api", jwtAudience, "--scope", jwtScope, "--auth", "private_key_jwt", "--jwks", file)
	if err != nil {
		return signer{}, err
	}
	who := credentials{}
	err = json.Unmarshal(text, &who)
	if err != nil || who.ID == "" {
		return signer{}, fmt.Errorf("read the new key: %w", err)
	}
	return signer{who.ID, private}, nil
}

const (
	// assertionsAhead is how many assertions are signed for a contender: more than it
	// can ask for. Whoever runs out of them gets refusals, and the run fails.
	assertionsAhead = 100_000
	// assertionLife is the most that grantd takes, less a little for the way.
	assertionLife = 5*time.Minute - 10*time.Second
)

// scripts are requests that are sent each once, by all connections together. They
// are signed before the first of them is sent.
func (s signer) scripts(host string) scripts {
	requests := make(chan []byte, assertionsAhead)
	// The last one comes again when there are none left.
	last := &atomic.Pointer[[]byte]{}
	signed := sync.OnceFunc(func() {
		expires := time.Now().Add(assertionLife).Unix()
		for range assertionsAhead {
			requests <- s.request(host, expires)
		}
	})
	return func(int) script {
		signed()
		return &spending{requests, last}
	}
}

// spending sends each request once.
type spending struct {
	requests <-chan []byte
	last     *atomic.Pointer[[]byte]
}

func (s *spending) next() []byte {
	select {
	case request := <-s.requests:
		s.last.Store(&request)
		return request
	default:
		return *s.last.Load()
	}
}

func (*spending) heard([]byte) bool { return true }

func (s signer) request(host string, expires int64) []byte {
	claims := fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":%q,"jti":%q,"exp":%d}`, s.id, s.id, issuer, rand.Text(), expires)
	encode := base64.RawURLEncoding.EncodeToString
	input := encode([]byte(`{"alg":"ES256"}`)) + "." + encode([]byte(claims))
	form := url.Values{
		"grant_type":            {string(oauth.ClientCredentials)},
		"client_assertion_type": {oauth.JWTBearerAssertion},
		"client_assertion":      {input + "." + encode(s.sign(input))},
	}
	return formRequest(host, tokenPath, "", form)
}

// sign makes the two numbers of a signature, one behind the other.
func (s signer) sign(input string) []byte {
	digest := sha256.Sum256([]byte(input))
	// A key of this process and a digest of the right length do not fail.
	der, _ := s.private.Sign(nil, digest[:], crypto.SHA256)
	var pair struct{ R, S *big.Int }
	_, _ = asn1.Unmarshal(der, &pair)
	const half = 32
	signature := make([]byte, 2*half)
	pair.R.FillBytes(signature[:half])
	pair.S.FillBytes(signature[half:])
	return signature
}
