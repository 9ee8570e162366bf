package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// secrets are the two values that live outside the database.
type secrets struct {
	master, pepper keys.Secret
	// created names the files that this start made.
	created []string
}

// kept is one secret as the configuration describes it.
type kept struct {
	name  string
	value config.Secret
	file  string
	loss  string
}

// openSecrets reads the master key and the pepper. A new database gets new ones;
// one that was in use before insists on its own.
func openSecrets(ctx context.Context, c config.Config, settings store.Settings) (secrets, error) {
	var s secrets
	var err error
	s.master, err = s.open(ctx, settings, kept{
		name: "master key", value: c.MasterKey, file: c.MasterKeyFile,
		loss: "without it the signing keys cannot be opened",
	})
	if err != nil {
		return secrets{}, err
	}
	s.pepper, err = s.open(ctx, settings, kept{
		name: "pepper", value: c.Pepper, file: c.PepperFile,
		loss: "without it no key can authenticate",
	})
	if err != nil {
		return secrets{}, err
	}
	return s, nil
}

func (s *secrets) open(ctx context.Context, settings store.Settings, k kept) (keys.Secret, error) {
	setting := "fingerprint of the " + k.name
	known, err := settings.Setting(ctx, setting)
	first := errors.Is(err, store.ErrNotFound)
	if err != nil && !first {
		return keys.Secret{}, fmt.Errorf("read the %s: %w", setting, err)
	}
	secret, err := s.read(k, first)
	if err != nil {
		return keys.Secret{}, err
	}
	print := keys.Fingerprint(secret)
	if first {
		known, err = settings.InitSetting(ctx, setting, print)
		if err != nil {
			return keys.Secret{}, fmt.Errorf("save the %s: %w", setting, err)
		}
	}
	if !bytes.Equal(known, print) {
		err = fmt.Errorf("this %s is not the one the database was made with", k.name)
		return keys.Secret{}, fault.Hint(err, "put back the right %s from your backup; %s", k.name, k.loss)
	}
	return secret, nil
}

// read takes the secret from the configuration or its file; only a database
// that has none yet gets a new file.
func (s *secrets) read(k kept, first bool) (keys.Secret, error) {
	if k.value.Reveal() != "" {
		secret, err := keys.ParseSecret(k.value.Reveal())
		if err != nil {
			err = fmt.Errorf("read the %s from the configuration: %w", k.name, err)
			return keys.Secret{}, fault.Hint(err, "make one with: openssl rand -base64 32 | tr '+/' '-_' | tr -d '='")
		}
		return secret, nil
	}
	secret, err := keys.ReadSecretFile(k.file)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	if !first {
		err = fmt.Errorf("the file of the %s is missing: %s", k.name, k.file)
		return keys.Secret{}, fault.Hint(err, "put it back from your backup; %s", k.loss)
	}
	s.created = append(s.created, k.file)
	return keys.CreateSecretFile(k.file)
}
