package config_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
)

const secretURL = "postgres://grantd:hunter2@db/grantd"

func TestDatabaseComesFromTheSettingOrItsFile(t *testing.T) {
	t.Chdir(t.TempDir())
	err := os.WriteFile("url", []byte("\n "+secretURL+"\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for env, want := range map[string]string{
		"":                                 "",
		"GRANTD_DATABASE_URL=" + secretURL: secretURL,
		"GRANTD_DATABASE_URL_FILE=url":     secretURL,
	} {
		c, err := config.Load(config.Sources{Dev: true, Env: []string{env}})
		if err != nil {
			t.Fatal(err)
		}
		url, err := c.Database()
		if err != nil || url.Reveal() != want {
			t.Errorf("%s: got %q (%v), want %q", env, url.Reveal(), err, want)
		}
		text := printed(t, c)
		if strings.Contains(text, "hunter2") || env != "" && strings.Count(text, "database_url") != 2 {
			t.Errorf("%s: printed as\n%s", env, text)
		}
	}
}

func TestDatabaseThatIsNoGood(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{"empty": "\n", "other": "mysql://u:hunter2@db/x"} {
		err := os.WriteFile(name, []byte(content), 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name, want string
		env        []string
	}{
		{"another scheme", "database_url is not the URL of a PostgreSQL database", []string{"GRANTD_DATABASE_URL=mysql://u:hunter2@db/x"}},
		{"another scheme in the file", "database_url_file is not the URL of a PostgreSQL database", []string{"GRANTD_DATABASE_URL_FILE=other"}},
		{"an empty file", "empty is empty", []string{"GRANTD_DATABASE_URL_FILE=empty"}},
		{"no file", "database_url_file nowhere", []string{"GRANTD_DATABASE_URL_FILE=nowhere"}},
		{"both", "database_url and database_url_file are both set", []string{"GRANTD_DATABASE_URL_FILE=other", "GRANTD_DATABASE_URL=" + secretURL}},
		{"what config print shows", `the word "redacted"`, []string{"GRANTD_DATABASE_URL=redacted"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := config.Load(config.Sources{Dev: true, Env: test.env})
			if err == nil {
				_, err = c.Database()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if !strings.Contains(test.name, "both") && fault.HintOf(err) == "" {
				t.Errorf("no hint with %v", err)
			}
			if test.name == "no file" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("got %v, want %v", err, fs.ErrNotExist)
			}
		})
	}
}
