package sqlstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

func TestDatabaseFilesAreForTheirOwnerOnly(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	path := filepath.Join(t.TempDir(), "grantd.db")
	s := open(t, path)
	defer s.Close()
	create(t, s, "c")
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", info.Name(), info.Mode())
		}
	}
}

func TestPathMayHoldAnyCharacter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a?mode=memory&b#c %20 ü'\"")
	err := os.Mkdir(dir, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "grantd.db")
	for i := range 2 {
		s := open(t, path)
		create(t, s, strings.Repeat("c", i+1))
		s.Close()
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 {
		t.Errorf("the database is not in %s: %v", path, err)
	}
}

func TestFileThatIsNoGoodDatabaseGetsASentenceAndAHint(t *testing.T) {
	for _, test := range []struct {
		name, sentence, hint string
		path                 func(t *testing.T) string
	}{
		{"text", "file is not a database", "not an SQLite database", textFile},
		{"a damaged beginning", "file is not a database", "beginning is damaged", damagedHeader},
		{"damaged pages", "malformed", "restore the file from a backup", damagedPages},
		{"a file cut short", "malformed", "restore the file from a backup", cutShort},
		{"the database of another program", "another program", "another data directory", foreignDatabase},
		{"no directory", "no such file or directory", "exists", missingDirectory},
		{"a directory", "is not a file", "is a file in it", directory},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := test.path(t)
			err := openAndRead(t, path)
			if !errors.Is(err, store.ErrUnavailable) {
				t.Fatalf("got error %v, want %v", err, store.ErrUnavailable)
			}
			if !strings.Contains(err.Error(), test.sentence) {
				t.Errorf("error %q does not say %q", err, test.sentence)
			}
			if !strings.Contains(fault.HintOf(err), test.hint) {
				t.Errorf("hint %q does not say %q", fault.HintOf(err), test.hint)
			}
		})
	}
}

// openAndRead returns the first error on the way to all keys.
func openAndRead(t *testing.T, path string) error {
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: path})
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Clients(t.Context(), "", 1<<30)
	return err
}

func create(t testing.TB, s store.Store, id string) {
	t.Helper()
	_, err := s.Write(t.Context(), store.Origin{Actor: "system"}, store.CreateClient{Client: store.Client{ID: id, Mode: store.Live}})
	if err != nil {
		t.Fatalf("create %s: %v", id, err)
	}
}

func textFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "grantd.db")
	write(t, path, []byte(strings.Repeat("these are not the pages you are looking for\n", 200)))
	return path
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	err := os.WriteFile(path, content, 0o600)
	if err != nil {
		t.Fatal(err)
	}
}

// damaged returns a database of some size after change has been at its bytes.
func damaged(t *testing.T, change func([]byte) []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "grantd.db")
	s := open(t, path)
	for i := range 50 {
		create(t, s, strings.Repeat("x", 100+i))
	}
	s.Close()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, change(content))
	return path
}

func damagedHeader(t *testing.T) string {
	return damaged(t, func(b []byte) []byte {
		clear(b[:16])
		return b
	})
}

func damagedPages(t *testing.T) string {
	return damaged(t, func(b []byte) []byte {
		for i := 4096; i < len(b); i++ {
			b[i] = 0xa5
		}
		return b
	})
}

func cutShort(t *testing.T) string {
	return damaged(t, func(b []byte) []byte { return b[:2*4096] })
}

func foreignDatabase(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "grantd.db")
	behind(t, path, "CREATE TABLE bookmarks (url TEXT)")
	return path
}

func missingDirectory(t *testing.T) string { return filepath.Join(t.TempDir(), "missing", "grantd.db") }

func directory(t *testing.T) string { return t.TempDir() }
