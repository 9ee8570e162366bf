package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/grantd/grantd/internal/fault"
)

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
	return secret, nil
}

// readSmall reads what cannot be large.
func (a *app) readSmall(name string) (string, error) {
	const most = 64 << 10
	from := a.stdin
	if name != "-" {
		file, err := os.Open(name) //nolint:gosec // the path is the operator's own
		if errors.Is(err, fs.ErrNotExist) {
			return "", fault.Hint(fmt.Errorf("there is no file %s", name), "check the path, or use - for standard input")
		}
		if err != nil {
			return "", fmt.Errorf("open file: %w", err)
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, most+1))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", source(name), err)
	}
	if len(text) > most {
		return "", fault.Hint(fmt.Errorf("%s is larger than 64 KiB", source(name)), "check that it is the right file")
	}
	return string(text), nil
}

func source(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}
