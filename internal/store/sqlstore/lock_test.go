package sqlstore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

// inUse fails the test unless the error says which process has the database, and
// the hint which directory it is in.
func inUse(t *testing.T, err error, pid int, path string) {
	t.Helper()
	if !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("got error %v, want %v", err, store.ErrUnavailable)
	}
	process := "process " + strconv.Itoa(pid)
	if !strings.Contains(err.Error(), process) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %q does not name %s and %s", err, process, path)
	}
	hint := fault.HintOf(err)
	if !strings.Contains(hint, process) || !strings.Contains(hint, filepath.Dir(path)) {
		t.Errorf("hint %q does not name %s and %s", hint, process, filepath.Dir(path))
	}
}

func TestSecondProcessIsToldWhoHasTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	holder := start(t, "hold", path)

	_, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: path})
	inUse(t, err, holder.Process.Pid, path)

	err = errors.Join(holder.stdin.Close(), holder.Wait())
	if err != nil {
		t.Fatalf("end the other process: %v", err)
	}
	open(t, path).Close()
}

func TestDatabaseOfAKilledProcessCanBeOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	for range 3 {
		start(t, "hold", path).kill(t)
		open(t, path).Close()
	}
}

func TestSecondStoreInOneProcessIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	s := open(t, path)
	defer s.Close()
	_, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: path})
	inUse(t, err, os.Getpid(), path)

	link := filepath.Join(t.TempDir(), "other.db")
	err = os.Symlink(path, link)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sqlstore.Open(t.Context(), sqlstore.Config{Path: link})
	inUse(t, err, os.Getpid(), path)
}

func TestCloseGivesTheLockBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	for range 3 {
		open(t, path).Close()
	}
}

func TestFailedOpenGivesTheLockBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grantd.db")
	err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sqlstore.Open(context.Background(), sqlstore.Config{Path: path})
	if err == nil {
		t.Fatal("opened a file that is no database")
	}
	err = os.Remove(path)
	if err != nil {
		t.Fatal(err)
	}
	open(t, path).Close()
}
