package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// secrets are the two values that live outside the database.
type secrets struct {
	// masters are the master keys: the first seals, all open. It is new when the
	// database was last used with another of them.
	masters   []keys.Secret
	newMaster bool
	pepper    keys.Secret
	// created names the files that this start made.
	created []string
}

// kept is one secret as the configuration describes it.
type kept struct {
	name  string
	value config.Secret
	file  string
	// several says that older ones may follow the first.
	several bool
	loss    string
}

// fingerprint names the setting that tells the database's own secret.
func (k kept) fingerprint() string { return "fingerprint of the " + k.name }

func masterKey(c config.Config) kept {
	return kept{
		name: "master key", value: c.MasterKey, file: c.MasterKeyFile, several: true,
		loss: "without it the signing keys cannot be opened; when no copy is left: grantd master-key abandon",
	}
}

// The pepper stays one: the hashes under it cannot be made again, because the
// server keeps no secret to hash.
func pepper(c config.Config) kept {
	return kept{
		name: "pepper", value: c.Pepper, file: c.PepperFile,
		loss: "without it no key can authenticate",
	}
}

// configuredSecrets reads the master keys and the pepper without asking the
// database whether they are its own. Whether the first master key is new is not
// known then, and nothing is created.
func configuredSecrets(c config.Config) (secrets, error) {
	masters, err := masterKey(c).read()
	if err != nil {
		return secrets{}, err
	}
	peppers, err := pepper(c).read()
	if err != nil {
		return secrets{}, err
	}
	return secrets{masters: masters, pepper: peppers[0]}, nil
}

// openSecrets reads the master keys and the pepper. A new database gets new ones;
// one that was in use before insists on its own.
func openSecrets(ctx context.Context, c config.Config, settings store.Settings) (secrets, error) {
	var s secrets
	var err error
	s.masters, s.newMaster, err = s.open(ctx, settings, masterKey(c))
	if err != nil {
		return secrets{}, err
	}
	peppers, _, err := s.open(ctx, settings, pepper(c))
	if err != nil {
		return secrets{}, err
	}
	s.pepper = peppers[0]
	return s, nil
}

// open returns the secrets, and whether another than the first is the database's.
func (s *secrets) open(ctx context.Context, settings store.Settings, k kept) ([]keys.Secret, bool, error) {
	known, err := settings.Setting(ctx, k.fingerprint())
	first := errors.Is(err, store.ErrNotFound)
	if err != nil && !first {
		return nil, false, fmt.Errorf("read the %s: %w", k.fingerprint(), err)
	}
	found, err := s.read(k, first)
	if err != nil {
		return nil, false, err
	}
	if first {
		known, err = settings.InitSetting(ctx, k.fingerprint(), keys.Fingerprint(found[0]))
		if err != nil {
			return nil, false, fmt.Errorf("save the %s: %w", k.fingerprint(), err)
		}
	}
	at := slices.IndexFunc(found, func(one keys.Secret) bool { return bytes.Equal(keys.Fingerprint(one), known) })
	if at >= 0 {
		return found, at > 0, nil
	}
	if len(found) > 1 {
		err = fmt.Errorf("none of these %d is the %s that the database was last used with", len(found), k.name)
	} else {
		err = fmt.Errorf("this %s is not the one that the database was last used with", k.name)
	}
	return nil, false, fault.Hint(err, "put back the right %s from your backup; %s", k.name, k.loss)
}

// read takes the secrets from the configuration or their file; only a database
// that has none yet gets a new file.
func (s *secrets) read(k kept, first bool) ([]keys.Secret, error) {
	found, err := k.read()
	if !errors.Is(err, fs.ErrNotExist) {
		return found, err
	}
	if !first {
		err = fmt.Errorf("the file of the %s is missing: %s", k.name, k.file)
		return nil, fault.Hint(err, "put it back from your backup; %s", k.loss)
	}
	s.created = append(s.created, k.file)
	made, err := keys.CreateSecretFile(k.file)
	return []keys.Secret{made}, err
}

// read returns what is in the configuration or in the file, which may be missing.
func (k kept) read() ([]keys.Secret, error) {
	found, err := k.all()
	if err == nil && len(found) > 1 && !k.several {
		err = fmt.Errorf("there are %d secrets where the %s should be", len(found), k.name)
		return nil, fault.Hint(err, "the %s cannot be replaced: leave only the one that your backup has", k.name)
	}
	return found, err
}

func (k kept) all() ([]keys.Secret, error) {
	if k.value.Reveal() == "" {
		return keys.ReadSecretsFile(k.file)
	}
	found, err := keys.ParseSecrets(k.value.Reveal())
	if err != nil {
		err = fmt.Errorf("read the %s from the configuration: %w", k.name, err)
		return nil, fault.Hint(err, "make one with: openssl rand -base64 32 | tr '+/' '-_' | tr -d '='")
	}
	return found, nil
}
