package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority is a certification authority for one run and the one certificate it
// signed, for localhost.
type authority struct {
	// file holds its certificate; certFile and keyFile are what servers want.
	file, certFile, keyFile string
	roots                   *x509.CertPool
	pair                    tls.Certificate
}

func newAuthority(dir string) (*authority, error) {
	a := &authority{
		file: filepath.Join(dir, "ca.pem"), certFile: filepath.Join(dir, "tls.pem"), keyFile: filepath.Join(dir, "tls.key"),
		roots: x509.NewCertPool(),
	}
	root := template(1, "grantd interop CA")
	root.IsCA, root.BasicConstraintsValid = true, true
	root.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	rootKey, rootDER, err := sign(root, root, nil)
	if err != nil {
		return nil, err
	}
	root, err = x509.ParseCertificate(rootDER)
	if err != nil {
		return nil, err
	}
	a.roots.AddCert(root)
	leaf := template(2, "localhost")
	leaf.DNSNames, leaf.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	leafKey, leafDER, err := sign(leaf, root, rootKey)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		return nil, err
	}
	err = writePEM(map[string]*pem.Block{
		a.file:     {Type: "CERTIFICATE", Bytes: rootDER},
		a.certFile: {Type: "CERTIFICATE", Bytes: leafDER},
		a.keyFile:  {Type: "PRIVATE KEY", Bytes: private},
	})
	if err != nil {
		return nil, err
	}
	a.pair, err = tls.LoadX509KeyPair(a.certFile, a.keyFile)
	return a, err
}

func template(serial int64, name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
	}
}

// sign makes a key and a certificate for it; without an issuer's key it signs itself.
func sign(cert, issuer *x509.Certificate, issuerKey *ecdsa.PrivateKey) (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	if issuerKey == nil {
		issuerKey = key
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, issuer, &key.PublicKey, issuerKey)
	if err != nil {
		return nil, nil, fmt.Errorf("sign a certificate: %w", err)
	}
	return key, der, nil
}

func writePEM(files map[string]*pem.Block) error {
	for name, block := range files {
		err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600)
		if err != nil {
			return err
		}
	}
	return nil
}
