package server

import (
	"errors"
	"io/fs"

	"github.com/grantd/grantd/internal/config"
)

// Check looks at what a configuration names as far as that goes without starting
// a server: the text of the secrets, key files that are there, the certificate.
func Check(c config.Config) error {
	return errors.Join(
		checkSecret(masterKey(c)),
		checkSecret(pepper(c)),
		checkCertificate(c.TLS),
	)
}

func checkSecret(k kept) error {
	_, err := k.read()
	if errors.Is(err, fs.ErrNotExist) {
		// The first start creates it.
		return nil
	}
	return err
}

func checkCertificate(t config.TLS) error {
	if t.CertFile == "" {
		return nil
	}
	certificates := &Certificates{CertFile: t.CertFile, KeyFile: t.KeyFile}
	_, err := certificates.read()
	return err
}
