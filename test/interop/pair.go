package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
)

// pair is the key pair of the clients that sign.
type pair struct {
	// public is the file with the public key.
	public string
	// pem and jwk are the private key, as a program may want it.
	pem, jwk string
}

func newPair(dir string) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	publicDER, publicErr := x509.MarshalPKIXPublicKey(key.Public())
	privateDER, privateErr := x509.MarshalPKCS8PrivateKey(key)
	jwk, jwkErr := json.Marshal(jose.JSONWebKey{Key: key})
	p := pair{
		public: filepath.Join(dir, "public.pem"),
		pem:    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: privateDER})),
		jwk:    string(jwk),
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER})
	return p, errors.Join(publicErr, privateErr, jwkErr, os.WriteFile(p.public, text, 0o600))
}
