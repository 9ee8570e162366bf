package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// work is what a limit server does for a request.
type work string

const (
	// noop answers and does not look at the request.
	noop work = "noop"
	// form parses the form and the Authorization header, and answers.
	form work = "form"
	// signP256, signEd25519 and signRSA do what form does and one bare signature, the
	// cheapest that the standard library has; signRandom is P-256 with a random nonce.
	signP256    work = "p256"
	signRandom  work = "p256random"
	signEd25519 work = "ed25519"
	signRSA     work = "rsa2048"
	// verifyP256 does what form does and verifies one P-256 signature.
	verifyP256 work = "verify"
	// exchangeP256 does what form does, verifies one P-256 signature and makes another.
	exchangeP256 work = "verifysign"
)

var errSignature = errors.New("the signature is not valid")

// labour makes what the work does with a text beside parsing, or nil. The keys are
// made once, as those of a server are.
func (w work) labour(text []byte) (func() error, error) {
	switch w {
	case noop, form:
		return nil, nil
	case signP256, signRandom, verifyP256, exchangeP256:
		return w.elliptic(text)
	case signEd25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return func() error {
			ed25519.Sign(key, text)
			return nil
		}, err
	case signRSA:
		const bits = 2048
		key, err := rsa.GenerateKey(rand.Reader, bits)
		return func() error {
			digest := sha256.Sum256(text)
			_, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
			return err
		}, err
	}
	return nil, fmt.Errorf("unknown work %q: %s, %s, %s, %s, %s, %s, %s or %s",
		w, noop, form, signP256, signRandom, signEd25519, signRSA, verifyP256, exchangeP256)
}

func (w work) elliptic(text []byte) (func() error, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	// Without randomness the nonce follows from key and digest (RFC 6979), which takes
	// less time than one that is random as well.
	var random io.Reader
	if w == signRandom {
		random = rand.Reader
	}
	sign := func() ([]byte, error) {
		digest := sha256.Sum256(text)
		return key.Sign(random, digest[:], crypto.SHA256)
	}
	if w != verifyP256 && w != exchangeP256 {
		return func() error {
			_, err := sign()
			return err
		}, nil
	}
	signature, err := sign()
	return func() error {
		digest := sha256.Sum256(text)
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
			return errSignature
		}
		if w == exchangeP256 {
			_, err := sign()
			return err
		}
		return nil
	}, err
}
