package keys

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/disk"
	"github.com/grantd/grantd/internal/fault"
)

// Secret is 32 random bytes that live outside the database: the master key or
// the pepper.
type Secret [32]byte

// maxSecrets bounds how many secrets may follow each other.
const maxSecrets = 4

// ParseSecrets reads one to four secrets with white space between them, each 43
// characters of unpadded base64url. The first is the one in use.
func ParseSecrets(text string) ([]Secret, error) {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) > maxSecrets {
		return nil, fmt.Errorf("it holds %d secrets; there can be 1 to %d", len(words), maxSecrets)
	}
	secrets := make([]Secret, 0, len(words))
	for i, word := range words {
		raw, err := strict.DecodeString(word)
		if err != nil || len(raw) != len(Secret{}) {
			return nil, fmt.Errorf("secret %d of %d is not 43 characters of base64url", i+1, len(words))
		}
		if slices.Contains(secrets, Secret(raw)) {
			return nil, fmt.Errorf("secret %d of %d is there twice", i+1, len(words))
		}
		secrets = append(secrets, Secret(raw))
	}
	return secrets, nil
}

// ReadSecretsFile reads a key file, as ParseSecrets reads its text. It refuses a
// file that others than its owner can read. A missing file is fs.ErrNotExist.
func ReadSecretsFile(path string) ([]Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("look at key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		// Opening a pipe would wait for a writer.
		return nil, fault.Hint(fmt.Errorf("key file %s is not a regular file", path), "name the file itself")
	}
	if info.Mode().Perm()&0o077 != 0 {
		err = fmt.Errorf("key file %s can be read by others (mode %04o)", path, info.Mode().Perm())
		return nil, fault.Hint(err, "run: chmod 600 '%s'", path)
	}
	file, err := os.Open(path) //nolint:gosec // the path is the operator's own configuration
	if err != nil {
		return nil, fmt.Errorf("open key file: %w", err)
	}
	defer file.Close()
	const longest = 1024
	text, err := io.ReadAll(io.LimitReader(file, longest+1))
	if err != nil {
		return nil, fmt.Errorf("read key file %s: %w", path, err)
	}
	secrets, err := ParseSecrets(string(text))
	if len(text) > longest {
		err = fmt.Errorf("it has more than %d bytes", longest)
	}
	if err != nil {
		err = fmt.Errorf("read key file %s: %w", path, err)
		return nil, fault.Hint(err, "put back the file as grantd created it, from your backup")
	}
	return secrets, nil
}

// CreateSecretFile makes a new secret and writes it to a file of mode 0600,
// durably and never over an existing one. The file appears whole or not at all.
func CreateSecretFile(path string) (Secret, error) {
	// The database must never outlive the only copy of its master key.
	err := disk.MakeDirectory(filepath.Dir(path))
	if err != nil {
		return Secret{}, fmt.Errorf("create directory of key file: %w", err)
	}
	var secret Secret
	rand.Read(secret[:])
	draft, err := writeDraft(filepath.Dir(path), base64.RawURLEncoding.EncodeToString(secret[:])+"\n")
	if err != nil {
		return Secret{}, fmt.Errorf("write key file %s: %w", path, err)
	}
	// A link, unlike a rename, never replaces what is there.
	err = os.Link(draft, path)
	err = errors.Join(err, os.Remove(draft), disk.Sync(filepath.Dir(path)))
	if errors.Is(err, fs.ErrExist) {
		return Secret{}, fmt.Errorf("key file %s exists already", path)
	}
	if err != nil {
		return Secret{}, fmt.Errorf("write key file %s: %w", path, err)
	}
	return secret, nil
}

// writeDraft writes the text to a new file of mode 0600 in the directory.
func writeDraft(directory, text string) (string, error) {
	file, err := os.CreateTemp(directory, ".new-*.key")
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}
