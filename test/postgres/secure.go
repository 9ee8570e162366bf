package postgres

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Guarded is the role whose members need their password and TLS to connect.
const Guarded = "guarded"

// access lets everybody in but the guarded.
const access = `hostssl   all +guarded 127.0.0.1/32 scram-sha-256
hostnossl all +guarded 127.0.0.1/32 reject
host      all all      127.0.0.1/32 trust
local     all all      trust
`

// CertificateFile is the certificate of the cluster, which is its own authority, in
// PEM. It is for 127.0.0.1.
func (c *Cluster) CertificateFile() string { return filepath.Join(c.dir, "server.crt") }

func (c *Cluster) secure() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	certificate := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	signed, err := x509.CreateCertificate(rand.Reader, certificate, certificate, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	keyFile := filepath.Join(c.dir, "server.key")
	c.settings = append(c.settings, "ssl=on", "ssl_cert_file="+c.CertificateFile(), "ssl_key_file="+keyFile)
	return errors.Join(
		os.WriteFile(c.CertificateFile(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), 0o644),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600),
		os.WriteFile(filepath.Join(c.data(), "pg_hba.conf"), []byte(access), 0o600),
		c.account.own(c.dir),
	)
}
