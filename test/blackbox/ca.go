package blackbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// CA is a certification authority made for one test.
type CA struct {
	// File holds its certificate, for clients that want a file.
	File string
	// Roots holds its certificate, for clients in Go.
	Roots *x509.CertPool

	tb     testing.TB
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	serial int64
}

// NewCA makes a certification authority.
func NewCA(tb testing.TB) *CA {
	tb.Helper()
	ca := &CA{tb: tb, File: filepath.Join(tb.TempDir(), "ca.pem"), Roots: x509.NewCertPool(), serial: 1}
	ca.key = newKey(tb)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "grantd test CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &ca.key.PublicKey, ca.key)
	if err != nil {
		tb.Fatalf("sign the CA: %v", err)
	}
	ca.cert, err = x509.ParseCertificate(der)
	if err != nil {
		tb.Fatalf("read the CA: %v", err)
	}
	ca.Roots.AddCert(ca.cert)
	ca.write(ca.File, "CERTIFICATE", der)
	return ca
}

// Issue writes a certificate for 127.0.0.1 and its key, each by one rename, as
// renewal programs do, and returns the certificate's serial number.
func (ca *CA) Issue(certFile, keyFile string) int64 {
	ca.tb.Helper()
	ca.serial++
	key := newKey(ca.tb)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(ca.serial), Subject: pkix.Name{CommonName: "grantd"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		ca.tb.Fatalf("sign a certificate: %v", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		ca.tb.Fatalf("encode a key: %v", err)
	}
	ca.write(keyFile, "PRIVATE KEY", private)
	ca.write(certFile, "CERTIFICATE", der)
	return ca.serial
}

func (ca *CA) write(file, kind string, der []byte) {
	ca.tb.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	err := os.WriteFile(file+".new", text, 0o600)
	if err != nil {
		ca.tb.Fatal(err)
	}
	err = os.Rename(file+".new", file)
	if err != nil {
		ca.tb.Fatal(err)
	}
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatalf("make a key: %v", err)
	}
	return key
}
