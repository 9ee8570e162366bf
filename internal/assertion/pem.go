package assertion

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"strings"
)

const pemHint = "make one with: openssl pkey -in private.pem -pubout"

// ReadPublicKeys makes a JWK set of a file: a JWK set, one JWK, or public keys in
// PEM. The error is a *[Fault].
func ReadPublicKeys(file []byte) (string, error) {
	file = bytes.TrimSpace(file)
	if !bytes.HasPrefix(file, []byte("-----BEGIN ")) {
		keys, err := parseSet(string(file))
		if err != nil {
			return "", err
		}
		return write(keys)
	}
	var keys []key
	for len(file) > 0 {
		block, rest := pem.Decode(file)
		if block == nil {
			return "", &Fault{"jwks", "it is not whole PEM", pemHint}
		}
		public, err := publicOf(block)
		if err != nil {
			return "", err
		}
		algorithms, reason, hint := algorithmsOf(public)
		if reason != "" {
			return "", at(len(keys), reason, hint)
		}
		keys = append(keys, key{algorithms: algorithms, public: public})
		file = bytes.TrimSpace(rest)
	}
	text, err := write(keys)
	if err != nil {
		return "", &Fault{"jwks", "it cannot be written as JWKs", pemHint}
	}
	// What holds of JWKs holds of these: how many there may be, and none twice.
	_, err = parseSet(text)
	return text, err
}

func publicOf(block *pem.Block) (crypto.PublicKey, error) {
	if strings.Contains(block.Type, "PRIVATE KEY") {
		return nil, &Fault{"jwks", "it is a private key, which no server needs", "keep it where it is, and register the public key; " + pemHint}
	}
	switch block.Type {
	case "PUBLIC KEY":
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err == nil {
			return public, nil
		}
	case "RSA PUBLIC KEY":
		public, err := x509.ParsePKCS1PublicKey(block.Bytes)
		if err == nil {
			return public, nil
		}
	case "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err == nil {
			return certificate.PublicKey, nil
		}
	}
	return nil, &Fault{"jwks", "its PEM holds no public key that can be read", pemHint}
}
