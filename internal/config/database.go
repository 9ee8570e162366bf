package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/yamlfile"
)

// Database returns the URL of the PostgreSQL database, from the setting or from the
// file that another one names. It is empty when the database is the SQLite file in
// the data directory.
func (c Config) Database() (Secret, error) {
	if c.DatabaseURLFile == "" {
		return c.DatabaseURL, nil
	}
	content, err := readLimited(c.DatabaseURLFile)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("database_url_file %s: %w", yamlfile.Shown(c.DatabaseURLFile), fs.ErrNotExist)
		return Secret{}, fault.Hint(err, "create it, with the URL of the database in it")
	}
	if err != nil {
		return Secret{}, fmt.Errorf("read database_url_file: %w", err)
	}
	// What comes out of a mounted file often ends in a newline.
	found := NewSecret(strings.TrimSpace(string(content)))
	if found.Reveal() == "" {
		err = fmt.Errorf("database_url_file %s is empty", yamlfile.Shown(c.DatabaseURLFile))
		return Secret{}, fault.Hint(err, "put the URL of the database into it")
	}
	return found, checkDatabaseURL("database_url_file", found)
}

// checkDatabaseURL looks at no more than the scheme: what else there can be in such
// a URL, the driver knows. The URL is not repeated here, because it is a secret.
func checkDatabaseURL(key string, url Secret) error {
	text := url.Reveal()
	if text == "" || strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://") {
		return nil
	}
	err := fmt.Errorf("%s is not the URL of a PostgreSQL database", key)
	return fault.Hint(err, "write it like postgres://grantd@db1.example,db2.example/grantd?sslmode=verify-full")
}
