package server

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/keys"
)

// Check looks at what a configuration names as far as that goes without starting
// a server: the text of the secrets, key files that are there, the certificate.
func Check(c config.Config) error {
	return errors.Join(
		checkSecret(kept{name: "master key", value: c.MasterKey, file: c.MasterKeyFile}),
		checkSecret(kept{name: "pepper", value: c.Pepper, file: c.PepperFile}),
		checkCertificate(c.TLS),
	)
}

func checkSecret(k kept) error {
	if k.value.Reveal() != "" {
		_, err := keys.ParseSecret(k.value.Reveal())
		if err != nil {
			return fmt.Errorf("read the %s from the configuration: %w", k.name, err)
		}
		return nil
	}
	_, err := keys.ReadSecretFile(k.file)
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
