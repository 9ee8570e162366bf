package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/fault"
)

func TestDemoKeysStayOutOfOtherDatabases(t *testing.T) {
	dir := t.TempDir()
	_, err := once(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	demo := filepath.Join(dir, "demo.json")
	info, err := os.Stat(demo)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the demo's secrets lie in a file of mode %v, %v", info.Mode(), err)
	}
	err = os.WriteFile(demo, []byte(`{"plain":`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = once(t, dir, nil)
	if err == nil || !strings.Contains(err.Error(), "are damaged") || fault.HintOf(err) == "" {
		t.Errorf("with a damaged file: got %v, hint %q", err, fault.HintOf(err))
	}
	remove(t, dir, "demo.json")
	_, err = once(t, dir, nil)
	if err == nil || !strings.Contains(err.Error(), "was not made with --dev") || !strings.Contains(fault.HintOf(err), "without --dev") {
		t.Errorf("on a database with keys: got %v, hint %q", err, fault.HintOf(err))
	}
}
