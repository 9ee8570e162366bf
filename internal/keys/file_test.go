package keys_test

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/keys"
)

func TestKeyFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "master.key")
	_, err := keys.ReadSecretsFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a missing file gives %v", err)
	}
	made, err := keys.CreateSecretFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := keys.ReadSecretsFile(path)
	if err != nil || !slices.Equal(read, []keys.Secret{made}) {
		t.Fatalf("got %v, %v", read, err)
	}
	_, err = keys.CreateSecretFile(path)
	if err == nil {
		t.Error("an existing file was overwritten")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the key file lies %v, %v", entries, err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o611} {
		err = os.Chmod(path, mode)
		if err != nil {
			t.Fatal(err)
		}
		_, err = keys.ReadSecretsFile(path)
		if err == nil || !strings.Contains(fault.HintOf(err), "chmod 600") {
			t.Errorf("mode %04o: got %v, hint %q", mode, err, fault.HintOf(err))
		}
	}
}

func secretText(first byte) string {
	secret := keys.Secret{first}
	return base64.RawURLEncoding.EncodeToString(secret[:])
}

func TestSecretsFollowEachOther(t *testing.T) {
	one, two, three, four, five := secretText(1), secretText(2), secretText(3), secretText(4), secretText(5)
	tests := []struct {
		name, text string
		want       []keys.Secret
		fail       string
	}{
		{"one", one, []keys.Secret{{1}}, ""},
		{"one with a line break, as the file has it", one + "\n", []keys.Secret{{1}}, ""},
		{"the first line is the first secret", two + "\n" + one + "\n", []keys.Secret{{2}, {1}}, ""},
		{"any white space is between them", " " + one + " " + two + "\t" + three + "\r\n\r\n" + four + " ", []keys.Secret{{1}, {2}, {3}, {4}}, ""},
		{"none", "", nil, "0 secrets"},
		{"white space only", " \n\t", nil, "0 secrets"},
		{"five", strings.Join([]string{one, two, three, four, five}, "\n"), nil, "5 secrets"},
		{"one twice", one + "\n" + two + "\n" + one, nil, "secret 3 of 3 is there twice"},
		{"short", "abc\n", nil, "secret 1 of 1 is not 43 characters"},
		{"the second is short", one + " abc", nil, "secret 2 of 2 is not 43 characters"},
		{"padded", one + "=", nil, "not 43 characters"},
		{"spare bits", one[:42] + "B", nil, "not 43 characters"},
		{"a comment", "# old\n" + one, nil, "secret 1 of 3 is not 43 characters"},
		{"very long", strings.Repeat(" ", 2000) + one, nil, "more than 1024 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "master.key")
			err := os.WriteFile(path, []byte(tt.text), 0o600)
			if err != nil {
				t.Fatal(err)
			}
			got, err := keys.ReadSecretsFile(path)
			if tt.fail == "" && (err != nil || !slices.Equal(got, tt.want)) {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
			if tt.fail != "" && (err == nil || !strings.Contains(err.Error(), tt.fail) || !strings.Contains(fault.HintOf(err), "backup")) {
				t.Errorf("got %v, hint %q; want something about %q", err, fault.HintOf(err), tt.fail)
			}
		})
	}
}
