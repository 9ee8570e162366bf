package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestForgetKeepsTheDatabaseAndTheKeys(t *testing.T) {
	folder := t.TempDir()
	err := os.Mkdir(filepath.Join(folder, "keys"), 0o700)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a.db": "SQLite format 3\x00", "a.db-wal": "log", "a.db.lock": "", "some.snapshot": "what it knew", "keys/master.key": "secret",
	} {
		err = os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	err = forget(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, pattern := range []string{"*", "*/*"} {
		names, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			got = append(got, name[len(folder)+1:])
		}
	}
	diff := cmp.Diff([]string{"a.db", "a.db-wal", "keys", "keys/master.key"}, got)
	if diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	size, err := sizeOf(folder)
	if err != nil || size != 19 {
		t.Errorf("got a database of %d bytes and %v, want 19", size, err)
	}
}
