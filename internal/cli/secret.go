package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/grantd/grantd/internal/fault"
)

// readCredential reads a secret to import, or its hash, whichever file is named.
func (a *app) readCredential(secretFile, hashFile word, secret, hash *string) error {
	var err error
	if secretFile != "" {
		*secret, err = a.readSecret(string(secretFile))
	}
	if hashFile != "" {
		*hash, err = a.readHash(string(hashFile))
	}
	return err
}

// readHash reads a PHC string.
func (a *app) readHash(name string) (string, error) {
	text, err := a.readSmall(name)
	if err != nil {
		return "", err
	}
	hash := strings.TrimSpace(text)
	if hash == "" {
		return "", fault.Hint(fmt.Errorf("there is no hash in %s", source(name)), "put the hash of the client secret into it, which begins with $")
	}
	return hash, nil
}

// readSecret reads a secret from a file, or from standard input for "-". One
// line break at the end belongs to the file, not to the secret.
func (a *app) readSecret(name string) (string, error) {
	text, err := a.readSmall(name)
	if err != nil {
		return "", err
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	if secret == "" {
		return "", fault.Hint(fmt.Errorf("there is no secret in %s", source(name)), "put the client secret into it, and nothing else")
	}
	if !utf8.ValidString(secret) {
		return "", fault.Hint(fmt.Errorf("the secret in %s is not UTF-8", source(name)), "check that it is the right file, and save it as UTF-8")
	}
	return secret, nil
}

// readSmall reads what cannot be large.
func (a *app) readSmall(name string) (string, error) {
	const most = 64 << 10
	text, err := a.readFile(name, most)
	return string(text), err
}

// readFile reads a file of at most so many bytes, or standard input for "-".
func (a *app) readFile(name string, most int64) ([]byte, error) {
	from := a.stdin
	if name != "-" {
		file, err := os.Open(name) //nolint:gosec // the path is the operator's own
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fault.Hint(fmt.Errorf("there is no file %s", name), "check the path, or use - for standard input")
		}
		if err != nil {
			return nil, unreadable(name, err)
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, most+1))
	if err != nil {
		return nil, unreadable(name, err)
	}
	if int64(len(text)) > most {
		return nil, fault.Hint(fmt.Errorf("%s is larger than %d KiB", source(name), most>>10), "check that it is the right file")
	}
	return text, nil
}

// unreadable says what is wrong with a file, without naming it twice.
func unreadable(name string, err error) error {
	failed, ok := errors.AsType[*fs.PathError](err)
	if ok {
		err = failed.Err
	}
	return fault.Hint(fmt.Errorf("cannot read %s: %w", source(name), err), "check the path and who may read it")
}

func source(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}
